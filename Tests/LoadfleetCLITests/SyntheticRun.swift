// Live lines of runs that never were: as long, as wide and as hostile as a test wants.
import FoundationEssentials
import Store

@testable import LoadfleetCLI

/// A run whose figures follow from the second alone.
struct SyntheticRun {
    var seconds = 42
    var labels = ["GET /", "GET /articles/{id}", "POST /cart", "Checkout", "GET /search"]
    var workers = 2
    var start: Int64 = 1_800_000_000

    static let heading = LiveBoard.Heading(
        run: "20270115-080000-q7x2", plan: "shop.jmx", fleet: "loadfleet", mode: "standalone",
        workers: 2, deadline: .seconds(14_400))

    func figures(_ second: Int) -> LiveFigures {
        let rate = min(120, 12 * (second + 1)) + second * 7 % 11
        let slow = second % 30 == 20
        let errors = second >= 25 && second < 28 ? 4 : 0
        return LiveFigures(
            second: start + Int64(second), workers: workers, samples: rate, errors: errors,
            activeThreads: min(50, 5 * (second + 1)), meanMs: 41, p50Ms: 38 + Double(second % 5),
            p95Ms: slow ? 900 : 120 + Double(second % 7), p99Ms: slow ? 1800 : 240,
            receivedBytes: 10_000, totalSamples: 100 * (second + 1),
            totalErrors: second < 25 ? 0 : min(12, 4 * (second - 24)))
    }

    func labelLine(_ second: Int) -> LiveLabels {
        LiveLabels(
            second: start + Int64(second),
            labels: labels.enumerated().map { index, label in
                LiveLabel(
                    label: label, isController: label == "Checkout",
                    samples: (second + 1) * (labels.count - index) * 10,
                    errors: index == 2 ? 12 : 0, meanMs: 41.4, p50Ms: 38, p95Ms: 120.4,
                    p99Ms: 240, maxMs: 1800)
            })
    }

    var nodeLine: LiveNodes {
        let healthy = NodeHealth(cpuPercent: 23, heapPercent: 41, gcPercent: 1)
        var nodes = (1...workers).prefix(LiveNodes.limit).map { number in
            LiveNode(
                node: "worker-\(number)", state: .running, samples: 60, activeThreads: 25,
                health: healthy)
        }
        nodes[workers > 1 ? 1 : 0].health?.cpuPercent = 97
        nodes[workers > 1 ? 1 : 0].warning = "CPU 97 % for 12 s"
        return LiveNodes(
            second: start, nodes: Array(nodes), counts: ["running": workers])
    }

    var gateLine: LiveGates {
        LiveGates(
            second: start,
            gates: [
                LiveGate(
                    expression: "errors < 1%", state: .met, actual: 0.3, reason: "0.30 % so far"),
                LiveGate(
                    expression: "p95(Checkout) < 500ms over 30s", state: .turning, actual: 612,
                    reason: "612 ms for 8 s"),
            ])
    }

    /// All that was written, as it stands in the log.
    var lines: [LiveLine] {
        let begin = Date(timeIntervalSince1970: Double(start) - 4)
        var lines: [LiveLine] = [.event(at: begin, text: "all \(workers) workers are ready")]
        for second in 0..<seconds {
            lines.append(.figures(figures(second)))
            if second % 5 == 4 { lines.append(.labels(labelLine(second))) }
        }
        if seconds > 0 { lines += [.labels(labelLine(seconds - 1)), .nodes(nodeLine)] }
        if seconds > 0 { lines.append(.gates(gateLine)) }
        if seconds > 30 {
            lines.append(
                .event(
                    at: Date(timeIntervalSince1970: Double(start) + 30),
                    text: "worker-2: its load is not to be trusted, CPU 97 % for 12 s"))
        }
        return lines
    }

    /// What is known when all lines have just been read.
    var board: LiveBoard {
        var board = LiveBoard(Self.heading)
        for line in lines { board.take(line, at: .seconds(1)) }
        return board
    }
}

extension LiveBoard {
    /// The picture without color.
    func picture(_ columns: Int, _ rows: Int, at moment: Duration = .seconds(1)) -> [String] {
        LivePicture(board: self, columns: columns, rows: rows, moment: moment).lines.map {
            $0.text(color: false)
        }
    }
}

/// SplitMix64, so that a failure can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
