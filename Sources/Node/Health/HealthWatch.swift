// Watches one JMeter for signs that it, and not the target, limited the load: the machine's health
// second by second, what the samples and JMeter's log say, and whether all threads and the whole
// rate came to be. A worker has all of this first-hand, so it judges itself; the verdict only reads.

internal import FoundationEssentials
internal import JMeter
internal import Store

/// Watches the JMeter of a part in a run.
struct HealthWatch: Sendable {
    private let node: String
    private let heapMebibytes: Int
    private var meter: HealthMeter
    private var saturation = SaturationWatch()
    private var sums = HealthSums()
    private var signs: SampleSigns
    private var log: LineTail
    private var console: LineTail
    private var threads = StartedThreads()
    private var rate: RateWatch?
    private var disk: DiskWatch?
    private var exhaustion: Saturation?
    private var hasLoad: Bool

    /// The last second's health.
    private(set) var health: NodeHealth?

    /// Begins to watch; the paths are absolute.
    ///
    /// With `hasLoad` the load begins now, in a Java that has been started before; one that does not
    /// write its samples has no use for a disk.
    init(
        _ part: RunPart, pid: Int32, samples: String, console: String, rate: RateWatch? = nil,
        hasLoad: Bool = false, writesSamples: Bool = true
    ) {
        self.hasLoad = hasLoad
        node = part.context.node
        heapMebibytes = Int(part.context.tuning.heapBytes >> 20)
        meter = HealthMeter(pid: pid, collections: part.folder + "/" + RunPart.collections)
        signs = SampleSigns(path: samples)
        log = LineTail(path: part.folder + "/" + part.files.log)
        self.console = LineTail(path: console)
        self.rate = rate
        disk = writesSamples ? DiskWatch(folder: part.folder) : nil
    }

    /// Takes the last second into account; call it once a second.
    ///
    /// The load begins with the first sample: a Java that starts keeps its processors busy.
    mutating func look(_ seconds: [LoadSecond] = [], loadHasBegun: Bool = false) {
        let second = meter.look()
        health = second.health
        disk?.look()
        if hasLoad {
            saturation.add(second)
            sums.add(second)
        }
        read(seconds)
        hasLoad = hasLoad || loadHasBegun || signs.hasRows
    }

    private mutating func read(_ seconds: [LoadSecond]) {
        signs.look()
        rate?.add(seconds)
        for line in console.newLines() + log.newLines() {
            threads.read(line: line[...])
            noteExhaustion(line)
        }
    }

    private mutating func noteExhaustion(_ line: String) {
        guard exhaustion == nil, line.contains("java.lang.OutOfMemoryError") else { return }
        let isThreads = line.contains("unable to create native thread")
        exhaustion = Saturation(
            node: node, kind: isThreads ? .threads : .heap, since: .now, seconds: 1,
            text: isThreads
                ? "the machine could not start another thread"
                : "JMeter's heap of \(heapMebibytes) MiB was used up")
    }

    /// How this node is saturated now, in one line; nil if it is not.
    var warning: String? {
        exhaustion?.text ?? saturation.warning ?? signs.saturations(of: node).last?.text
    }

    /// What was found, once JMeter has ended; `completed` where the plan came to its own end.
    mutating func conclude(_ seconds: [LoadSecond] = [], completed: Bool) -> [Saturation] {
        read(seconds)
        disk?.look()
        var found = [disk?.saturation(of: node), exhaustion].compactMap(\.self)
        for next in signs.saturations(of: node) + saturation.saturations(of: node)
        where !found.contains(where: { $0.kind == next.kind }) {
            found.append(next)
        }
        // Who is told to end has no time to start every thread.
        if completed, let missing = threads.missing, !found.contains(where: { $0.kind == .threads })
        {
            found.append(
                Saturation(
                    node: node, kind: .threads, since: .now, seconds: 0,
                    text: "\(missing.threads) of its \(missing.stated) threads were not started"))
        }
        if completed, let missed = rate?.saturation(of: node) { found.append(missed) }
        return found
    }

    /// How the node fared under the load so far; nil where nothing is known.
    var summary: HealthSummary? { sums.summary }

    /// From the first to the last start of a thread, milliseconds.
    var rampMs: Int64? { threads.rampSeconds.map { Int64(($0 * 1000).rounded()) } }
}
