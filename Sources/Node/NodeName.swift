// How a machine finds out which node it is. Machines of one fleet are made alike, so each tries
// names until a claim of one is its own; the store lets one machine have a name.

internal import FoundationEssentials
package import Store

/// Finds the name of the node that a machine is to be.
package struct NodeName: Sendable {
    private let store: any ObjectStore
    private let fleet: FleetRecord
    private let machine: String
    private let memo: String

    /// Looks for a name on behalf of a machine, and remembers it in the machine's own folder.
    package init(
        for machine: String, of fleet: FleetRecord, in store: any ObjectStore, folder: String
    ) {
        self.store = store
        self.fleet = fleet
        self.machine = machine
        memo = folder + "/node"
    }

    /// Names tried before the claims are listed anew.
    private static let triesPerListing = 10

    /// Claims a free name of a role, or finds the one that the machine has already.
    ///
    /// - Throws: ``NodeError`` when all names are taken, or errors of the store.
    package func claim(_ role: Role) async throws -> String {
        let names = role == .controller ? [fleet.controller] : fleet.workers
        if let name = try? String(contentsOf: URL(filePath: memo), encoding: .utf8),
            names.contains(name), try await isOurs(name)
        {
            return name
        }
        while case let free = try await free(of: names), !free.isEmpty {
            for name in free.shuffled().prefix(Self.triesPerListing) {
                // Remembered first: whenever we die, the next of us looks at this very name.
                try Data(name.utf8).write(to: URL(filePath: memo), options: .atomic)
                if try await create(name) { return name }
            }
        }
        // A machine whose memory was lost may still have a name.
        let keys = FleetKeys(fleet.name)
        let claims = try await store.records(NodeClaim.self, at: names.map(keys.claim))
        if let ours = claims.values.first(where: { $0.machine == machine }) { return ours.node }
        throw NodeError(
            "fleet \(fleet.name) has no node left to be: all of its \(names.count) "
                + "\(role.rawValue) names are taken")
    }

    private func free(of names: [String]) async throws -> [String] {
        let keys = FleetKeys(fleet.name)
        let taken = Set(try await store.list(prefix: keys.claimsPrefix).map(\.key))
        return names.filter { !taken.contains(keys.claim(of: $0)) }
    }

    private func create(_ name: String) async throws -> Bool {
        try await store.create(
            NodeClaim(node: name, machine: machine, at: .now),
            at: FleetKeys(fleet.name).claim(of: name))
    }

    private func isOurs(_ name: String) async throws -> Bool {
        try await store.record(NodeClaim.self, at: FleetKeys(fleet.name).claim(of: name))?.machine
            == machine
    }
}
