// What AWS does on bad days, to the program as it is: lost answers, too little room, throttling, ids
// that are not known yet. FleetTests has the same and more in virtual time.
import Foundation
import LoadfleetTesting
import Store
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Trouble {
        private static let isCampaign = Death.isCampaign

        /// A bad day, and how `up` ends on it.
        private struct Day: Sendable {
            let fleet: String
            var settings: [String: String] = [:]
            /// The service and call that fail, and how.
            var fails: (service: String, action: String?, fault: String)?
            var code: Int32 = 0
            /// Spot workers and those on demand.
            var workers = (spot: 4, onDemand: 0)
            /// What stderr says of it.
            var says = ""
        }

        private static let days = [
            Day(
                fleet: "lost-fleet",
                fails: ("ec2", "CreateFleet", #""fault": "applied-drop", "count": 3"#)),
            Day(
                fleet: "lost-spot-fleet", settings: ["capacity": "spot-fleet"],
                fails: ("ec2", "RequestSpotFleet", #""fault": "applied-drop", "count": 3"#)),
            Day(
                fleet: "lost-template",
                fails: ("ec2", "CreateLaunchTemplate", #""fault": "applied-drop", "count": 3"#)),
            Day(
                fleet: "throttled",
                fails: (
                    "ec2", nil,
                    #""fault": "error", "code": "RequestLimitExceeded", "status": 503, "#
                        + #""count": 100000, "seconds_on": \#(isCampaign ? 120 : 8)"#
                )),
            Day(
                fleet: "some", settings: ["instance-types": "[m5.large]", "min-workers": "2"],
                workers: (2, 0), says: "2 of 4 could not be had"),
            Day(
                fleet: "fallback",
                settings: ["instance-types": "[m5a.large]", "on-demand-fallback": "true"],
                workers: (1, 3)),
            Day(
                fleet: "too-few", settings: ["instance-types": "[r5.large]", "min-workers": "3"],
                code: 9, workers: (0, 0), says: "InsufficientInstanceCapacity"),
            Day(
                fleet: "wrong-image", settings: ["ami": "ami-0123456789abcdef0"], code: 2,
                workers: (0, 0), says: "ami-0123456789abcdef0"),
            Day(
                fleet: "forbidden",
                fails: (
                    "ec2", "CreateFleet",
                    #""fault": "error", "code": "UnauthorizedOperation", "status": 403"#
                ), code: 9, workers: (0, 0), says: "UnauthorizedOperation"),
        ]

        /// A spot fleet is given two minutes to find room.
        private static let longDay = Day(
            fleet: "spot-fleet-too-few",
            settings: ["instance-types": "[r5.large]", "capacity": "spot-fleet"], code: 9,
            workers: (0, 0), says: "there is room for")

        @Test func `each bad day ends as it should, and nothing is left of it`() async throws {
            let account = try await Account()
            let room = #"{"spot/m5.large": 2, "spot/m5a.large": 1, "spot/r5.large": 1}"#
            try await account.cloud.ask(
                "_cloud/settings", #"{"capacity": \#(room), "slow_ids": 2, "slow_tags": 4}"#)
            let short = ["lost-fleet", "some", "too-few", "wrong-image"]
            let days =
                Self.isCampaign
                ? Self.days + [Self.longDay] : Self.days.filter { short.contains($0.fleet) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, day) in days.enumerated() {
                    if number >= 5 { try await group.next() }
                    group.addTask { try await Self.live(through: day, on: account) }
                }
                try await group.waitForAll()
            }
            #expect(try await account.areStrangersWell())
        }

        @Test func `a quota that is too small is said before anything is made`() async throws {
            let account = try await Account(strangers: 1)
            try await account.cloud.ask(
                "_cloud/settings", #"{"quotas": {"L-34B43A08": 4, "L-1216C47A": 32}}"#)
            let key = try await account.cloud.makeOperator()
            let bench = try account.bench("quota", workers: 4, by: key, remembers: true)
            let up = try await bench.run("up", "--yes")
            #expect(up.code == 2, "\(up.all)")
            #expect(up.errors.contains("of the account's 4 there are 4 left"))
            let calls = try await account.cloud.log(of: key)
            #expect(!calls.contains { $0.action?.hasPrefix("Create") ?? false })
            #expect(try await account.traces(of: "quota") == [])
        }

        @Test func `many workers cost few calls`() async throws {
            let account = try await Account(strangers: 1)
            for (workers, most) in Self.isCampaign ? [(200, 60), (1_000, 120)] : [(200, 60)] {
                let key = try await account.cloud.makeOperator()
                let bench = try account.bench(
                    "many-\(workers)", workers: workers, by: key, remembers: true)
                let up = try await bench.run("up", "--yes")
                #expect(up.code == 0, "\(up.all)")
                let calls = try await account.cloud.log(of: key)
                let ours = calls.filter { $0.service != "s3" }
                print(
                    "calls: up of \(workers) makes \(ours.count), and \(calls.count - ours.count) of S3"
                )
                #expect(ours.count <= most)
                #expect(!calls.contains { $0.action == "CreateTags" })
            }
        }

        private static func live(through day: Day, on account: Account) async throws {
            let key = try await account.cloud.makeOperator()
            if let fails = day.fails {
                try await account.cloud.fail(
                    key, service: fails.service, action: fails.action, fails.fault)
            }
            let bench = try account.bench(
                day.fleet, workers: 4, settings: day.settings, by: key, remembers: true)
            let up = try await bench.run("up", "--yes")
            #expect(up.code == day.code, "\(day.fleet): \(up.all)")
            #expect(day.says.isEmpty || up.errors.contains(day.says), "\(day.fleet): \(up.all)")
            let alive = try await account.instances(of: day.fleet)
            let workers = alive.filter { $0.tags["loadfleet:role"] == "worker" }
            let spot = workers.count { $0.lifecycle == "spot" }
            #expect((spot, workers.count - spot) == day.workers, "\(day.fleet): \(up.all)")
            #expect(alive.count - workers.count == (day.code == 0 ? 1 : 0))
            if day.code != 0 {
                // What could not be is given back by `up` itself.
                #expect(try await account.traces(of: day.fleet) == [], "\(day.fleet)")
            }
            let down = try await bench.run("down", "--yes", within: .seconds(300))
            #expect(down.code == 0, "\(day.fleet): \(down.all)")
            #expect(try await account.traces(of: day.fleet) == [], "\(day.fleet)")
        }
    }
}
