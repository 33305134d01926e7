// The instances of a fleet as EC2 shows them, and the nodes they say they are. An instance that
// was just made may not be shown for a while; a node's claim in the store names its instance.

internal import AWS
internal import FoundationEssentials
internal import Store
internal import Synchronization

/// Looks at a fleet's instances.
struct InstanceView: Sendable {
    let caller: EC2Caller
    let store: any ObjectStore
    let claims = ClaimMemory()
    let launched = LaunchMemory()

    /// All instances that carry the fleet's tags, ended ones among them for an hour or so.
    func all(of fleet: String) async throws -> [Instance] {
        try await caller.pages(
            of: DescribeInstances(filters: FleetTags.filters(fleet: fleet), maxResults: 1_000)
        ).flatMap(\.instances).filter { FleetTags.match($0.tags, fleet: fleet) }
    }

    /// Those that are not gone yet.
    func present(of fleet: String) async throws -> [Instance] {
        try await all(of: fleet).filter { InstanceStates.present.contains($0.state) }
    }

    /// Those that are not gone yet, and the ids of those that can't be seen yet.
    func presentAndHidden(of fleet: String) async throws -> ([Instance], hidden: [String]) {
        let all = try await all(of: fleet)
        let hidden = launched.ids(of: fleet, since: caller.clock.now() - LaunchRecord.horizon)
            .subtracting(all.map(\.instanceID))
        return (all.filter { InstanceStates.present.contains($0.state) }, hidden.sorted())
    }

    /// Which node each instance has claimed.
    func nodes(of fleet: String) async throws -> [String: String] {
        let prefix = FleetKeys(fleet).prefix + "nodes/"
        let listed = try await store.list(prefix: prefix)
            .filter { $0.key.path.hasSuffix("/claim.json") }
        let known = claims.all(of: fleet, among: listed)
        let read = try await inParallel(listed.filter { known[$0.key] == nil }) { [store] object in
            (object, try await store.record(NodeClaim.self, at: object.key))
        }
        for (object, claim) in read { if let claim { claims.keep(claim, of: object, fleet) } }
        let all = Array(known.values) + read.compactMap(\.1)
        return Dictionary(
            all.map { ($0.machine, $0.node) }, uniquingKeysWith: { first, _ in first })
    }
}

/// Instances that this process has started.
final class LaunchMemory: Sendable {
    private let kept = Mutex<[String: [String: Date]]>([:])

    func ids(of fleet: String, since start: Date) -> Set<String> {
        kept.withLock { Set(($0[fleet] ?? [:]).filter { $0.value > start }.keys) }
    }

    func keep(_ ids: [String], of fleet: String, at time: Date) {
        kept.withLock { for id in ids { $0[fleet, default: [:]][id] = time } }
    }

    func forget(_ fleet: String) { kept.withLock { $0[fleet] = nil } }
}

/// Claims that were read: they stay what they are until another machine claims their node.
final class ClaimMemory: Sendable {
    private let kept = Mutex<[String: [StoreKey: (tag: String, claim: NodeClaim)]]>([:])

    func all(of fleet: String, among listed: [StoreObject]) -> [StoreKey: NodeClaim] {
        kept.withLock { kept in
            let known = kept[fleet] ?? [:]
            return listed.reduce(into: [:]) { claims, object in
                if let one = known[object.key], one.tag == object.tag {
                    claims[object.key] = one.claim
                }
            }
        }
    }

    func keep(_ claim: NodeClaim, of object: StoreObject, _ fleet: String) {
        kept.withLock { $0[fleet, default: [:]][object.key] = (object.tag, claim) }
    }

    func forget(_ fleet: String) { kept.withLock { $0[fleet] = nil } }
}
