// Images of one's own, on the simulated cloud: what is made, and that nothing else is left of it.

import FoundationEssentials
import LoadfleetTesting
import Store
import Synchronization
import Testing

@testable import AWS
@testable import Fleet

@Suite(.serialized) struct ImageTests {
    private let cloud: SimulatedCloud
    private let client: AWSClient
    private let bakery: ImageBakery
    private let shelf: ImageShelf
    private let software: Software

    init() async throws {
        cloud = try await SimulatedCloud.running()
        client = try cloud.client()
        let foundation = try await SimulatedCloudTests.foundation(client)
        let item = Software.Item(
            key: StoreKey(unchecked: "software/x"), sha256: String(repeating: "0", count: 64))
        software = Software(program: item, jmeter: item)
        let settings = EC2Settings.standard(
            image: "ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64")
        // The simulated cloud is faster than AWS, so it is looked at more often.
        let clock = FleetClock(
            now: FleetClock.system.now, elapsed: FleetClock.system.elapsed,
            sleep: { try await Task.sleep(for: $0 / 10) })
        bakery = ImageBakery(
            EC2Provider(
                client: client,
                store: S3Store(
                    client: client, bucket: try #require(foundation.bucket), logGroup: "none"),
                settings: settings, foundation: foundation, region: "us-east-1",
                nodes: EC2Provider.Nodes(objectsURL: "https://bucket"), user: "tester@here",
                clock: clock))
        shelf = ImageShelf(client: client, region: "us-east-1")
        // What the instance would say when it has installed everything.
        let objects =
            #"{"objects": [{"bucket": "\#(foundation.bucket ?? "")", "body": "", "key": "#
            + #""fleets/{{tag:loadfleet:fleet}}/nodes/image/done", "#
            + #""where": {"loadfleet:role": "image"}}]}"#
        try await cloud.ask("_cloud/agent", objects)
    }

    /// What is there of an attempt, apart from its image.
    private func left(of plan: ImagePlan) async throws -> [String] {
        let instances = try await client.pages(
            of: DescribeInstances(filters: FleetTags.filters(fleet: plan.fleet))
        ).flatMap(\.instances).filter { InstanceStates.present.contains($0.state) }
        let templates = try await client.pages(
            of: DescribeLaunchTemplates(filters: FleetTags.filters(fleet: plan.fleet)))
        let objects = try await client.send(
            ListObjectsV2(SimulatedCloud.bucket, prefix: FleetKeys(plan.fleet).prefix)
        ).objects
        return instances.map(\.instanceID) + templates.flatMap(\.templates).map(\.id)
            + objects.map(\.key)
    }

    @Test func `an image is made, is found, and goes with its snapshots`() async throws {
        let plan = try await bakery.plan(jmeter: "5.6.3", version: "0.1.0")
        #expect(plan.name.hasPrefix("loadfleet-0.1.0-jmeter-5.6.3-x86-64-2"))
        let id = try await bakery.bake(plan, software: software) { _ in }
        #expect(try await left(of: plan) == [])
        let image = try await shelf.image(id)
        #expect(image.name == plan.name)
        #expect(image.state == "available")
        #expect(image.architecture == "x86_64")
        // It has no lease, so no sweep takes it for forgotten.
        #expect(FleetTags.value(FleetTags.expires, in: image.tags) == nil)
        #expect(!image.snapshotIDs.isEmpty)
        try await shelf.remove(image)
        // A second time is no error, and there is none any more.
        try await shelf.remove(image)
        await #expect(throws: ImageError.notOurs(id, region: "us-east-1")) {
            try await shelf.image(id)
        }
        let all = try await cloud.left().map(\.id)
        for snapshot in image.snapshotIDs { #expect(!all.contains(snapshot)) }
    }

    @Test func `an instance that ends early leaves nothing, and its last words are told`()
        async throws
    {
        try await cloud.ask("_cloud/agent", "{}")
        let plan = try await bakery.plan(jmeter: "5.6.3", version: "0.1.0")
        let cloud = cloud
        let error = try await #require(throws: ImageError.self) {
            try await bakery.bake(plan, software: software) { step in
                guard let id = step.firstMatch(of: /installing on (i-\w+)/)?.1 else { return }
                Task { try await cloud.ask("_cloud/kill", #"{"id": "\#(id)"}"#) }
            }
        }
        #expect(error.message.contains("ended before it was done"))
        #expect(error.message.contains("nothing is left"))
        #expect(try await left(of: plan) == [])
        #expect(try await shelf.list().allSatisfy { $0.name != plan.name })
    }

    @Test(arguments: ["starting", "installing", "stopping", "making"])
    func `interrupted at any step, nothing is left`(step: String) async throws {
        let plan = try await bakery.plan(jmeter: "5.6.3", version: "0.1.0")
        let work = Mutex<Task<String, any Error>?>(nil)
        let interrupt: @Sendable () -> Void = { work.withLock { $0?.cancel() } }
        let task = Task { [bakery, software] in
            // The task must be known before the first step is heard of.
            while work.withLock({ $0 }) == nil { await Task.yield() }
            return try await bakery.bake(plan, software: software) { said in
                if said.hasPrefix(step) { interrupt() }
            }
        }
        work.withLock { $0 = task }
        await #expect(throws: (any Error).self) { try await task.value }
        #expect(try await left(of: plan) == [])
        #expect(try await shelf.list().allSatisfy { $0.name != plan.name })
    }

    @Test func `an image of somebody else is not touched`() async throws {
        let foreign = try await client.pages(of: DescribeImages(owners: ["amazon"]))
            .flatMap(\.images)
        let id = try #require(foreign.first).imageID
        await #expect(throws: ImageError.notOurs(id, region: "us-east-1")) {
            try await shelf.image(id)
        }
    }
}
