// The tags by which everything of a fleet is found again, from any machine and without any file.
// They are put on in the call that makes a thing, never afterwards: what is made is never untagged.

internal import AWS
internal import FoundationEssentials
internal import Store

/// The tags of a fleet's things.
struct FleetTags: Sendable {
    static let managed = "loadfleet:managed"
    static let fleet = "loadfleet:fleet"
    static let role = "loadfleet:role"
    static let expires = "loadfleet:expires"
    static let store = "loadfleet:store"

    /// The fleet's own tags and the user's.
    let common: [Tag]

    init(_ fleet: FleetRecord, store: String, own: [String: String]) {
        common =
            [
                Tag(Self.managed, "true"), Tag(Self.fleet, fleet.name),
                Tag(Self.expires, fleet.leaseEndsAt.formatted(.iso8601)),
                Tag(Self.store, String(store.suffix(256))),
            ] + own.sorted { $0.key < $1.key }.map { Tag($0.key, $0.value) }
    }

    /// All tags of a role's things.
    func of(_ role: Role) -> [Tag] { common + [Tag(Self.role, role.rawValue)] }

    /// The same tags for several kinds of things.
    func specifications(_ role: Role, _ kinds: String...) -> [TagSpecification] {
        kinds.map { TagSpecification($0, of(role)) }
    }

    // MARK: - Finding

    /// Finds what loadfleet made, of one fleet or of any.
    static func filters(fleet: String? = nil) -> [Filter] {
        [Filter("tag:\(managed)", "true")]
            + (fleet.map { [Filter("tag:\(Self.fleet)", $0)] } ?? [])
    }

    /// Whether tags say that their thing is a fleet's.
    static func match(_ tags: [Tag], fleet name: String) -> Bool {
        value(managed, in: tags) == "true" && value(fleet, in: tags) == name
    }

    static func value(_ key: String, in tags: [Tag]) -> String? {
        tags.first { $0.key == key }?.value
    }
}

/// States in which an instance is not gone yet.
enum InstanceStates {
    /// It works, or will.
    static let alive: Set<String> = ["pending", "running"]
    /// It may cost something, or holds on to things.
    static let present = ["pending", "running", "stopping", "stopped", "shutting-down"]
}
