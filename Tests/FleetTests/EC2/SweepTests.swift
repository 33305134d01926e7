// What nobody remembers is found, and nothing else is.

import FoundationEssentials
import Store
import Synchronization
import Testing

@testable import AWS
@testable import Fleet

@Suite struct SweepTests {
    private static func sweep(_ cloud: FakeCloud) -> EC2Sweep {
        let person = Operator(cloud)
        return EC2Sweep(
            client: person.provider.caller.client, region: "eu-test-1",
            store: person.provider.store, foundation: person.provider.foundation,
            clock: person.provider.caller.clock)
    }

    @Test func `a fleet that lives is left alone`() async throws {
        let cloud = FakeCloud(foreigners: 5)
        try await Operator(cloud).up(3)
        cloud.time.pass(.seconds(60))
        #expect(try await Self.sweep(cloud).find() == [])
    }

    @Test func `a lease that is over is found, and ended`() async throws {
        let cloud = FakeCloud(foreigners: 5)
        try await Operator(cloud).up(3)
        cloud.time.pass(.seconds(7_300))
        let found = try await Self.sweep(cloud).find()
        #expect(found.map(\.reason) == [.expired])
        #expect(found.first?.machines.count == 4)
        #expect(found.first?.templates.count == 2)
        #expect(try await Self.sweep(cloud).end(found) == [])
        #expect(cloud.alive().isEmpty)
        #expect(cloud.foreigners == 5)
    }

    @Test func `what the store does not know is found when it is old enough`() async throws {
        let cloud = FakeCloud()
        // The launch's templates and machines are made, and then everybody forgets.
        let life = Mortality(lastCall: 60, isApplied: true)
        _ = try? await Operator(cloud, life: life).up(3)
        for object in cloud.memory.paths("fleets/") { cloud.memory.delete(object.path) }
        #expect(!cloud.alive().isEmpty)
        #expect(try await Self.sweep(cloud).find() == [])
        cloud.time.pass(.seconds(31))
        let found = try await Self.sweep(cloud).find()
        #expect(found.map(\.reason) == [.unknown])
        #expect(try await Self.sweep(cloud).end(found) == [])
        #expect(cloud.alive().isEmpty)
    }

    @Test func `a spot fleet that nobody knows is ended with its machines and its alarm`()
        async throws
    {
        let cloud = FakeCloud(foreigners: 5)
        let settings = EC2Settings.standard(capacity: "spot-fleet", spotFleetType: "maintain")
        try await Operator(cloud, settings: settings).up(3)
        for object in cloud.memory.paths("fleets/") { cloud.memory.delete(object.path) }
        cloud.time.pass(.seconds(31))
        let found = try await Self.sweep(cloud).find()
        #expect(found.map(\.spotFleets.count) == [1])
        #expect(try await Self.sweep(cloud).end(found) == [])
        // Long enough for whatever would be replaced.
        cloud.time.pass(.seconds(300))
        #expect(cloud.left == [])
        #expect(cloud.foreigners == 5)
    }

    @Test func `another store's fleet is not ours to judge`() async throws {
        let cloud = FakeCloud()
        try await Operator(cloud).up(1)
        cloud.time.pass(.seconds(60))
        let person = Operator(cloud)
        let other = EC2Sweep(
            client: person.provider.caller.client, region: "eu-test-1",
            store: OtherStore(), clock: person.provider.caller.clock)
        #expect(try await other.find() == [])
    }

    /// An empty store of somebody else.
    private struct OtherStore: ObjectStore {
        let location = "s3://other"
        let recommendedPoll = Duration.seconds(1)
        var now: Date { .now }
        func read(_ key: StoreKey) async throws -> Data? { nil }
        func readTagged(_ key: StoreKey) async throws -> TaggedObject? { nil }
        func write(_ data: Data, to key: StoreKey) async throws {}
        func create(_ data: Data, at key: StoreKey) async throws -> Bool { true }
        func replace(
            _ key: StoreKey, with data: Data, ifTagged tag: String
        ) async throws -> Bool { false }
        func list(prefix: String) async throws -> [StoreObject] { [] }
        func delete(_ key: StoreKey) async throws {}
        func delete(_ keys: [StoreKey]) async throws {}
        func upload(file path: String, to key: StoreKey) async throws {}
        func download(_ key: StoreKey, to path: String) async throws -> Bool { false }
    }
}
