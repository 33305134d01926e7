// `run --up --down` on EC2 as a pipeline uses it: no terminal, one command. However it ends, its exit
// status says how, its files are there, and nothing is left in the account.
import Foundation
import Glibc
import LoadfleetTesting
import Machine
import Store
import Testing

extension EndToEnd {
    @Suite(.serialized) struct WholeCommands {
        private static let isCampaign = Death.isCampaign

        /// The moment of a SIGTERM.
        private enum Phase: Sendable {
            /// The fleet's record is on its way into the store.
            case recording
            /// EC2 is being asked for the instances.
            case asking
            /// The instances are there, and no node gets ready.
            case waiting
            case running
            case givingBack
        }

        /// A course of things, and what the command makes of it.
        private struct Course: Sendable {
            let fleet: String
            var nodes = RunCourse.completes
            var settings: [String: String] = [:]
            var gates: [String] = []
            var signal: Phase?
            let code: Int32
            /// The verdict, where there is a run to be judged.
            var verdict: String?
        }

        private static let passed = Course(fleet: "passed", code: 0, verdict: "passed")

        private static let short = [
            Course(fleet: "failed", gates: ["--gate", "p95 < 1ms"], code: 3, verdict: "failed"),
            Course(fleet: "invalid", nodes: .losesWorker, code: 4, verdict: "invalid"),
            Course(fleet: "no-room", settings: ["instance-types": "[r5.large]"], code: 9),
            Course(fleet: "sigterm-recording", signal: .recording, code: 143),
            Course(
                fleet: "sigterm-running", nodes: .goesOn, signal: .running, code: 143,
                verdict: "invalid"),
        ]

        private static let long = [
            Course(fleet: "sigterm-asking", signal: .asking, code: 143),
            Course(
                fleet: "sigterm-waiting", settings: ["ami": Self.deadImage], signal: .waiting,
                code: 143),
            // What was judged before the signal came keeps its verdict.
            Course(
                fleet: "sigterm-down", signal: .givingBack, code: 143, verdict: "passed"),
            Course(
                fleet: "no-room-of-two", settings: ["instance-types": "[m5.large]"], code: 9),
            Course(
                fleet: "no-room-spot-fleet",
                settings: ["instance-types": "[r5.large]", "capacity": "spot-fleet"], code: 9),
            Course(
                fleet: "sigterm-spot-fleet", nodes: .goesOn, settings: ["capacity": "spot-fleet"],
                signal: .running, code: 143, verdict: "invalid"),
        ]

        /// Instances of this one, which is not the default, never become nodes.
        private static let deadImage = "ami-0a1a2023c0ffee086"

        @Test func `a run with a fleet of its own ends as it should, and nothing is left of it`()
            async throws
        {
            let account = try await Account(strangers: 5)
            try await account.cloud.ask(
                "_cloud/settings",
                #"{"capacity": {"spot/r5.large": 0, "spot/m5.large": 1}, "#
                    + #""dead_images": ["\#(Self.deadImage)"]}"#)
            // By itself: it puts the programs into the bucket, and the others find them there.
            try await Self.live(through: Self.passed, on: account)
            let courses = Self.short + (Self.isCampaign ? Self.long : [])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, course) in courses.enumerated() {
                    if number >= 5 { try await group.next() }
                    group.addTask { try await Self.live(through: course, on: account) }
                }
                try await group.waitForAll()
            }
            #expect(try await account.areStrangersWell())
        }

        @Test func `a plan that can't be read is said before AWS is asked for anything`()
            async throws
        {
            let account = try await Account(strangers: 1)
            let key = try await account.cloud.makeOperator()
            let bench = try account.bench("broken", workers: 2, by: key)
            try bench.write("<jmeterTestPlan>", to: "plan.jmx")
            let end = try await bench.run(Self.command)
            #expect(end.code == 2, "\(end.all)")
            let calls = try await account.cloud.log(of: key)
            #expect(calls.allSatisfy { !($0.action ?? "").hasPrefix("Create") })
            #expect(try await account.traces(of: "broken") == [])
        }

        private static let command = [
            "run", "plan.jmx", "--up", "--down", "--yes", "-o", "table", "-o", "junit=junit.xml",
            "-o", "html=report.html",
        ]

        private static func live(through course: Course, on account: Account) async throws {
            let key = try await account.cloud.makeOperator()
            let slow =
                switch course.signal {
                case .recording: Self.record
                case .asking: #""action": "CreateFleet""#
                default: #""action": "none of them""#
                }
            try await account.cloud.ask(
                "_gate/more-rules",
                #"[{"match": {"key": "\#(key.key)", \#(slow)}, "fault": "latency", "seconds": 3}]"#)
            let bench = try account.bench(
                course.fleet, workers: 2, settings: course.settings, by: key, remembers: true)
            let store = try account.store()
            let nodes = Task { await playRuns(of: course.fleet, in: store, course.nodes) }
            defer { nodes.cancel() }
            let running = try await bench.start(command + course.gates)
            if let phase = course.signal {
                try await wait(for: phase, of: running, course.fleet, key, on: account)
                running.child.signal(SIGTERM)
            }
            let end = try await running.end(within: .seconds(240))
            #expect(end.code == course.code, "\(course.fleet): \(end.all)")
            #expect(try await account.traces(of: course.fleet) == [], "\(course.fleet)")
            try expectFiles(of: course.verdict, in: bench, end, course.fleet)
        }

        private static let record = #""method": "PUT", "path": "/fleet.json""#

        /// Waits until a command has come to a phase, as its words and its calls show.
        private static func wait(
            for phase: Phase, of command: RunningCommand, _ fleet: String,
            _ key: SimulatedCloud.Key, on account: Account
        ) async throws {
            let deadline = ContinuousClock.now + .seconds(120)
            while ContinuousClock.now < deadline {
                try #require(command.child.end == nil, "\(command.errors)")
                let isThere =
                    switch phase {
                    case .recording:
                        try await account.cloud.log(of: key).contains {
                            $0.method == "PUT" && $0.path.hasSuffix("/fleet.json")
                        }
                    case .asking:
                        try await account.cloud.log(of: key).contains { $0.action == "CreateFleet" }
                    case .waiting: try await account.instances(of: fleet).count == 3
                    case .running: command.errors.contains("run 20")
                    case .givingBack: command.errors.contains("giving fleet")
                    }
                if isThere { return }
                try await Task.sleep(for: .milliseconds(100))
            }
            Issue.record("\(fleet) did not come to \(phase)")
        }

        /// A run that was judged left its folder and its reports, and without one there is neither.
        private static func expectFiles(
            of verdict: String?, in bench: Bench, _ end: CommandEnd, _ fleet: String
        ) throws {
            let folders = try bench.runFolders()
            let reports = ["junit.xml", "report.html"].filter {
                FileManager.default.fileExists(atPath: "\(bench.folder)/\($0)")
            }
            guard let verdict else {
                #expect(folders == [] && reports == [], "\(fleet): \(end.all)")
                return
            }
            #expect(reports.count == 2, "\(fleet): \(end.all)")
            #expect(end.output.contains("Verdict: \(verdict)"), "\(fleet): \(end.all)")
            #expect(end.errors.contains("is down, nothing is left"), "\(fleet): \(end.all)")
            let page = try String(contentsOfFile: bench.folder + "/report.html", encoding: .utf8)
            #expect(page.contains("<dt>Environment</dt><dd>ec2 in us-east-1, "), "\(fleet)")
            #expect(page.contains("usd for the fleet until the run&#39;s end, "), "\(fleet)")
            let summary = try bench.json(try #require(folders.last) + "/summary.json")
            let judged = try #require(summary["verdict"] as? [String: Any])
            #expect(judged["status"] as? String == verdict, "\(fleet)")
        }
    }
}
