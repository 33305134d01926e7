// Fleets that come up and go on a cloud with bad habits.

import FoundationEssentials
import Store
import Synchronization
import Testing
import Units

@testable import Fleet

@Suite struct FleetLifeTests {
    @Test func `a fleet comes up, is there, and goes without a trace`() async throws {
        let cloud = FakeCloud(foreigners: 50)
        let person = Operator(cloud)
        let up = try await person.up(10)
        #expect(up.started.count == 11)
        #expect(cloud.alive(.worker).count == 10)
        #expect(cloud.alive(.controller).map(\.isSpot) == [false])
        #expect(cloud.alive().allSatisfy { $0.tags["project"] == "shop" })
        let status = try await person.fleets.status(of: "shop")
        #expect(status.nodes.allSatisfy { $0.isReady })
        let down = try await Operator(cloud).fleets.down("shop")
        #expect(down.ended.count == 11)
        #expect(down.cost?.unpriced == 1)
        #expect(cloud.left == [])
        #expect(cloud.foreigners == 50)
        #expect(cloud.memory.paths("fleets/").isEmpty)
    }

    @Test func `what runs is as safe as it should be`() async throws {
        let cloud = FakeCloud()
        try await Operator(cloud).up(1)
        let templates = cloud.state.withLock { Array($0.templates.values) }
        #expect(templates.count == 2)
        for template in templates {
            let data = { (name: String) in template.form["LaunchTemplateData.\(name)"] }
            #expect(data("MetadataOptions.HttpTokens") == "required")
            #expect(data("MetadataOptions.HttpPutResponseHopLimit") == "1")
            #expect(data("InstanceInitiatedShutdownBehavior") == "terminate")
            #expect(data("BlockDeviceMapping.1.Ebs.Encrypted") == "true")
            #expect(data("BlockDeviceMapping.1.Ebs.DeleteOnTermination") == "true")
            #expect(data("BlockDeviceMapping.1.Ebs.VolumeType") == "gp3")
            #expect(data("KeyName") == nil)
            #expect(template.tags["loadfleet:managed"] == "true")
            #expect(template.tags["loadfleet:expires"] != nil)
        }
        #expect(cloud.count("CreateTags") == 0)
        #expect(cloud.state.withLock { $0.schedules.count } == 1)
    }

    @Test(arguments: [(200, 60), (1_000, 120)])
    func `many workers cost few calls`(workers: Int, calls: Int) async throws {
        let cloud = FakeCloud(CloudHabits(boot: .seconds(90)))
        try await Operator(cloud).up(workers)
        #expect(cloud.alive(.worker).count == workers)
        #expect(cloud.calls.count <= calls, "\(cloud.calls.count) calls")
        #expect(cloud.count("CreateTags") == 0)
    }

    @Test func `up again finds nothing to do, and heals what is gone`() async throws {
        let cloud = FakeCloud()
        try await Operator(cloud).up(5)
        #expect(try await Operator(cloud).up(5).started == [])
        let victim = try #require(cloud.alive(.worker).first)
        cloud.state.withLock { $0.machines[victim.id]?.endsAt = cloud.time.elapsed }
        cloud.time.pass(.seconds(60))
        let healed = try await Operator(cloud).up(5)
        #expect(healed.started == [victim.node])
        #expect(cloud.alive(.worker).count == 5)
        try await Operator.down(cloud)
        #expect(cloud.left == [])
    }

    // MARK: - Too little

    @Test func `what came stays, and the rest comes from other pools`() async throws {
        let cloud = FakeCloud(CloudHabits(capacity: ["c6i.xlarge/subnet-a": 3]))
        try await Operator(cloud).up(10)
        #expect(cloud.alive(.worker).count == 10)
        #expect(cloud.most == 10)
    }

    @Test func `on-demand fills up where it may`() async throws {
        let cloud = FakeCloud(.scarce)
        try await Operator(cloud, settings: .standard(onDemandFallback: true)).up(10)
        #expect(cloud.alive(.worker).count { $0.isSpot } == 4)
        #expect(cloud.alive(.worker).count == 10)
        #expect(cloud.most == 10)
    }

    @Test func `enough workers are worth going on with`() async throws {
        let cloud = FakeCloud(.scarce)
        let up = try await Operator(cloud, settings: .standard(minWorkers: 3)).up(10, minWorkers: 3)
        #expect(up.fleet.workers.count == 4)
        #expect(up.notes.contains { $0.contains("InsufficientInstanceCapacity") })
        #expect(try await Operator(cloud).up(10, minWorkers: 3).started == [])
        try await Operator.down(cloud)
        #expect(cloud.left == [])
    }

    @Test func `too few are given back`() async throws {
        let cloud = FakeCloud(.scarce)
        let person = Operator(cloud, settings: .standard(minWorkers: 5))
        await #expect(throws: FleetError.self) { try await person.up(10, minWorkers: 5) }
        #expect(cloud.left == [])
    }

    @Test func `a quota that is too small stops the plan, before anything is made`() async throws {
        let cloud = FakeCloud(CloudHabits(quota: 4))
        let person = Operator(cloud, settings: .standard(minWorkers: 5))
        await #expect(throws: FleetError.self) { try await person.up(5, minWorkers: 5) }
        #expect(!cloud.calls.contains { $0.hasPrefix("Create") || $0.hasPrefix("Request") })
    }

    @Test func `a wrong image stops the plan`() async throws {
        let cloud = FakeCloud()
        let person = Operator(cloud, settings: .standard(image: "ami-00000000"))
        await #expect(throws: FleetError.self) { try await person.up(1) }
        #expect(!cloud.calls.contains { $0.hasPrefix("Create") })
    }

    @Test func `a lease that costs too much is refused with one that does not`() async throws {
        let cloud = FakeCloud()
        let person = Operator(cloud, settings: .standard(maxCost: 1))
        let error = await #expect(throws: FleetError.self) { try await person.up(10) }
        // Ten at 0.06 for two hours is 1.20; 1.00 pays for 100 minutes.
        #expect(
            error
                == .tooExpensive(
                    Money(dollars: 1.2), limit: Money(dollars: 1), fits: .seconds(6_000)))
        #expect(!cloud.calls.contains { $0.hasPrefix("Create") })
    }

    // MARK: - Spot fleets

    @Test(arguments: ["request", "maintain"])
    func `a spot fleet behaves the same from outside`(kind: String) async throws {
        let cloud = FakeCloud()
        let settings = EC2Settings.standard(capacity: "spot-fleet", spotFleetType: kind)
        try await Operator(cloud, settings: settings).up(6)
        #expect(cloud.alive(.worker).count == 6)
        try await Operator.down(cloud)
        #expect(cloud.left == [])
    }

    @Test func `a spot fleet that finds too little is topped up on demand`() async throws {
        let cloud = FakeCloud(.scarce)
        let settings = EC2Settings.standard(onDemandFallback: true, capacity: "spot-fleet")
        try await Operator(cloud, settings: settings).up(10)
        #expect(cloud.alive(.worker).count { $0.isSpot } == 4)
        #expect(cloud.alive(.worker).count == 10)
        try await Operator.down(cloud)
        #expect(cloud.left == [])
    }

    // MARK: - Trouble

    @Test(arguments: ["CreateFleet", "CreateLaunchTemplate", "RequestSpotFleet"], [1, 2, 3, 5])
    func `lost answers make nothing twice`(call: String, times: Int) async throws {
        let cloud = FakeCloud(CloudHabits(lostAnswers: [call: times]))
        let settings = EC2Settings.standard(
            capacity: call == "RequestSpotFleet" ? "spot-fleet" : "ec2-fleet")
        try await Operator(cloud, settings: settings).up(7)
        #expect(cloud.alive(.worker).count == 7)
        #expect(cloud.alive(.controller).count == 1)
        try await Operator.down(cloud)
        #expect(cloud.left == [])
    }

    @Test(arguments: [1, 10, 30, 60])
    func `ids that are not known yet are waited for`(seconds: Int) async throws {
        let cloud = FakeCloud(CloudHabits(visibleAfter: .seconds(seconds)))
        try await Operator(cloud).up(5)
        #expect(cloud.alive(.worker).count == 5)
        #expect(cloud.most == 5)
        try await Operator.down(cloud)
        #expect(cloud.left == [])
    }

    @Test func `two minutes of throttling are waited out`() async throws {
        let cloud = FakeCloud(CloudHabits(throttledUntil: .seconds(120)))
        try await Operator(cloud).up(5)
        #expect(cloud.alive(.worker).count == 5)
        cloud.set { $0.throttledUntil = cloud.time.elapsed + .seconds(120) }
        try await Operator.down(cloud)
        #expect(cloud.left == [])
    }

    @Test func `a worker that never gets ready is replaced once`() async throws {
        let cloud = FakeCloud(CloudHabits(mute: [3]))
        let up = try await Operator(cloud).up(5)
        #expect(up.fleet.workers.count == 5)
        #expect(cloud.alive(.worker).count == 5)
        #expect(cloud.most <= 5)
    }

    @Test func `one that powers off at once is replaced, too`() async throws {
        let cloud = FakeCloud(CloudHabits(broken: [3]))
        let up = try await Operator(cloud).up(5)
        #expect(up.fleet.workers.count == 5)
        #expect(cloud.alive(.worker).count == 5)
    }

    @Test(arguments: [Set([3]), [0], [2, 4]])
    func `one that dies with a node's name leaves the name to its replacement`(
        numbers: Set<Int>
    ) async throws {
        let cloud = FakeCloud(CloudHabits(fleeting: numbers))
        let up = try await Operator(cloud).up(20)
        #expect(up.fleet.workers.count == 20)
        #expect(cloud.alive(.worker).count == 20)
        #expect(cloud.alive(.controller).count == 1)
        #expect(Set(cloud.alive().map(\.node)) == Set(up.fleet.nodes))
        try await Operator.down(cloud)
        #expect(cloud.left == [])
    }

    @Test func `where replacements fail as well, the rest goes on or goes back`() async throws {
        let cloud = FakeCloud(CloudHabits(mute: [3, 6]))
        let up = try await Operator(cloud).up(5, minWorkers: 4)
        #expect(up.fleet.workers.count == 4)
        #expect(up.notes.contains { $0.contains("no Java") })
        #expect(cloud.alive(.worker).count == 4)
        let other = FakeCloud(CloudHabits(mute: [3, 6]))
        let began = other.time.elapsed
        let person = Operator(other, settings: .standard(minWorkers: 5))
        await #expect(throws: FleetError.self) { try await person.up(5) }
        #expect(other.left == [])
        #expect(other.time.elapsed - began < .seconds(600 + 90))
    }

    @Test func `a fleet of which nothing boots is given back early`() async throws {
        let cloud = FakeCloud(CloudHabits(broken: Set(0..<100)))
        let error = await #expect(throws: FleetError.self) { try await Operator(cloud).up(20) }
        #expect(error?.message.contains("no Java") == true)
        #expect(cloud.left == [])
        #expect(cloud.time.elapsed < .seconds(180))
        #expect(cloud.state.withLock { $0.machines.count } <= 21 + 3)
    }

    @Test func `a refused launch gives its templates back`() async throws {
        let cloud = FakeCloud(CloudHabits(refusals: ["CreateFleet": "UnauthorizedOperation"]))
        await #expect(throws: FleetError.self) { try await Operator(cloud).up(5) }
        #expect(cloud.left == [])
    }

    @Test(arguments: ["CreateFleet", "DescribeInstances"])
    func `an interrupted up gives back what there is`(call: String) async throws {
        let cloud = FakeCloud()
        let isCut = Mutex(false)
        let person = Operator(cloud) { name in
            guard name == call, cloud.count("CreateFleet") > 0, !isCut.withLock({ $0 }) else {
                return
            }
            isCut.withLock { $0 = true }
            withUnsafeCurrentTask { $0?.cancel() }
        }
        let work = Task { try await person.up(5) }
        let error = await #expect(throws: FleetError.self) { try await work.value }
        guard case .rolledBack? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(isCut.withLock { $0 })
        #expect(cloud.left == [])
    }

    @Test(arguments: ["up", "down"])
    func `who loses the lock stops, and leaves the fleet to whoever has it`(command: String)
        async throws
    {
        let cloud = FakeCloud()
        if command == "down" { try await Operator(cloud).up(5) }
        let lock = FleetKeys("shop").lock.path
        let theirs = Data(
            """
            {"version":1,"holder":"x","by":"other@there","since":"2026-01-01T00:00:00.000Z",
            "ends_at":"2999-01-01T00:00:00.000Z"}
            """.utf8)
        let call = command == "up" ? "CreateFleet" : "DeleteFleets"
        let callsUntilThen = Mutex<[String]?>(nil)
        let person = Operator(cloud, lockDuration: .seconds(4)) { name in
            guard name == call, callsUntilThen.withLock({ $0 }) == nil else { return }
            callsUntilThen.withLock { $0 = cloud.calls }
            cloud.memory.write(theirs, to: lock)
            try await Task.sleep(for: .seconds(30))
        }
        let error = await #expect(throws: StoreError.self) {
            if command == "up" {
                try await person.up(5)
            } else {
                _ = try await person.fleets.down("shop")
            }
        }
        guard case .lockTaken(_, by: "other@there", _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(cloud.calls == callsUntilThen.withLock { $0 })
        #expect(cloud.memory.read(lock)?.data == theirs)
    }

    @Test func `a second command is told who is at work`() async throws {
        let cloud = FakeCloud()
        let one = Operator(cloud)
        try await one.provider.exclusively("shop") { _ in
            let error = await #expect(throws: StoreError.self) { try await Operator(cloud).up(1) }
            guard case .locked(let by, _, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(by == "tester@here")
        }
    }
}

extension CloudHabits {
    /// Four spot instances in all, and plenty on demand.
    static var scarce: CloudHabits {
        CloudHabits(capacity: [
            "c6i.xlarge/subnet-a": 1, "c6i.xlarge/subnet-b": 1, "c5.xlarge/subnet-a": 1,
            "c5.xlarge/subnet-b": 1,
        ])
    }
}
