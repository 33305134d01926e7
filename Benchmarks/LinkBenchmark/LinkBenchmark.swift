// The live channel of a large run by itself, to be measured by Benchmarks/link. No part of the product.

import Foundation
import Glibc
import Node
import Store

@main
struct LinkBenchmark {
    /// Arguments: controller or workers, a folder for the store, how many workers, for how many seconds.
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let workers = Int(arguments[3]),
            let seconds = Int(arguments[4]), workers > 0, seconds > 0
        else {
            print("usage: LinkBenchmark controller|workers FOLDER WORKERS SECONDS")
            return
        }
        let store = try FolderStore(at: arguments[2])
        switch arguments[1] {
        case "controller": try await control(store, arguments[2], workers, seconds)
        default: try await work(store, workers, seconds)
        }
    }

    private static func control(
        _ store: FolderStore, _ folder: String, _ workers: Int, _ seconds: Int
    ) async throws {
        let trial = LiveTrial(store: store, folder: folder, workers: workers)
        await trial.begin()
        // Until somebody says that the workers have ended.
        let before = processorSeconds
        let start = Date.now
        let end = folder + "/ended"
        while !FileManager.default.fileExists(atPath: end) {
            try await Task.sleep(for: .milliseconds(100))
        }
        let wall = Date.now.timeIntervalSince(start)
        let used = processorSeconds - before
        let report = await trial.finish()
        let text = String(
            decoding: try JSONEncoder().encode(report), as: UTF8.self)
        print(text)
        print(#"{"cores": \#(used / wall), "mib": \#(peakMebibytes)}"#)
    }

    private static func work(_ store: FolderStore, _ workers: Int, _ seconds: Int) async throws {
        var link: RunLink?
        while link == nil {
            link = try await store.record(RunLink.self, at: RunKeys("trial").link)
            try await Task.sleep(for: .milliseconds(50))
        }
        guard let link else { return }
        var simulated = try TrialWorkers(workers, to: link, labels: 40, samples: 10)
        try simulated.run(seconds: seconds)
        print(#"{"bytes": \#(simulated.bytes), "told": \#(simulated.told)}"#)
    }

    private static var processorSeconds: Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let times = [usage.ru_utime, usage.ru_stime]
        return times.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1_000_000 }
    }

    private static var peakMebibytes: Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return Double(usage.ru_maxrss) / 1024
    }
}
