// Machines made alike find out which node each of them is.
import Foundation
import LoadfleetTesting
import Store
import Testing

@testable import Node

@Suite(.serialized) struct NodeNameTests {
    private let scratch: TemporaryFolder

    init() throws { scratch = try TemporaryFolder() }

    private func fleet(workers: Int) -> FleetRecord {
        FleetRecord(
            name: "f", provider: "ec2", controller: "controller",
            workers: (1...workers).map { "worker-\($0)" }, createdAt: .now, createdBy: "a@b",
            leaseEndsAt: .now + 60,
            tuning: NodeTuning(
                jmeterHome: "", javaPath: "", heapBytes: 0, heartbeatSeconds: 1,
                lostAfterSeconds: 1, pollSeconds: 1, deliverySeconds: 1, rmiPorts: nil))
    }

    /// A machine whose own folder is there, as a restarted agent finds it.
    private func name(
        _ machine: String, _ fleet: FleetRecord, in store: any ObjectStore
    ) throws -> NodeName {
        try scratch.write("\(machine)/.there", "")
        return NodeName(
            for: machine, of: fleet, in: store, folder: "\(scratch.path)/\(machine)")
    }

    @Test(arguments: ["folder", "s3"])
    func `of 50 machines 40 get a name of their own, and 10 learn that none is left`(kind: String)
        async throws
    {
        let store: any ObjectStore =
            kind == "folder"
            ? try FolderStore(at: scratch.path + "/store")
            : try await SimulatedCloud.running().makeStore()
        let fleet = fleet(workers: 40)
        let machines = (1...50).map { "i-\($0)" }
        let names = try machines.map { try name($0, fleet, in: store) }
        let found = await withTaskGroup(of: (String, String?).self) { group in
            for (machine, name) in zip(machines, names) {
                group.addTask { (machine, try? await name.claim(.worker)) }
            }
            return await group.reduce(into: [String: String]()) { $0[$1.0] = $1.1 }
        }
        #expect(found.count == 40)
        #expect(Set(found.values) == Set(fleet.workers))
        for (machine, node) in found {
            let claim = try await store.record(
                NodeClaim.self, at: FleetKeys("f").claim(of: node))
            #expect(claim?.machine == machine)
        }
        // Agents that start again are who they were, and the others have no better luck.
        for machine in machines.prefix(20) {
            let again = try? await name(machine, fleet, in: store).claim(.worker)
            #expect(again == found[machine])
        }
        let error = try await #require(throws: NodeError.self) {
            try await name("i-new", fleet, in: store).claim(.worker)
        }
        #expect(error.message.contains("all of its 40 worker names are taken"))
    }

    @Test func `a machine that died between any two steps of its claim is one node, not two`()
        async throws
    {
        let store = try FolderStore(at: scratch.path + "/store")
        let fleet = fleet(workers: 3)
        // It remembered a name and died before claiming it; somebody else has it now.
        try scratch.write("i-1/node", "worker-2")
        _ = try await store.create(
            NodeClaim(node: "worker-2", machine: "i-2", at: .now),
            at: FleetKeys("f").claim(of: "worker-2"))
        let first = try await name("i-1", fleet, in: store).claim(.worker)
        #expect(first != "worker-2")
        // It died after claiming.
        #expect(try await name("i-1", fleet, in: store).claim(.worker) == first)
        // Its memory is damaged, and all names are taken.
        _ = try await name("i-3", fleet, in: store).claim(.worker)
        try scratch.write("i-1/node", "no such node")
        #expect(try await name("i-1", fleet, in: store).claim(.worker) == first)
        #expect(try await store.list(prefix: FleetKeys("f").claimsPrefix).count == 3)
    }

    @Test func `there is one controller`() async throws {
        let store = try FolderStore(at: scratch.path + "/store")
        let fleet = fleet(workers: 3)
        #expect(try await name("i-1", fleet, in: store).claim(.controller) == "controller")
        await #expect(throws: NodeError.self) {
            try await name("i-2", fleet, in: store).claim(.controller)
        }
    }
}
