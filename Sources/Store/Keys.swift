// The map of a store. Every key is made here and nowhere else.
//
//     fleets/<fleet>/fleet.json              the fleet as `up` made it
//     fleets/<fleet>/run.json                the run that has the fleet; also the lock
//     fleets/<fleet>/keystore.p12, .password the fleet's RMI key, made by the controller
//     fleets/<fleet>/nodes/<node>/claim.json the machine that is this node, on EC2
//     fleets/<fleet>/nodes/registrations/<node>.json what the node is and has
//     fleets/<fleet>/nodes/heartbeats/<node>.json    its sign of life, over and over
//     locks/<fleet>.json                     who brings the fleet up or down
//     runs/<run>/request.json                what to run, and on whom
//     runs/<run>/bundle/…                    the plan, its data and properties files
//     runs/<run>/go.json, stop.json          the start signal; the wish to stop
//     runs/<run>/muster.json                 who takes part, where not all were ready
//     runs/<run>/link.json                   where the controller listens for live figures
//     runs/<run>/nodes/progress/<node>.json  how far a node is
//     runs/<run>/nodes/outcomes/<node>.json  how it ended, and what it delivered
//     runs/<run>/nodes/<node>/parts/…        its samples, in parts as they come
//     runs/<run>/nodes/<node>/intervals/…    what of its interval log never got to the controller
//     runs/<run>/nodes/<node>/files/…        its logs and the plan as it ran
//     runs/<run>/outcome.json                the controller's word that the run is over
//     runs/<run>/live.jsonl                  merged live figures (a log, not an object)
//     runs/<run>/fetched.json                results were fetched; the rest may go
//     runs/tags/<name>.json                  the run that people call so
//
// What all nodes write and one reader watches stands together, so that one listing shows which of
// a thousand have moved. A worker writes below `nodes/` only, which is all that its role on EC2
// allows; a controller writes the run's records and its fleet's key besides, and deletes the run
// that has the fleet. Locks are the command line's own.

/// The keys of one fleet.
package struct FleetKeys: Sendable {
    package let prefix: String

    package init(_ fleet: String) { prefix = "fleets/\(fleet)/" }

    package var fleet: StoreKey { StoreKey(unchecked: prefix + "fleet.json") }
    package var run: StoreKey { StoreKey(unchecked: prefix + "run.json") }
    package var keystore: StoreKey { StoreKey(unchecked: prefix + "keystore.p12") }
    package var keystorePassword: StoreKey { StoreKey(unchecked: prefix + "keystore.password") }

    /// The fleet's lock; it stays when the fleet is gone.
    package var lock: StoreKey {
        StoreKey(unchecked: "locks/" + prefix.dropFirst("fleets/".count).dropLast() + ".json")
    }

    package var claimsPrefix: String { prefix + "nodes/" }
    package var registrationsPrefix: String { prefix + "nodes/registrations/" }
    package var heartbeatsPrefix: String { prefix + "nodes/heartbeats/" }

    package func claim(of node: String) -> StoreKey {
        StoreKey(unchecked: "\(claimsPrefix)\(node)/claim.json")
    }

    package func registration(of node: String) -> StoreKey {
        StoreKey(unchecked: "\(registrationsPrefix)\(node).json")
    }

    package func heartbeat(of node: String) -> StoreKey {
        StoreKey(unchecked: "\(heartbeatsPrefix)\(node).json")
    }
}

/// The keys of one run.
package struct RunKeys: Sendable {
    package let prefix: String

    package init(_ run: String) { prefix = "runs/\(run)/" }

    package var request: StoreKey { StoreKey(unchecked: prefix + "request.json") }
    package var bundlePrefix: String { prefix + "bundle/" }
    package var muster: StoreKey { StoreKey(unchecked: prefix + "muster.json") }
    package var go: StoreKey { StoreKey(unchecked: prefix + "go.json") }
    package var stop: StoreKey { StoreKey(unchecked: prefix + "stop.json") }
    package var link: StoreKey { StoreKey(unchecked: prefix + "link.json") }
    package var outcome: StoreKey { StoreKey(unchecked: prefix + "outcome.json") }
    package var live: StoreKey { StoreKey(unchecked: prefix + "live.jsonl") }
    package var fetched: StoreKey { StoreKey(unchecked: prefix + "fetched.json") }

    package func bundled(_ file: String) throws(StoreError) -> StoreKey {
        try StoreKey(checking: bundlePrefix + file)
    }

    package var progressPrefix: String { prefix + "nodes/progress/" }
    package var outcomesPrefix: String { prefix + "nodes/outcomes/" }

    package func node(_ node: String) -> NodeRunKeys {
        NodeRunKeys(run: self, node: node)
    }
}

/// The keys of one node's part in a run.
package struct NodeRunKeys: Sendable {
    fileprivate let run: RunKeys
    fileprivate let node: String
    private var prefix: String { "\(run.prefix)nodes/\(node)/" }

    package var progress: StoreKey { StoreKey(unchecked: "\(run.progressPrefix)\(node).json") }
    package var outcome: StoreKey { StoreKey(unchecked: "\(run.outcomesPrefix)\(node).json") }
    package var liveLog: StoreKey { StoreKey(unchecked: prefix + "live.log") }
    package var partsPrefix: String { prefix + "parts/" }
    package var filesPrefix: String { prefix + "files/" }

    package var intervalsPrefix: String { prefix + "intervals/" }

    /// The rest of the node's interval log, from a byte on.
    package func intervals(from offset: Int64) -> StoreKey {
        StoreKey(unchecked: "\(intervalsPrefix)\(Self.digits(Int(offset), 12)).log")
    }

    /// Where in the log the rest at a key begins; nil for other keys.
    package func offset(of key: StoreKey) -> Int64? {
        guard key.path.hasPrefix(intervalsPrefix), key.path.hasSuffix(".log") else { return nil }
        return Int64(key.path.dropFirst(intervalsPrefix.count).dropLast(".log".count))
    }

    /// A part of the node's samples that ends before byte `end` of them; its name sorts in the order
    /// of the parts.
    package func part(_ number: Int, end: Int64) -> StoreKey {
        StoreKey(unchecked: "\(partsPrefix)\(Self.digits(number, 6))-\(end).jtl.zst")
    }

    /// The number of a part and where it ends; nil for other keys, and without an end for the parts of
    /// older nodes, whose names don't tell.
    package func part(at key: StoreKey) -> (number: Int, end: Int64?)? {
        let ending = ".jtl.zst"
        guard key.path.hasPrefix(partsPrefix), key.path.hasSuffix(ending) else { return nil }
        let name = key.path.dropFirst(partsPrefix.count).dropLast(ending.count)
        let fields = name.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let number = Int(fields[0]) else { return nil }
        guard fields.count == 2 else { return (number, nil) }
        return Int64(fields[1]).map { (number, $0) }
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    package func file(_ name: String) -> StoreKey {
        StoreKey(unchecked: filesPrefix + name)
    }
}

/// The keys of tags; no run's id is `tags`, for ids begin with a date.
package enum TagKeys {
    package static let prefix = "runs/tags/"
    private static let ending = ".json"

    package static func tag(_ name: String) -> StoreKey {
        StoreKey(unchecked: prefix + name + ending)
    }

    package static func name(of key: StoreKey) -> String? {
        guard key.path.hasPrefix(prefix), key.path.hasSuffix(ending) else { return nil }
        return String(key.path.dropFirst(prefix.count).dropLast(ending.count))
    }
}
