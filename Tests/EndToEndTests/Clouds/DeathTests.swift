// The command line dies, as by `kill -9`, before or after any of its calls of AWS. Another one, in
// another folder, on a machine that knows nothing, gives the fleet back, and nothing is left.
import Foundation
import Glibc
import LoadfleetTesting
import Machine
import Store
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Death {
        static let isCampaign = ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] != nil

        /// A moment of death.
        struct Point: Sendable, CustomStringConvertible {
            let command: String
            let workers: Int
            let capacity: String
            /// Which of the command's calls, from 1.
            let call: Int
            let isApplied: Bool

            var description: String {
                "\(command) of \(workers) workers (\(capacity)), "
                    + "\(isApplied ? "after" : "before") call \(call)"
            }
        }

        static let commands = ["up", "run", "down"]

        @Test(.enabled(if: !isCampaign))
        func `commands may die at their calls, and nothing is left`() async throws {
            let account = try await Account()
            let whole = try await Self.wholeLife(workers: 2, on: account)
            let points = Self.commands.flatMap { command in
                let calls = Self.promptlyEnded(whole[command] ?? [])
                return (0..<4).map { step in
                    Point(
                        command: command, workers: 2, capacity: "ec2-fleet",
                        call: calls[(calls.count - 1) * step / 3] + 1, isApplied: step % 2 == 1)
                }
            }
            #expect(points.count == 12)
            #expect(try await Self.faults(points, on: [account], waitsForLocks: false) == [])
        }

        @Test(
            .enabled(if: isCampaign, "a campaign: LOADFLEET_CAMPAIGN=1"),
            .timeLimit(.minutes(180)),
            arguments: [(1, "ec2-fleet"), (10, "ec2-fleet"), (100, "ec2-fleet"), (3, "spot-fleet")])
        func `commands may die at each of their calls, and nothing is left`(
            workers: Int, capacity: String
        ) async throws {
            // As many clouds as there are cores: each has one to itself.
            let accounts = [try await Account(), try await Account()]
            let whole = try await Self.wholeLife(
                workers: workers, capacity: capacity, on: accounts[0])
            var points: [Point] = []
            for command in Self.commands where command != "run" || capacity == "ec2-fleet" {
                let calls = whole[command] ?? []
                for call in Self.different(calls, workers: workers) {
                    // A run is the same for any number of workers.
                    let moments = command == "run" && workers > 1 ? [call % 2 == 0] : [false, true]
                    points += moments.map {
                        Point(
                            command: command, workers: workers, capacity: capacity,
                            call: call + 1, isApplied: $0)
                    }
                }
            }
            let began = ContinuousClock.now
            let faults = try await Self.faults(points, on: accounts, waitsForLocks: true)
            let time = ContinuousClock.now - began
            print("chaos: \(workers) workers, \(capacity): \(points.count) points in \(time)")
            #expect(points.count >= 100)
            #expect(faults == [])
        }

        /// Of many calls alike, such as those that read a hundred nodes' objects, the first ones and
        /// every sixteenth.
        private static func different(_ calls: [String], workers: Int) -> [Int] {
            guard workers >= 100 else { return Array(calls.indices) }
            var seen: [String: Int] = [:]
            return calls.indices.filter { call in
                let kind = calls[call].filter { !$0.isNumber }
                seen[kind, default: 0] += 1
                return seen[kind, default: 0] <= 4 || seen[kind, default: 0] % 16 == 0
            }
        }

        /// The calls after which `down` need not wait for what may turn up late.
        ///
        /// What was asked of EC2 and not answered may come to light for two minutes; and so may a
        /// template whose end is not written down yet.
        private static func promptlyEnded(_ calls: [String]) -> [Int] {
            let first = calls.firstIndex {
                $0.hasPrefix("CreateLaunchTemplate") || $0.hasPrefix("DeleteLaunchTemplate")
            }
            let last = calls.lastIndex { $0.hasPrefix("CreateFleet") || $0.hasPrefix("DeleteO") }
            guard let first, let last else { return Array(calls.indices) }
            return calls.indices.filter { $0 < first - 2 || $0 > last + 1 }
        }

        // MARK: - One life

        /// What each command asks of AWS when nothing happens to it: actions, with keys of S3.
        private static func wholeLife(
            workers: Int, capacity: String = "ec2-fleet", on account: Account
        ) async throws -> [String: [String]] {
            let fleet = "whole-\(workers)-\(capacity)"
            let store = try account.store()
            let nodes = Task { await abandonRuns(of: fleet, in: store) }
            defer { nodes.cancel() }
            var calls: [String: [String]] = [:]
            // The first `up` puts the programs into the bucket, and others find them there.
            for command in ["up", "down"] + commands {
                let key = try await account.cloud.makeOperator()
                let bench = try account.bench(
                    fleet, workers: workers, settings: ["capacity": capacity], by: key,
                    remembers: true)
                let end = try await bench.run(arguments(of: command))
                try #require(end.code == (command == "run" ? 4 : 0), "\(command): \(end.all)")
                calls[command] = try await account.cloud.log(of: key)
                    .map { "\($0.action ?? "") \($0.path)" }
            }
            return calls
        }

        private static func arguments(of command: String) -> [String] {
            command == "run" ? ["run", "plan.jmx"] : [command, "--yes"]
        }

        private static func faults(
            _ points: [Point], on accounts: [Account], waitsForLocks: Bool
        ) async throws -> [String] {
            let lanes = waitsForLocks ? 32 : 6
            return try await withThrowingTaskGroup(of: String?.self) { group in
                var faults: [String] = []
                for (number, point) in points.enumerated() {
                    if number >= lanes, let fault = try await group.next() ?? nil {
                        print("chaos: \(fault)")
                        faults.append(fault)
                    }
                    if number % 50 == 49 { print("chaos: point \(number + 1) of \(points.count)") }
                    let account = accounts[number % accounts.count]
                    group.addTask {
                        let key = try await account.cloud.makeOperator()
                        return try await fault(
                            at: point, fleet: "f\(number)", by: key, on: account,
                            waitsForLocks: waitsForLocks)
                    }
                }
                for try await fault in group { if let fault { faults.append(fault) } }
                for account in accounts where try await !account.areStrangersWell() {
                    faults.append("somebody else's instances were touched")
                }
                return faults
            }
        }

        /// What is wrong after a command died at a point and another one took the fleet down.
        private static func fault(
            at point: Point, fleet: String, by key: SimulatedCloud.Key, on account: Account,
            waitsForLocks: Bool
        ) async throws -> String? {
            let settings = ["capacity": point.capacity]
            let bench = try account.bench(
                fleet, workers: point.workers, settings: settings, by: key, remembers: true)
            if point.command != "up" {
                let sound = try account.bench(
                    fleet, workers: point.workers, settings: settings, remembers: true)
                let up = try await sound.run("up", "--yes")
                guard up.code == 0 else { return "\(point): up: \(up.all)" }
            }
            let store = try account.store()
            let nodes = Task { await abandonRuns(of: fleet, in: store) }
            defer { nodes.cancel() }
            try await account.cloud.hold(key, atCall: point.call, isApplied: point.isApplied)
            let victim = try await bench.start(arguments(of: point.command))
            while victim.child.end == nil,
                try await !account.cloud.isHeld(key, within: 1)
            {}
            victim.child.signal(SIGKILL)
            let death = try await victim.end(within: .seconds(10))
            if !waitsForLocks {
                // What its time would do.
                try await store.delete(FleetKeys(fleet).lock)
            }
            let died = ContinuousClock.now
            defer {
                if waitsForLocks {
                    print("chaos: \(point): gone \(ContinuousClock.now - died) later")
                }
            }
            return try await aftermath(of: point, fleet, on: account).map {
                "\(point): \($0)\n--- \(point.command) said\n\(death.all)"
            }
        }

        /// What a `down` from elsewhere leaves undone.
        private static func aftermath(
            of point: Point, _ fleet: String, on account: Account
        ) async throws -> String? {
            let elsewhere = try account.bench(fleet, workers: 1)
            let deadline = ContinuousClock.now + .seconds(90)
            var down = try await elsewhere.run("down", "--yes", within: .seconds(400))
            // The dead one's lock ends by itself.
            while down.code == 8, ContinuousClock.now < deadline {
                try await Task.sleep(for: .seconds(2))
                down = try await elsewhere.run("down", "--yes", within: .seconds(400))
            }
            guard down.code == 0 else { return "down: \(down.all)" }
            let traces = try await account.traces(of: fleet)
            return traces.isEmpty ? nil : "there remain \(traces)"
        }
    }
}
