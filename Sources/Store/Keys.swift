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
//     runs/<run>/nodes/progress/<node>.json  how far a node is
//     runs/<run>/nodes/live/<node>.json      its last intervals
//     runs/<run>/nodes/outcomes/<node>.json  how it ended, and what it delivered
//     runs/<run>/nodes/<node>/parts/…        its samples, in parts as they come
//     runs/<run>/nodes/<node>/files/…        its logs and the plan as it ran
//     runs/<run>/outcome.json                the controller's word that the run is over
//     runs/<run>/live.jsonl                  merged live figures (a log, not an object)
//     runs/<run>/fetched.json                results were fetched; the rest may go
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
    package var outcome: StoreKey { StoreKey(unchecked: prefix + "outcome.json") }
    package var live: StoreKey { StoreKey(unchecked: prefix + "live.jsonl") }
    package var fetched: StoreKey { StoreKey(unchecked: prefix + "fetched.json") }

    package func bundled(_ file: String) throws(StoreError) -> StoreKey {
        try StoreKey(checking: bundlePrefix + file)
    }

    package var progressPrefix: String { prefix + "nodes/progress/" }
    package var nodesLivePrefix: String { prefix + "nodes/live/" }
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
    package var live: StoreKey { StoreKey(unchecked: "\(run.nodesLivePrefix)\(node).json") }
    package var outcome: StoreKey { StoreKey(unchecked: "\(run.outcomesPrefix)\(node).json") }
    package var liveLog: StoreKey { StoreKey(unchecked: prefix + "live.log") }
    package var partsPrefix: String { prefix + "parts/" }
    package var filesPrefix: String { prefix + "files/" }

    /// A part of the node's samples; its name sorts in the order of the parts.
    package func part(_ number: Int) -> StoreKey {
        let digits = String(number)
        let name = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        return StoreKey(unchecked: "\(partsPrefix)\(name).jtl.zst")
    }

    package func file(_ name: String) -> StoreKey {
        StoreKey(unchecked: filesPrefix + name)
    }
}
