// Instances that boot, and what ends them: their lease, whoever else is gone; their owner, with and
// without notice, in the middle of a run.
import AWS
import Foundation
import Glibc
import LoadfleetTesting
import Machine
import Store
import Testing

extension EndToEnd {
    /// Each takes minutes of waiting for clocks.
    @Suite(
        .serialized,
        .enabled(if: Death.isCampaign, "a campaign: LOADFLEET_CAMPAIGN=1"),
        .enabled(if: geteuid() == 0, "instances that boot need root"))
    struct Machines {
        @Test func `nodes end with their lease when nobody else is left to end them`() async throws
        {
            let account = try await Account(strangers: 5, boots: true)
            let bench = try account.bench("lease", workers: 2, lease: "90s", remembers: true)
            let up = try await bench.run("up", "--yes")
            try #require(up.code == 0, "\(up.all)")
            let fleet = try #require(
                try await account.store().record(FleetRecord.self, at: FleetKeys("lease").fleet))
            #expect(try await account.instances(of: "lease").count == 3)
            // The command line is gone. Now AWS's own alarm goes, and the store with all of S3.
            let client = try account.cloud.client()
            let schedules = try await client.pages(of: ListSchedules(namePrefix: "lf.lease."))
                .flatMap(\.schedules)
            #expect(schedules.count == 1)
            for schedule in schedules {
                _ = try await client.send(
                    DeleteSchedule(name: schedule.name, group: schedule.group))
            }
            try await account.cloud.ask(
                "_gate/rules",
                #"[{"match": {"service": "s3"}, "fault": "drop", "count": 1000000000}]"#)
            let late = try await Self.lateness(of: fleet, on: account)
            print("lease: without store and schedule, the last node was gone after \(late) s")
            #expect(late < 60)
        }

        @Test func `AWS's alarm ends what never became a node`() async throws {
            let account = try await Account(strangers: 5)
            let bench = try account.bench("alarm", workers: 3, lease: "70s", remembers: true)
            let up = try await bench.run("up", "--yes")
            try #require(up.code == 0, "\(up.all)")
            let fleet = try #require(
                try await account.store().record(FleetRecord.self, at: FleetKeys("alarm").fleet))
            let late = try await Self.lateness(of: fleet, on: account)
            print("lease: by the schedule alone, the last node was gone after \(late) s")
            #expect(late < 60)
            #expect(try await account.areStrangersWell())
        }

        /// How long after a lease the last of a fleet's instances is gone, in seconds.
        private static func lateness(
            of fleet: FleetRecord, on account: Account
        ) async throws -> Double {
            while try await !account.instances(of: fleet.name).isEmpty {
                let late = -fleet.leaseEndsAt.timeIntervalSinceNow
                try #require(late < 90)
                try await Task.sleep(for: .milliseconds(200))
            }
            return -fleet.leaseEndsAt.timeIntervalSinceNow
        }

        @Test(.timeLimit(.minutes(20)))
        func `a machine is taken away in a run, with notice and without`() async throws {
            let account = try await Account(strangers: 5, boots: true)
            let bench = try account.bench("loss", workers: 2, lease: "30m", remembers: true)
            let plan = try bench.write(
                Plans.sleeping(threads: "8", loops: 400, milliseconds: 100), to: "long.jmx")
            let up = try await bench.run("up", "--yes")
            try #require(up.code == 0, "\(up.all)")
            for isAnnounced in [true, false] {
                // With what is lost allowed, and with nothing allowed.
                let allowed = isAnnounced ? ["--max-loss", "60%"] : []
                let command = try await bench.start(["run", plan, "--json"] + allowed)
                try await wait("samples in the live figures", within: .seconds(120)) {
                    try #require(command.child.end == nil, "\(command.output)\(command.errors)")
                    return command.output.split(separator: "\n").contains {
                        $0.contains("\"type\":\"interval\"") && !$0.contains("\"total_samples\":0")
                    }
                }
                let claim = try #require(
                    try await account.store().record(
                        NodeClaim.self, at: FleetKeys("loss").claim(of: "worker-2")))
                if isAnnounced {
                    try await account.cloud.ask(
                        "_cloud/interrupt", #"{"id": "\#(claim.machine)", "seconds": 20}"#)
                } else {
                    try await account.cloud.ask("_cloud/kill", #"{"id": "\#(claim.machine)"}"#)
                }
                let end = try await command.end(within: .seconds(180))
                #expect(end.code == (isAnnounced ? 0 : 4), "\(end.all)")
                let line = try #require(end.output.split(separator: "\n").last, "\(end.all)")
                print("loss: \(isAnnounced ? "with notice" : "killed"): \(line)")
                #expect(
                    line.contains(isAnnounced ? "worker-2 was taken away" : "worker-2 was lost"))
                #expect(line.contains("of its samples arrived"))
                // What is missing is put in its place by the command that the next run advises.
                let again = try await bench.run("run", plan)
                #expect(again.code == 1 && again.errors.contains("worker-2"), "\(again.all)")
                guard isAnnounced else { break }
                let healed = try await bench.run("up", "--yes")
                #expect(healed.code == 0, "\(healed.all)")
                #expect(healed.output.contains("whole again"), "\(healed.all)")
            }
            // Or by the next run itself, where the environment says so.
            let file = bench.folder + "/loadfleet.yaml"
            let settings = try String(contentsOfFile: file, encoding: .utf8)
            try bench.write(settings + "  replace: true\n", to: "loadfleet.yaml")
            let next = try await bench.run("run", bench.folder + "/plan.jmx")
            #expect(next.code == 0 && next.errors.contains("replacing worker-2"), "\(next.all)")
            let down = try await bench.run("down", "--yes", within: .seconds(300))
            #expect(down.code == 0, "\(down.all)")
            #expect(try await account.traces(of: "loss") == [])
            #expect(try await account.areStrangersWell())
        }
    }
}
