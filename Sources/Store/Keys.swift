// The map of a store. Every key is made here and nowhere else.
//
//     fleets/<fleet>/fleet.json              the fleet as `up` made it
//     fleets/<fleet>/run.json                the run that has the fleet; also the lock
//     fleets/<fleet>/keystore.p12, .password the fleet's RMI key, made by the controller
//     fleets/<fleet>/nodes/<node>/registration.json, heartbeat.json
//     runs/<run>/request.json                what to run, and on whom
//     runs/<run>/bundle/…                    the plan, its data and properties files
//     runs/<run>/go.json, stop.json          the start signal; the wish to stop
//     runs/<run>/nodes/<node>/progress.json  how far a node is
//     runs/<run>/nodes/<node>/live.json      its last intervals
//     runs/<run>/nodes/<node>/parts/…        its samples, in parts as they come
//     runs/<run>/nodes/<node>/files/…        its logs and the plan as it ran
//     runs/<run>/nodes/<node>/outcome.json   how it ended, and what it delivered
//     runs/<run>/outcome.json                the controller's word that the run is over
//     runs/<run>/live.jsonl                  merged live figures (a log, not an object)
//     runs/<run>/fetched.json                results were fetched; the rest may go

/// The keys of one fleet.
package struct FleetKeys: Sendable {
    package let prefix: String

    package init(_ fleet: String) { prefix = "fleets/\(fleet)/" }

    package var fleet: StoreKey { StoreKey(unchecked: prefix + "fleet.json") }
    package var run: StoreKey { StoreKey(unchecked: prefix + "run.json") }
    package var keystore: StoreKey { StoreKey(unchecked: prefix + "keystore.p12") }
    package var keystorePassword: StoreKey { StoreKey(unchecked: prefix + "keystore.password") }

    package func registration(of node: String) -> StoreKey {
        StoreKey(unchecked: prefix + "nodes/\(node)/registration.json")
    }

    package func heartbeat(of node: String) -> StoreKey {
        StoreKey(unchecked: prefix + "nodes/\(node)/heartbeat.json")
    }
}

/// The keys of one run.
package struct RunKeys: Sendable {
    package let prefix: String

    package init(_ run: String) { prefix = "runs/\(run)/" }

    package var request: StoreKey { StoreKey(unchecked: prefix + "request.json") }
    package var bundlePrefix: String { prefix + "bundle/" }
    package var go: StoreKey { StoreKey(unchecked: prefix + "go.json") }
    package var stop: StoreKey { StoreKey(unchecked: prefix + "stop.json") }
    package var outcome: StoreKey { StoreKey(unchecked: prefix + "outcome.json") }
    package var live: StoreKey { StoreKey(unchecked: prefix + "live.jsonl") }
    package var fetched: StoreKey { StoreKey(unchecked: prefix + "fetched.json") }

    package func bundled(_ file: String) throws(StoreError) -> StoreKey {
        try StoreKey(checking: bundlePrefix + file)
    }

    package func node(_ node: String) -> NodeRunKeys {
        NodeRunKeys(prefix: prefix + "nodes/\(node)/")
    }
}

/// The keys of one node's part in a run.
package struct NodeRunKeys: Sendable {
    package let prefix: String

    package var progress: StoreKey { StoreKey(unchecked: prefix + "progress.json") }
    package var live: StoreKey { StoreKey(unchecked: prefix + "live.json") }
    package var outcome: StoreKey { StoreKey(unchecked: prefix + "outcome.json") }
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
