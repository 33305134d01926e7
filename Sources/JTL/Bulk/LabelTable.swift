// Labels to lanes, once a row. Labels of up to 32 bytes are compared as four masked words in a slot
// of one cache line, exactly as the file has them, quotes included; longer ones go through a table
// of byte strings. What a label means (quotes taken off, UTF-8 repaired) is asked once for each
// spelling, when it is first seen.

/// Finds the lane of a label by the bytes of its field.
struct LabelTable: ~Copyable {
    private struct Slot {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0
        var length: Int32 = -1
        var lane: Int32 = -1
        // A whole cache line, so that no slot lies in two.
        var unused: (UInt64, UInt64, UInt64) = (0, 0, 0)
    }

    private var slots: UnsafeMutablePointer<Slot>
    private var capacity = 1 << 10
    private var count = 0
    /// 32 bytes of ones and 32 of zeros: 32 bytes from the right place mask a label.
    private let masks: UnsafeMutablePointer<UInt64>
    private var long = LabelIndex()

    init() {
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(), count: capacity)
        masks = .allocate(capacity: 8)
        masks.initialize(repeating: .max, count: 4)
        (masks + 4).initialize(repeating: 0, count: 4)
    }

    deinit {
        slots.deallocate()
        masks.deallocate()
    }

    /// The lane of a label's field; -1 for a new one, which must then be inserted.
    ///
    /// 32 bytes from `field` must be readable.
    @inline(__always)
    func find(_ field: UnsafePointer<UInt8>, count length: Int) -> Int {
        guard length <= 32 else { return findLong(field, count: length) }
        let key = key(field, length)
        var place = hash(key) & (capacity &- 1)
        while true {
            let slot = slots + place
            let difference =
                (slot.pointee.first ^ key.first) | (slot.pointee.second ^ key.second)
                | (slot.pointee.third ^ key.third) | (slot.pointee.fourth ^ key.fourth)
                | UInt64(truncatingIfNeeded: slot.pointee.length ^ key.length)
            if difference == 0 { return Int(slot.pointee.lane) }
            if slot.pointee.length < 0 { return -1 }
            place = (place &+ 1) & (capacity &- 1)
        }
    }

    /// Notes the lane of a spelling that `find` did not know.
    mutating func insert(_ field: UnsafePointer<UInt8>, count length: Int, lane: Int) {
        guard length <= 32 else {
            long.insert(UnsafeBufferPointer(start: field, count: length), place: lane)
            return
        }
        if (count + 1) * 2 > capacity { grow() }
        var slot = key(field, length)
        slot.lane = Int32(lane)
        put(slot)
        count += 1
    }

    @inline(never)
    private func findLong(_ field: UnsafePointer<UInt8>, count: Int) -> Int {
        long.find(UnsafeBufferPointer(start: field, count: count)) ?? -1
    }

    @inline(__always)
    private func key(_ field: UnsafePointer<UInt8>, _ length: Int) -> Slot {
        let mask = UnsafeRawPointer(masks) + (32 &- length)
        func masked(_ offset: Int) -> UInt64 {
            word(at: field + offset)
                & mask.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        return Slot(
            first: masked(0), second: masked(8), third: masked(16), fourth: masked(24),
            length: Int32(truncatingIfNeeded: length))
    }

    @inline(__always)
    private func hash(_ key: Slot) -> Int {
        var hash =
            (key.first &+ UInt64(truncatingIfNeeded: key.length)) &* 0x9E37_79B9_7F4A_7C15
        hash ^= (key.second ^ (key.fourth &<< 1)) &* 0xC2B2_AE3D_27D4_EB4F
        hash = (hash ^ (hash &>> 32) ^ key.third) &* 0x9FB2_1C65_1E98_DF25
        return Int(truncatingIfNeeded: hash &>> 32)
    }

    private func put(_ slot: Slot) {
        var place = hash(slot) & (capacity - 1)
        while slots[place].length >= 0 { place = (place + 1) & (capacity - 1) }
        slots[place] = slot
    }

    private mutating func grow() {
        let (old, size) = (slots, capacity)
        capacity = size * 2
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(), count: capacity)
        for place in 0..<size where old[place].length >= 0 { put(old[place]) }
        old.deallocate()
    }
}
