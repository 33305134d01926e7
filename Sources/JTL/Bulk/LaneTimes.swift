// A lane's histogram of elapsed times. Times are first kept in a short list, 32 to a cache line:
// with many labels, a count for each row would wait for memory each time. A full list is counted
// all at once, while the label's counts are at hand; a label of a few rows never gets any.

/// The elapsed times of one lane, in ms.
struct LaneTimes {
    /// Times not counted yet.
    private var recent: UnsafeMutablePointer<UInt16>
    private var recentCount = 0
    private var recentLimit: Int
    /// How often each time below `countedLimit` occurred.
    private var counted: UnsafeMutablePointer<UInt32>
    private var countedLimit = 0
    /// How many times were counted or are beyond the counts.
    private var emptied = 0

    /// The list grows up to this.
    private static let longest = 512
    /// The counts grow up to this; longer times go to a dictionary.
    private static let widest = 1 << 14

    init() {
        recentLimit = 32
        recent = .allocate(capacity: recentLimit)
        counted = .allocate(capacity: 1)
    }

    func deallocate() {
        recent.deallocate()
        counted.deallocate()
    }

    /// Adds a time below 65,536; false if the list is full now and must be emptied.
    @inline(__always)
    mutating func append(_ time: UInt16) -> Bool {
        recent[recentCount] = time
        recentCount &+= 1
        return recentCount < recentLimit
    }

    /// Adds sorted times, each with how often it occurs; those beyond the counts go to `far`.
    mutating func add(
        _ runs: UnsafeBufferPointer<Histogram.Count>, far: (_ time: Int64, _ times: Int) -> Void
    ) {
        // Few times wait in the list for others of their label.
        guard runs.count >= 16, emptied > 0 else {
            for run in runs { add(run, far: far) }
            return
        }
        if runs[runs.count - 1].value >= countedLimit { grow(to: runs[runs.count - 1].value) }
        for run in runs {
            emptied += run.times
            guard run.value < countedLimit else {
                far(run.value, run.times)
                continue
            }
            // Safe: only more than four billion equal times in one stretch would wrap.
            counted[Int(run.value)] &+= UInt32(truncatingIfNeeded: run.times)
        }
    }

    private mutating func add(
        _ run: Histogram.Count, far: (_ time: Int64, _ times: Int) -> Void
    ) {
        guard let time = UInt16(exactly: run.value) else { return far(run.value, run.times) }
        for _ in 0..<run.times where !append(time) { makeRoom { far(Int64($0), 1) } }
    }

    /// Makes room in the list; times beyond the counts go to `far`.
    @inline(never)
    mutating func makeRoom(far: (UInt16) -> Void) {
        if recentLimit < Self.longest {
            let larger = UnsafeMutablePointer<UInt16>.allocate(capacity: recentLimit * 4)
            larger.update(from: recent, count: recentCount)
            recent.deallocate()
            (recent, recentLimit) = (larger, recentLimit * 4)
            return
        }
        emptied += recentCount
        var longest: UInt16 = 0
        for index in 0..<recentCount { longest = max(longest, recent[index]) }
        if Int(longest) >= countedLimit { grow(to: Int64(longest)) }
        for index in 0..<recentCount {
            let time = recent[index]
            if Int(time) < countedLimit {
                // Safe: only more than four billion equal times in one stretch would wrap.
                counted[Int(time)] &+= 1
            } else {
                far(time)
            }
        }
        recentCount = 0
    }

    /// Widens the counts, but not by more than the label's rows are worth.
    private mutating func grow(to time: Int64) {
        var limit = max(64, countedLimit)
        while limit <= time, limit < Self.widest, limit < 4 * emptied { limit *= 2 }
        guard limit > countedLimit else { return }
        let wider = UnsafeMutablePointer<UInt32>.allocate(capacity: limit)
        wider.update(from: counted, count: countedLimit)
        (wider + countedLimit).initialize(repeating: 0, count: limit - countedLimit)
        counted.deallocate()
        (counted, countedLimit) = (wider, limit)
    }

    /// Hands all times to a sorter, except those that went to `far`.
    func add(to sorter: inout ElapsedSorter) {
        for index in 0..<recentCount { sorter.add(Int64(recent[index]), times: 1) }
        // Of a label with few rows most are 0, so they are looked at eight at a time.
        for block in stride(from: 0, to: countedLimit, by: 8) {
            let words = UnsafeRawPointer(counted + block)
            let all =
                words.load(as: UInt64.self) | words.load(fromByteOffset: 8, as: UInt64.self)
                | words.load(fromByteOffset: 16, as: UInt64.self)
                | words.load(fromByteOffset: 24, as: UInt64.self)
            guard all != 0 else { continue }
            for time in block..<block + 8 where counted[time] != 0 {
                sorter.add(Int64(time), times: Int(counted[time]))
            }
        }
    }
}
