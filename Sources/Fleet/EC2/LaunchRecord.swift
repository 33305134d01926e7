// What stands in the store before anything is asked of EC2: a request for machines, complete and
// with its client token. Whoever finds one without an answer can ask again and gets the same
// machines, or knows that machines may yet turn up.
//
//     fleets/<fleet>/ec2/launch-0001.json

package import FoundationEssentials
package import Store

/// A request for machines, as it was or will be sent.
package struct LaunchRecord: Record, Equatable {
    /// How EC2 is asked.
    package enum Kind: String, Codable, Sendable {
        case instantFleet
        case spotFleetRequest
        case spotFleetMaintain
    }

    package var number: Int
    package var role: Role
    package var kind: Kind
    package var isSpot: Bool
    package var templateId: String
    package var templateVersion: String
    package var pools: [PoolRecord]
    package var target: Int
    /// The role of a spot fleet.
    package var fleetRole: String?
    /// When a spot fleet ends by itself.
    package var validUntil: Date?
    package var token: String
    package var requestedAt: Date
    /// The id of the fleet or spot fleet request; absent until AWS has answered.
    package var requestId: String?
    /// The instances of an instant fleet.
    package var instances: [String]
    /// AWS said no, so that nothing can have come of it.
    package var isRefused: Bool

    /// How long after its request an instance may not be seen yet, in the worst case.
    static let horizon: TimeInterval = 120

    /// Whether it may have made machines that nobody has heard of.
    package var isOpen: Bool { requestId == nil && !isRefused }
}

/// A type in a subnet.
package struct PoolRecord: Codable, Sendable, Hashable {
    package var type: String
    package var subnet: String
}

/// The requests of one fleet.
struct LaunchBook: Sendable {
    let store: any ObjectStore
    let fleet: String

    var prefix: String { FleetKeys(fleet).prefix + "ec2/" }

    private func key(_ number: Int) -> StoreKey {
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return StoreKey(unchecked: "\(prefix)launch-\(padded).json")
    }

    /// All requests so far, first to last.
    func records() async throws -> [LaunchRecord] {
        let keys = try await store.list(prefix: prefix + "launch-").map(\.key)
        return try await inParallel(keys) { [store] key in
            try await store.record(LaunchRecord.self, at: key)
        }.compactMap(\.self)
    }

    func put(_ record: LaunchRecord) async throws {
        try await uninterrupted { try await store.put(record, at: key(record.number)) }
    }

    /// Everything that was asked for, for those who end it.
    struct Asked: Sendable {
        var launches: [LaunchRecord] = []
        var templates: [TemplateRecord] = []
        /// Whether there is more that can't be read; it must not keep machines running.
        var isDamaged = false
    }

    func readable() async throws -> Asked {
        var asked = Asked()
        for key in try await store.list(prefix: prefix).map(\.key) {
            guard let data = try await store.read(key) else { continue }
            if let launch = try? RecordCoding.record(LaunchRecord.self, from: data, at: key) {
                asked.launches.append(launch)
            } else if let made = try? RecordCoding.record(
                TemplateRecord.self, from: data, at: key)
            {
                asked.templates.append(made)
            } else {
                asked.isDamaged = true
            }
        }
        return asked
    }
}

extension FleetRecord {
    /// What tells this making of the fleet from others of the same name: letters and digits.
    var creation: String {
        String(Int64((createdAt.timeIntervalSince1970 * 1_000).rounded()), radix: 36)
    }

    /// A client token, the same whenever it is asked for; at most 64 characters.
    func token(_ purpose: String) -> String { "\(name)-\(creation)-\(purpose)" }
}
