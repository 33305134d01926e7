// The same life on the simulated cloud, over HTTP and with signatures: what the cloud in memory
// believes, somebody else's EC2 must believe, too.

import FoundationEssentials
import LoadfleetTesting
import Store
import Testing

@testable import AWS
@testable import Fleet

@Suite struct SimulatedCloudTests {
    private struct Place {
        let provider: EC2Provider
        let client: AWSClient
        let store: ProcessStore
    }

    private static func place(capacity: String) async throws -> Place {
        let client = try await SimulatedCloud.running().client()
        let foundation = try await foundation(client)
        let time = VirtualTime()
        let store = ProcessStore(memory: MemoryStore(time), life: Mortality())
        let item = Software.Item(
            key: StoreKey(unchecked: "software/x"), sha256: String(repeating: "0", count: 64))
        let settings = EC2Settings.standard(
            capacity: capacity,
            image: "ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64")
        let provider = EC2Provider(
            client: client, store: store, settings: settings, foundation: foundation,
            region: "us-east-1",
            nodes: EC2Provider.Nodes(software: Software(program: item, jmeter: item)),
            user: "tester@here")
        return Place(provider: provider, client: client, store: store)
    }

    /// The account's foundation, made from its template where it is not there yet.
    static func foundation(_ client: AWSClient) async throws -> Foundation {
        let known = try await Foundation.read(client)
        guard known.bucket == nil else { return known }
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let template = try Data(
            contentsOf: root.appending(path: "environments/cloudformation/foundation.yaml"))
        let network = try await client.pages(of: DescribeVpcs()).flatMap(\.vpcs)
            .first(where: \.isDefault)
        let source = StackSource(
            template: String(decoding: template, as: UTF8.self),
            parameters: [StackParameter("VpcId", try #require(network).vpcID)],
            capabilities: ["CAPABILITY_IAM"])
        _ = try await client.send(
            CreateStack(
                name: Foundation.stackName, source: source,
                clientToken: ClientToken("foundation-of-tests")))
        return try await Foundation.read(client)
    }

    @Test(arguments: ["ec2-fleet", "spot-fleet"])
    func `a fleet is started, found and ended`(capacity: String) async throws {
        let place = try await Self.place(capacity: capacity)
        var spec = FleetSpec.of(3)
        spec.name = "sim-\(capacity)"
        let fleet = spec.record(at: .now)
        try await place.store.put(fleet, at: FleetKeys(fleet.name).fleet)
        let plan = try await place.provider.plan(
            fleet: fleet.name, workers: 3, minWorkers: 3, lease: spec.lease)
        #expect(plan.image.id.hasPrefix("ami-"))
        #expect(plan.pools.count >= 2)
        let start = try await place.provider.start(fleet.nodes, of: fleet)
        #expect(start.machines == 4)
        // Asked again, there is nothing left to start.
        #expect(try await place.provider.start(fleet.nodes, of: fleet).machines == 4)
        let machines = try await place.provider.machines(of: fleet.name)
        #expect(machines.count == 4)
        let left = try await place.provider.release(fleet.name, within: .seconds(120))
        #expect(left == [])
        #expect(try await place.provider.machines(of: fleet.name) == [])
        let templates = try await place.client.pages(
            of: DescribeLaunchTemplates(filters: FleetTags.filters(fleet: fleet.name)))
        #expect(templates.flatMap(\.templates).isEmpty)
    }
}
