// Labels to lanes, once a row. Labels of up to 32 bytes are compared as four masked words in a slot
// of one cache line, exactly as the file has them, quotes included; longer ones go through a table
// of byte strings. What a label means (quotes taken off, UTF-8 repaired) is asked once for each
// spelling, when it is first seen.

import CVectors

/// Finds the lane of a label by the bytes of its field.
struct LabelTable: ~Copyable {
    fileprivate struct Slot {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0
        var length: Int32 = -1
        var lane: Int32 = -1
        // A whole cache line, so that no slot lies in two.
        var unused: (UInt64, UInt64, UInt64) = (0, 0, 0)
    }

    /// What a lookup needs of the table, good until the next insertion: held in registers over many
    /// rows, where the table itself would be loaded for each.
    struct Lookup {
        fileprivate var slots: UnsafeMutablePointer<Slot>
        /// As many bits as number the slots.
        fileprivate var bits: UInt64
        /// 32 bytes of ones and 32 of zeros: 32 bytes from the right place mask a label.
        fileprivate let masks: UnsafeMutablePointer<UInt64>
    }

    /// Many more slots than most files have labels: two labels that share one cost a wrong guess of
    /// the processor at every row of either.
    private(set) var lookup: Lookup
    private var count = 0
    private var long = LabelIndex()

    private var capacity: Int { 1 << Int(lookup.bits) }

    init() {
        let masks = UnsafeMutablePointer<UInt64>.allocate(capacity: 8)
        masks.initialize(repeating: .max, count: 4)
        (masks + 4).initialize(repeating: 0, count: 4)
        lookup = Lookup(slots: Self.slots(1 << 11), bits: 11, masks: masks)
    }

    deinit {
        lookup.slots.deallocate()
        lookup.masks.deallocate()
    }

    private static func slots(_ count: Int) -> UnsafeMutablePointer<Slot> {
        let slots = UnsafeMutablePointer<Slot>.allocate(capacity: count)
        slots.initialize(repeating: Slot(), count: count)
        return slots
    }

    /// The lane of a label too long for the slots; nil for a new one.
    @inline(never)
    func findLong(_ field: UnsafePointer<UInt8>, count: Int) -> Int? {
        long.find(UnsafeBufferPointer(start: field, count: count))
    }

    /// Notes the lane of a spelling that `find` did not know.
    mutating func insert(_ field: UnsafePointer<UInt8>, count length: Int, lane: Int) {
        guard length <= 32 else {
            long.insert(UnsafeBufferPointer(start: field, count: length), place: lane)
            return
        }
        if (count + 1) * 2 > capacity { grow() }
        var slot = lookup.key(field, length)
        slot.lane = Int32(lane)
        put(slot)
        count += 1
    }

    private func put(_ slot: Slot) {
        var place = lookup.place(of: slot)
        while lookup.slots[place].length >= 0 { place = (place + 1) & (capacity - 1) }
        lookup.slots[place] = slot
    }

    private mutating func grow() {
        let (old, size) = (lookup.slots, capacity)
        lookup.slots = Self.slots(size * 2)
        lookup.bits += 1
        for place in 0..<size where old[place].length >= 0 { put(old[place]) }
        old.deallocate()
    }
}

extension LabelTable.Lookup {
    /// Whether there are too many slots for the processor's first cache.
    var isWide: Bool { bits > 11 }

    /// Asks for the slot of a label's field of at most 32 bytes.
    @inline(__always)
    func fetch(_ field: UnsafePointer<UInt8>, count: Int) {
        lf_prefetch(slots + place(of: key(field, count)), MemoryLayout<LabelTable.Slot>.size)
    }

    /// The lane of a label's field of at most 32 bytes; -1 for a new one.
    ///
    /// 32 bytes from `field` must be readable.
    @inline(__always)
    func find(_ field: UnsafePointer<UInt8>, count length: Int) -> Int {
        let key = key(field, length)
        var place = place(of: key)
        while true {
            let slot = slots + place
            let difference =
                (slot.pointee.first ^ key.first) | (slot.pointee.second ^ key.second)
                | (slot.pointee.third ^ key.third) | (slot.pointee.fourth ^ key.fourth)
                | UInt64(truncatingIfNeeded: slot.pointee.length ^ key.length)
            if difference == 0 { return Int(slot.pointee.lane) }
            if slot.pointee.length < 0 { return -1 }
            place = (place &+ 1) & ((1 &<< Int(bits)) &- 1)
        }
    }

    @inline(__always)
    fileprivate func key(_ field: UnsafePointer<UInt8>, _ length: Int) -> LabelTable.Slot {
        let mask = UnsafeRawPointer(masks) + (32 &- length)
        func masked(_ offset: Int) -> UInt64 {
            word(at: field + offset)
                & mask.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        return LabelTable.Slot(
            first: masked(0), second: masked(8), third: masked(16), fourth: masked(24),
            length: Int32(truncatingIfNeeded: length))
    }

    /// The slot where a label belongs: the highest bits of a product, which all bits before have
    /// a part in.
    @inline(__always)
    fileprivate func place(of key: LabelTable.Slot) -> Int {
        var hash =
            (key.first &+ UInt64(truncatingIfNeeded: key.length)) &* 0x9E37_79B9_7F4A_7C15
        hash ^= (key.second ^ (key.fourth &<< 1)) &* 0xC2B2_AE3D_27D4_EB4F
        hash = (hash ^ (hash &>> 32) ^ key.third) &* 0x9FB2_1C65_1E98_DF25
        return Int(truncatingIfNeeded: hash &>> (64 &- bits))
    }
}
