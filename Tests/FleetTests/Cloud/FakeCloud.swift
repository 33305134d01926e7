// EC2 in memory, as far as fleets need it, with the habits of the real one that hurt: pools that
// run out, answers that get lost, ids that are not known yet, throttling, quotas. It answers the
// requests that our own calls send; that those are what AWS wants, AWSTests check.

import FoundationEssentials
import HTTP
import Store
import Synchronization

@testable import Fleet

/// What a cloud is like.
struct CloudHabits: Sendable {
    /// How many instances a pool `type/subnet` has; endless where it is not named.
    var capacity: [String: Int] = [:]
    /// Spot instances the account may have.
    var quota = 10_000
    /// How long new ids stay unknown to describes.
    var visibleAfter = Duration.zero
    /// Calls are refused until then, all or every second one.
    var throttledUntil = Duration.zero
    /// Calls whose answer is lost, by name, and how often.
    var lostAnswers: [String: Int] = [:]
    /// From start to the claim of a node.
    var boot = Duration.seconds(30)
    /// How long an instance takes to end.
    var shutdown = Duration.seconds(20)
    /// Which instances, counted from 0, never get ready.
    var mute: Set<Int> = []
    /// Which ones power off at once.
    var broken: Set<Int> = []
    /// Which ones power off after they have claimed a node, and before they are ready.
    var fleeting: Set<Int> = []
    /// Codes with which calls are refused, by name.
    var refusals: [String: String] = [:]
}

/// An account in one region.
final class FakeCloud: Sendable {
    struct Machine: Sendable {
        let id: String
        let type: String
        let subnet: String
        let isSpot: Bool
        let tags: [String: String]
        let template: String
        let launched: Duration
        let number: Int
        var endsAt: Duration?
        var node: String?
        let image: String
    }

    struct Template: Sendable {
        let id: String
        let name: String
        let tags: [String: String]
        let made: Duration
        let form: [String: String]
    }

    struct SpotFleet: Sendable {
        let id: String
        let tags: [String: String]
        var state = "active"
        var instances: [String]
        let target: Int
    }

    struct State: Sendable {
        var habits: CloudHabits
        var machines: [String: Machine] = [:]
        var templates: [String: Template] = [:]
        var fleets: [String: [String]] = [:]
        var fleetsMade: [String: Duration] = [:]
        var spotFleets: [String: SpotFleet] = [:]
        var schedules: [String: String] = [:]
        /// The parameters and the answer of creates, by token.
        var tokens: [String: (parameters: String, answer: String)] = [:]
        var calls: [String] = []
        var nextID = 0
        /// The most workers that were alive at once.
        var most = 0
    }

    let time: VirtualTime
    let memory: MemoryStore
    let state: Mutex<State>

    init(_ habits: CloudHabits = CloudHabits(), foreigners: Int = 0) {
        time = VirtualTime()
        memory = MemoryStore(time)
        state = Mutex(State(habits: habits))
        state.withLock { state in
            for number in 0..<foreigners {
                let id = "i-foreign\(number)"
                // Somebody else's, with a tag that looks a little like ours.
                state.machines[id] = Machine(
                    id: id, type: "c6i.xlarge", subnet: "subnet-a", isSpot: number % 2 == 0,
                    tags: number % 3 == 0 ? ["loadfleet:fleet": "shop"] : ["Name": "theirs"],
                    template: "", launched: .seconds(-3_600), number: -1, image: "")
            }
        }
        time.eachSecond { [weak self] in self?.tick() }
    }

    // MARK: - Looking at it

    var calls: [String] { state.withLock { $0.calls } }
    /// Calls of EC2, by name.
    func count(_ name: String) -> Int { calls.count { $0 == name } }
    var most: Int { state.withLock { $0.most } }

    /// Instances that are not ended or ending.
    func alive(_ role: Role? = nil) -> [Machine] {
        state.withLock { state in
            state.machines.values.filter {
                $0.endsAt == nil && $0.tags["loadfleet:managed"] == "true"
                    && (role.map { role in role.rawValue } ?? $0.tags["loadfleet:role"])
                        == $0.tags["loadfleet:role"]
            }
        }
    }

    /// Everything that a fleet left.
    var left: [String] {
        alive().map(\.id)
            + state.withLock { state in
                Array(state.templates.keys) + Array(state.schedules.keys)
                    + state.spotFleets.values.filter { $0.state == "active" }.map(\.id)
            }
    }

    var foreigners: Int {
        state.withLock { $0.machines.values.count { $0.number < 0 && $0.endsAt == nil } }
    }

    func set(_ change: (inout CloudHabits) -> Void) { state.withLock { change(&$0.habits) } }

    // MARK: - Nodes

    /// Lets booted instances claim nodes and say that they live.
    private func tick() {
        let now = time.elapsed
        // Often enough for patience of 30 s.
        guard now.components.seconds % 5 == 0 else { return }
        state.withLock { state in
            for machine in state.machines.values
            where machine.endsAt == nil && machine.number >= 0 {
                guard let fleet = machine.tags["loadfleet:fleet"],
                    now - machine.launched >= state.habits.boot
                else { continue }
                if state.habits.broken.contains(machine.number) {
                    state.machines[machine.id]?.endsAt = now + state.habits.shutdown
                    continue
                }
                guard !state.habits.mute.contains(machine.number) else { continue }
                if machine.node == nil { state.machines[machine.id]?.node = claim(machine, fleet) }
                guard !state.habits.fleeting.contains(machine.number) else {
                    state.machines[machine.id]?.endsAt = now + state.habits.shutdown
                    continue
                }
                if let node = state.machines[machine.id]?.node { beat(node, of: fleet) }
            }
        }
    }

    private func claim(_ machine: Machine, _ name: String) -> String? {
        let keys = FleetKeys(name)
        guard let data = memory.read(keys.fleet.path)?.data,
            let fleet = try? RecordCoding.record(FleetRecord.self, from: data, at: keys.fleet)
        else { return nil }
        let names =
            machine.tags["loadfleet:role"] == "controller" ? [fleet.controller] : fleet.workers
        for node in names {
            let claim = NodeClaim(node: node, machine: machine.id, at: time.now)
            guard let data = try? RecordCoding.data(claim),
                memory.write(data, to: keys.claim(of: node).path, if: { $0 == nil })
            else { continue }
            let registration = NodeRegistration(
                node: node, role: node == fleet.controller ? .controller : .worker,
                machine: machine.id, address: "10.0.0.1", jmeterVersion: "5.6.3",
                javaVersion: "17", loadfleetVersion: "0", registeredAt: time.now)
            if let data = try? RecordCoding.data(registration) {
                memory.write(data, to: keys.registration(of: node).path)
            }
            return node
        }
        return nil
    }

    private func beat(_ node: String, of fleet: String) {
        guard !memory.touch(FleetKeys(fleet).heartbeat(of: node).path) else { return }
        let beat = Heartbeat(node: node, sequence: 1, at: time.now, run: nil)
        if let data = try? RecordCoding.data(beat) {
            memory.write(data, to: FleetKeys(fleet).heartbeat(of: node).path)
        }
    }
}

/// A request to the cloud, read.
struct CloudRequest {
    let service: String
    let name: String
    let method: String
    let path: String
    let form: [String: String]
    let body: String

    init(_ request: HTTPRequest) {
        service = String(request.url.host.prefix { $0 != "." })
        method = request.method
        if case .bytes(let bytes) = request.body {
            body = String(decoding: bytes, as: UTF8.self)
        } else {
            body = ""
        }
        path = request.url.path
        let query = request.url.query ?? ""
        var form: [String: String] = [:]
        let pairs = service == "scheduler" ? query[...] : body[...]
        for pair in pairs.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            form[Self.decoded(parts[0])] = Self.decoded(parts[1])
        }
        self.form = form
        name =
            form["Action"] ?? request.headers["X-Amz-Target"]?.split(separator: ".").last
            .map(String.init) ?? "\(method) \(service)"
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"),
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A list's values.
    func list(_ name: String) -> [String] {
        var values: [String] = []
        while let value = form["\(name).\(values.count + 1)"] { values.append(value) }
        return values
    }

    /// The tags at a place.
    func tags(_ place: String) -> [String: String] {
        var tags: [String: String] = [:]
        var index = 1
        while let key = form["\(place).Tag.\(index).Key"] {
            tags[key] = form["\(place).Tag.\(index).Value"] ?? ""
            index += 1
        }
        return tags
    }

    /// The filters, by name.
    var filters: [String: [String]] {
        var filters: [String: [String]] = [:]
        var index = 1
        while let name = form["Filter.\(index).Name"] {
            filters[name] = list("Filter.\(index).Value")
            index += 1
        }
        return filters
    }

    /// Whether tags meet all filters on tags.
    func match(_ tags: [String: String]) -> Bool {
        filters.allSatisfy { name, values in
            guard name.hasPrefix("tag:") else { return true }
            return tags[String(name.dropFirst(4))].map(values.contains) ?? false
        }
    }
}
