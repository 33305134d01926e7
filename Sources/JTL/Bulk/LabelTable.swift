// Labels to lanes, once a row. Labels of up to 32 bytes are found by a loop of `CVectors` in slots of
// one cache line each, exactly as the file has them, quotes included; longer ones go through a table
// of byte strings. What a label means (quotes taken off, UTF-8 repaired) is asked once for each
// spelling, when it is first seen.

import CVectors

/// Finds the lane of a label by the bytes of its field.
struct LabelTable: ~Copyable {
    /// Many more slots than most files have labels: two labels that share one cost a wrong guess of
    /// the processor at every row of either.
    private(set) var slots: lf_labels
    private var count = 0
    private var long = LabelIndex()
    private let loops: lf_loops

    private var capacity: Int { 1 << Int(slots.bits) }

    init(_ loops: lf_loops) {
        self.loops = loops
        slots = Self.slots(bits: 11)
    }

    deinit { slots.slots.deallocate() }

    private static func slots(bits: UInt64) -> lf_labels {
        let slots = UnsafeMutablePointer<lf_slot>.allocate(capacity: 1 << Int(bits))
        var free = lf_slot()
        free.length = -1
        slots.initialize(repeating: free, count: 1 << Int(bits))
        return lf_labels(slots: slots, bits: bits, is_wide: bits > 11 ? 1 : 0)
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
        put(field, count: length, lane: Int32(lane))
        count += 1
    }

    private func put(_ label: UnsafePointer<UInt8>, count: Int, lane: Int32) {
        var slot = lf_slot()
        var place = loops.make_slot(label, count, slots, &slot)
        slot.lane = lane
        while slots.slots[place].length >= 0 { place = (place + 1) & (capacity - 1) }
        slots.slots[place] = slot
    }

    private mutating func grow() {
        let (old, size) = (slots.slots, capacity)
        slots = Self.slots(bits: slots.bits + 1)
        for place in 0..<size where old[place].length >= 0 {
            let label = UnsafeRawPointer(old + place).assumingMemoryBound(to: UInt8.self)
            put(label, count: Int(old[place].length), lane: old[place].lane)
        }
        old.deallocate()
    }
}
