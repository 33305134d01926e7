// Counts samples while JMeter writes them.
//
// Live figures go by the second in which a sample was written down, not the one it started in: such
// a second is complete once it has passed, and the sum of all seconds is the run. Seconds are those of
// the clock at the start and of the time that has passed since, so a clock that is set moves nothing.

internal import FoundationEssentials
internal import JTL
internal import Units

/// Follows a JTL and adds up what is in it.
struct SampleTail: ~Copyable {
    /// A second that has passed.
    struct Second {
        /// Seconds since 1970.
        let second: Int64
        let statistics: PackedStatistics
        /// The bytes of the file that are counted up to its end.
        let counted: Int64
    }

    private var tail: FileTail
    private var reader = SampleReader()
    private var clock: SecondClock
    private var current = Statistics()
    private var closed: [Second] = []
    private var hasFinished = false
    /// Why the file cannot be read as a JTL; nil if it can.
    private(set) var fault: String?
    private(set) var samples = 0
    private(set) var errors = 0
    private(set) var unusableLines = 0
    private var firstStart = Int64.max
    /// The bytes of the file that are counted in the seconds that have passed.
    private(set) var closedEnd: Int64 = 0

    /// Follows the file at `path`, in the seconds of `clock`.
    init(path: String, clock: SecondClock = SecondClock()) {
        tail = FileTail(path: path)
        self.clock = clock
    }

    /// Reads what has been added.
    mutating func read() {
        if let second = clock.passed() { close(second) }
        guard fault == nil else { return }
        tail.readNew { chunk in
            guard fault == nil else { return }
            do throws(JTLError) {
                try reader.consume(chunk, into: &current)
            } catch {
                fault = error.message
            }
        }
    }

    /// Reads the rest, a last line without its end included.
    mutating func finish() {
        read()
        if fault == nil {
            do throws(JTLError) {
                try reader.finish(into: &current)
            } catch {
                fault = error.message
            }
        }
        hasFinished = true
        close(clock.current)
    }

    /// The seconds that have passed since the last call, oldest first.
    mutating func takeSeconds() -> [Second] {
        if !hasFinished, let second = clock.passed() { close(second) }
        defer { closed = [] }
        return closed
    }

    private mutating func close(_ second: Int64) {
        let total = current.total
        samples += total.samples
        errors += total.errors
        unusableLines += current.unusable.count
        firstStart = min(firstStart, total.firstStart)
        closedEnd = hasFinished ? tail.position : Int64(reader.consumedBytes)
        closed.append(
            Second(
                second: second, statistics: PackedStatistics(current), counted: closedEnd))
        current = Statistics()
    }

    /// The start of the earliest sample, epoch milliseconds; complete after ``finish()``, as all totals
    /// are.
    var firstSampleMs: Int64? { firstStart == .max ? nil : firstStart }
}

/// Seconds since 1970 that only ever rise.
struct SecondClock {
    private let began = ContinuousClock.now
    private let start: Double
    private(set) var current: Int64

    /// Begins now; where this machine's clock is known to be ahead of another by so many
    /// milliseconds, the seconds are that one's.
    init(aheadBy offset: Double = 0) {
        start = Date.now.timeIntervalSince1970 - offset / 1000
        current = Int64(start)
    }

    /// The second that has passed, if one has; a clock that was not looked at skips some.
    mutating func passed() -> Int64? {
        let now = Int64(start + (ContinuousClock.now - began).inSeconds)
        guard now > current else { return nil }
        defer { current = now }
        return current
    }
}
