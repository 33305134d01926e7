// The fuzz target with a loop of its own: every execution draws a file, changes it and reads it
// twice. `make campaign` does ten million; LOADFLEET_FUZZ sets another number, and LOADFLEET_SEED
// with LOADFLEET_FIRST repeats a failure. utility/fuzz runs the same target under libFuzzer.

import Dispatch
import FoundationEssentials
import Synchronization
import Testing

@testable import JTL

@Suite struct `Fuzzing` {
    /// So many executions are one piece of work of a thread, and a line of progress.
    private static let pieceSize = 10_000

    private static func number(_ variable: String) -> UInt64? {
        ProcessInfo.processInfo.environment[variable].flatMap { UInt64($0) }
    }

    @Test func `finds nothing that the bulk reader reads in another way than the slow one`() {
        let seed = Self.number("LOADFLEET_SEED") ?? UInt64.random(in: 0..<1_000_000)
        let first = Self.number("LOADFLEET_FIRST") ?? 0
        let isLong = `The bulk reader`.isLong
        let count = Self.number("LOADFLEET_FUZZ") ?? (isLong ? 10_000_000 : 4_000)
        print("fuzzing: LOADFLEET_SEED=\(seed)")
        let files = FuzzFiles(seed: seed)
        let size = UInt64(Self.pieceSize)
        let start = ContinuousClock.now
        let failure = Mutex(String?.none)
        DispatchQueue.concurrentPerform(iterations: Int((count + size - 1) / size)) { piece in
            guard failure.withLock({ $0 == nil }) else { return }
            let begin = first + UInt64(piece) * size
            for number in begin..<min(begin + size, first + count) {
                guard let text = files.disagreement(number) else { continue }
                failure.withLock {
                    $0 = "LOADFLEET_SEED=\(seed) LOADFLEET_FIRST=\(number): \(text)"
                }
                return
            }
            if isLong, piece % 10 == 0 {
                print("fuzzing: \(begin), \(ContinuousClock.now - start)")
            }
        }
        print("fuzzing: \(count) executions in \(ContinuousClock.now - start)")
        if let text = failure.withLock({ $0 }) { Issue.record("\(text)") }
    }
}

/// The files that are changed, and the way from a number to a case.
struct FuzzFiles: Sendable {
    private let seed: UInt64
    private let files: [[UInt8]]

    init(seed: UInt64) {
        self.seed = seed
        var random = SplitMix(state: seed)
        let cases = SharedCases.names.compactMap { try? SharedCases.input($0) }
        // Their beginnings: an execution must take microseconds.
        files =
            cases.map { Array($0.prefix(900)) }
            + (0..<200).map { _ in Array(DeceptiveFile.make(&random).prefix(900)) }
            + (0..<50).map { Self.plain(rows: $0 % 5, &random) }
    }

    /// The default layout as JMeter 5 writes it.
    private static func plain(rows: Int, _ random: inout SplitMix) -> [UInt8] {
        var text =
            "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,"
            + "failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n"
        for row in 0..<rows {
            let elapsed = Int.random(in: 0..<500, using: &random)
            text +=
                "\(1_767_225_599_000 + row * 7),\(elapsed),GET /page/\(row % 3),200,OK,"
                + "TG 1-\(row),text,true,,\(elapsed * 3),120,5,10,http://host/\(row),\(elapsed / 2),0,3\n"
        }
        return Array(text.utf8)
    }

    /// What the readers disagree about in execution `number`; nil if they agree.
    func disagreement(_ number: UInt64) -> String? {
        var random = SplitMix(state: seed &+ number &* 0x1_0000_0001)
        var bytes = files.randomElement(using: &random) ?? []
        var mutator = Mutator(random: random, others: files)
        mutator.mutate(&bytes)
        random = mutator.random
        return FuzzCase(bytes, &random).disagreement()
    }
}
