// An account on a simulated cloud. Where instances are registered and don't boot, what their agents
// would put into the store appears by itself, so that commands see a fleet come up.
import AWS
import Foundation
import LoadfleetTesting
import Machine
import Store
import Testing

/// An account with its foundation, and somebody who works on fleets in it.
final class Account: Sendable {
    let cloud: SimulatedCloud
    /// Instances of somebody else, which nobody may touch.
    let strangers: Int
    /// Where commands that may know what others did keep what they packed.
    private let cache: String

    init(
        strangers: Int = 50, boots: Bool = false, hasFoundation: Bool = true
    ) async throws {
        cloud = try await SimulatedCloud.another(boots: boots)
        self.strangers = strangers
        cache = NSTemporaryDirectory() + "loadfleet-cache-\(UUID().uuidString)"
        if hasFoundation { try await cloud.makeFoundation() }
        if !boots {
            try await cloud.ask("_cloud/settings", #"{"pending": 0.1, "stopping": 0.5}"#)
            try await cloud.ask("_cloud/agent", try Self.agents())
        }
        try await cloud.ask("_cloud/strangers", #"{"count": \#(strangers)}"#)
    }

    deinit { try? FileManager.default.removeItem(atPath: cache) }

    var key: SimulatedCloud.Key { SimulatedCloud.Key(key: cloud.key, secret: cloud.secret) }

    /// The store of this account's fleets.
    func store() throws -> S3Store {
        S3Store(
            client: try cloud.client(), bucket: SimulatedCloud.bucket,
            logGroup: SimulatedCloud.logGroup)
    }

    /// A folder with an environment file and a plan, and a machine that knows nothing else.
    ///
    /// Settings are those of `ec2`; machines that `remember` have packed JMeter before.
    func bench(
        _ fleet: String, workers: Int, settings: [String: String] = [:],
        lease: String = "1h", by key: SimulatedCloud.Key? = nil, remembers: Bool = false
    ) throws -> Bench {
        let key = key ?? self.key
        var variables = [
            "AWS_ENDPOINT_URL": cloud.url(), "AWS_ACCESS_KEY_ID": key.key,
            "AWS_SECRET_ACCESS_KEY": key.secret, "AWS_EC2_METADATA_DISABLED": "true",
            "LOADFLEET_HEARTBEAT_LOST_AFTER": cloud.boots ? "15s" : "10m",
        ]
        if remembers { variables["XDG_CACHE_HOME"] = cache }
        let bench = try Bench(variables, in: self)
        let usual = [
            "region": "us-east-1", "instance-types": "[c5.large, c5a.large]",
            "min-workers": "\(workers)",
        ]
        let lines = usual.merging(settings) { $1 }.sorted { $0.key < $1.key }
            .map { "  \($0.key): \($0.value)\n" }.joined()
        try bench.write(
            "provider: ec2\nname: \(fleet)\nworkers: \(workers)\nlease: \(lease)\nec2:\n\(lines)",
            to: "loadfleet.yaml")
        try bench.write(
            Plans.sleeping(threads: "\(workers)", loops: 1, milliseconds: 10), to: "plan.jmx")
        return bench
    }

    /// What is left of a fleet, in words; nothing if all of it is gone.
    ///
    /// Its runs' results and its lock, which is open, stay in the store.
    func traces(of fleet: String) async throws -> [String] {
        try await cloud.left().filter { thing in
            thing.tags["loadfleet:fleet"] == fleet || thing.id.hasPrefix("lf.\(fleet).")
                || thing.id.contains("/fleets/\(fleet)/")
        }.map { "\($0.kind) \($0.id) \($0.state ?? "")" }
    }

    /// The instances of a fleet that are not gone, by the role they have.
    func instances(of fleet: String) async throws -> [SimulatedCloud.Thing] {
        try await cloud.left().filter {
            $0.kind == "instance" && $0.tags["loadfleet:fleet"] == fleet
        }
    }

    /// Whether somebody else's instances are as they were.
    func areStrangersWell() async throws -> Bool {
        let theirs = try await cloud.left().filter {
            $0.kind == "instance" && $0.tags["owner"] == "someone-else"
        }
        return theirs.count == strangers && theirs.allSatisfy { $0.state == "running" }
    }

    /// What the agents of instances put into the store, as the simulated cloud wants it.
    private static func agents() throws -> String {
        var objects: [[String: Any]] = []
        for (role, node) in [(Role.controller, "controller"), (.worker, "worker-{{number}}")] {
            let keys = FleetKeys("{{tag:loadfleet:fleet}}")
            func add(_ key: StoreKey, _ record: some Record) throws {
                objects.append([
                    "bucket": SimulatedCloud.bucket, "key": key.path,
                    "body": String(decoding: try RecordCoding.data(record), as: UTF8.self),
                    "where": ["loadfleet:role": role.rawValue],
                ])
            }
            try add(
                keys.claim(of: node),
                NodeClaim(node: node, machine: "{{instance-id}}", at: .now))
            try add(
                keys.registration(of: node),
                NodeRegistration(
                    node: node, role: role, machine: "{{instance-id}}", address: "{{private-ip}}",
                    jmeterVersion: "5.6.2", javaVersion: "17", loadfleetVersion: "0",
                    registeredAt: .now))
            try add(
                keys.heartbeat(of: node), Heartbeat(node: node, sequence: 1, at: .now, run: nil))
        }
        let data = try JSONSerialization.data(withJSONObject: ["objects": objects])
        return String(decoding: data, as: UTF8.self)
    }
}
