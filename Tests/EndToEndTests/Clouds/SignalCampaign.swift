// SIGTERM at each call of AWS that `run --up --down` makes: it ends in good order wherever it was.
// LOADFLEET_CALLS=25,31 takes only these.
import Foundation
import Glibc
import LoadfleetTesting
import Machine
import Testing

extension EndToEnd {
    @Suite(.enabled(if: Death.isCampaign, "a campaign: LOADFLEET_CAMPAIGN=1"))
    struct SignalCampaign {
        private static let command = ["run", "plan.jmx", "--up", "--down", "--yes"]

        @Test(.timeLimit(.minutes(90)))
        func `SIGTERM at each call of run with a fleet of its own leaves nothing`() async throws {
            let account = try await Account(strangers: 5)
            // The first one puts the programs into the bucket, and others find them there.
            _ = try await calls(of: "first", on: account)
            let whole = try await calls(of: "whole", on: account)
            let began = ContinuousClock.now
            var faults: [String] = []
            try await withThrowingTaskGroup(of: String?.self) { group in
                for (number, call) in Self.wanted(of: whole).enumerated() {
                    if number >= 6, let fault = try await group.next() ?? nil {
                        faults.append(fault)
                    }
                    group.addTask { try await Self.fault(atCall: call, on: account) }
                }
                for try await fault in group { if let fault { faults.append(fault) } }
            }
            print("signals: \(whole) calls in \(ContinuousClock.now - began)")
            #expect(whole > 50)
            #expect(faults == [])
            #expect(try await account.areStrangersWell())
        }

        private static func wanted(of whole: Int) -> [Int] {
            let text = ProcessInfo.processInfo.environment["LOADFLEET_CALLS"]
            return text.map { $0.split(separator: ",").compactMap { Int($0) } }
                ?? Array(1...whole)
        }

        /// How many calls a run makes to which nothing happens.
        private func calls(of fleet: String, on account: Account) async throws -> Int {
            let key = try await account.cloud.makeOperator()
            let bench = try account.bench(fleet, workers: 2, by: key, remembers: true)
            let store = try account.store()
            let nodes = Task { await playRuns(of: fleet, in: store, .completes) }
            defer { nodes.cancel() }
            let end = try await bench.run(Self.command)
            try #require(end.code == 0, "\(end.all)")
            return try await account.cloud.log(of: key).count
        }

        /// What is wrong after a SIGTERM that came during a call, which took its time.
        private static func fault(atCall call: Int, on account: Account) async throws -> String? {
            let fleet = "signal-\(call)"
            let key = try await account.cloud.makeOperator()
            let bench = try account.bench(fleet, workers: 2, by: key, remembers: true)
            let store = try account.store()
            let nodes = Task { await playRuns(of: fleet, in: store, .completes) }
            defer { nodes.cancel() }
            try await account.cloud.ask(
                "_gate/more-rules",
                #"[{"match": {"key": "\#(key.key)"}, "skip": \#(call - 1), "#
                    + #""fault": "latency", "seconds": 2}]"#)
            let running = try await bench.start(command)
            // Polling makes the number of calls vary a little: the last ones may not come.
            while running.child.end == nil, try await account.cloud.log(of: key).count < call {
                try await Task.sleep(for: .milliseconds(50))
            }
            let wasOver = running.child.end != nil
            running.child.signal(SIGTERM)
            let end = try await running.end(within: .seconds(300))
            let traces = try await account.traces(of: fleet)
            guard traces == [] else { return "call \(call): there remain \(traces): \(end.all)" }
            return wasOver || end.code == 143 ? nil : "call \(call): \(end.all)"
        }
    }
}
