// Waiting for nodes. A provider that names its machines can say at once that one is dead. On a
// cloud, machines come up nameless and claim a node each; some never do. Those are replaced, once
// and only a few; then the fleet goes on without them if enough are left, or is given back.

internal import FoundationEssentials
internal import Store

/// Nodes that are waited for.
struct ReadyWait {
    let nodes: [String]
    /// How many of them can come.
    let machines: Int
    let fleet: FleetRecord
    let minWorkers: Int
    let timeout: Duration
    var notes: [String]
    /// How many machines were replaced so far.
    var replaced = 0
    /// Whether those that hung have had their second chance.
    var hasReplacedHanging = false

    /// A tenth may be replaced: if more fails, more of the same would fail, too.
    var allowance: Int { max(1, machines / 10) - replaced }
}

extension FleetLife {
    /// Waits until as many nodes are ready as can be, and returns those.
    ///
    /// - Throws: ``FleetError/cannotStart(node:reason:)`` when too few of them get ready.
    func waitUntilReady(
        _ wait: inout ReadyWait, _ progress: @Sendable (UpProgress) -> Void
    ) async throws -> [String] {
        let began = clock.elapsed()
        var pause = provider.pace.look.lowerBound
        while true {
            let machines = try await provider.machines(of: wait.fleet.name)
            let all = try await nodes(of: wait.fleet, on: machines)
            let status = all.filter { wait.nodes.contains($0.name) }
            let ready = status.filter(\.isReady).map(\.name)
            let elapsed = clock.elapsed() - began
            let others = all.count(where: { $0.isReady }) - ready.count
            let running = machines.count { !$0.isEnding } - others
            progress(
                UpProgress(
                    running: max(0, provider.pace.namesMachines ? named(status) : running),
                    ready: ready.count, wanted: wait.nodes.count, replaced: wait.replaced,
                    elapsed: elapsed))
            if ready.count >= wait.machines, hasController(ready, wait) { return ready }
            if provider.pace.namesMachines {
                try await checkNamed(status, wait, elapsed)
            } else if let kept = try await replaceOrDecide(all, machines, &wait, elapsed) {
                return kept
            }
            try await clock.sleep(pause)
            pause = min(pause * 1.25, provider.pace.look.upperBound)
        }
    }

    private func named(_ status: [FleetStatus.Node]) -> Int {
        status.count { $0.machine != nil }
    }

    private func hasController(_ ready: [String], _ wait: ReadyWait) -> Bool {
        !wait.nodes.contains(wait.fleet.controller) || ready.contains(wait.fleet.controller)
    }

    /// A named machine that is gone won't come back.
    private func checkNamed(
        _ status: [FleetStatus.Node], _ wait: ReadyWait, _ elapsed: Duration
    ) async throws {
        if let dead = status.first(where: { $0.machine == nil }) {
            let words = await provider.lastWords(of: dead.name, in: wait.fleet.name)
            throw FleetError.cannotStart(
                node: dead.name, reason: words ?? "it ended at once and said nothing")
        }
        guard elapsed >= wait.timeout else { return }
        throw FleetError.cannotStart(
            node: status.filter { !$0.isReady }.map(\.name).joined(separator: ", "),
            reason: "not ready after \(wait.timeout.components.seconds) s")
    }

    // MARK: - Machines that claim their nodes

    /// Replaces machines that ended or hang; at the end of patience, decides.
    ///
    /// - Returns: The nodes to go on with, once that is decided.
    private func replaceOrDecide(
        _ all: [FleetStatus.Node], _ machines: [FleetMachine], _ wait: inout ReadyWait,
        _ elapsed: Duration
    ) async throws -> [String]? {
        let open = all.filter { wait.nodes.contains($0.name) && !$0.isReady }
        let missing = wait.machines - (wait.nodes.count - open.count)
        let carried = Set(all.compactMap { $0.machine?.id })
        let unnamed = machines.count { !$0.isEnding && !carried.contains($0.id) }
        let coming = unnamed + open.count { $0.machine?.isEnding == false }
        let gone = missing - coming
        if elapsed >= wait.timeout || (gone > wait.allowance && tooFew(all, coming, wait)) {
            return try await decide(all, open, &wait, elapsed)
        }
        if gone > 0, gone <= wait.allowance {
            // Machines that ended by themselves; those on their way stay.
            let dead = open.filter { $0.machine?.isEnding != false }
            let freed = try await freeClaims(of: dead.map(\.name), machines, wait.fleet)
            // A node that was claimed has lost its machine; of the others, who knows.
            let order =
                dead.filter { freed.contains($0.name) }
                + dead.filter { !freed.contains($0.name) }
            try await replace(order, gone, &wait)
        } else if elapsed >= wait.timeout / 2, missing > 0, missing <= wait.allowance,
            !wait.hasReplacedHanging
        {
            wait.hasReplacedHanging = true
            try await end(open.map(\.name), of: wait.fleet)
            try await replace(open, missing, &wait)
        }
        return nil
    }

    /// Frees nodes from the claims of machines that are gone, so that others can claim them;
    /// returns the nodes that were claimed so.
    private func freeClaims(
        of nodes: [String], _ machines: [FleetMachine], _ fleet: FleetRecord
    ) async throws -> Set<String> {
        let keys = FleetKeys(fleet.name)
        // Since the machines were listed, one on its way may have claimed its node.
        let alive = Set(machines.filter { !$0.isEnding }.map(\.id))
        let claims = try await store.records(NodeClaim.self, at: nodes.map(keys.claim))
        let stale = claims.values.filter { !alive.contains($0.machine) }.map(\.node)
        if !stale.isEmpty { try await forget(stale, of: fleet) }
        return Set(stale)
    }

    private func replace(
        _ open: [FleetStatus.Node], _ count: Int, _ wait: inout ReadyWait
    ) async throws {
        // The controller is the first of all nodes, so it is never left out.
        let names = open.prefix(count).map(\.name)
        wait.replaced += count
        wait.notes += try await provider.start(names, of: wait.fleet).notes
    }

    /// Whether even all that are on their way would not be enough.
    private func tooFew(_ all: [FleetStatus.Node], _ coming: Int, _ wait: ReadyWait) -> Bool {
        all.count(where: { $0.isReady && $0.role == .worker }) + coming < wait.minWorkers
    }

    private func decide(
        _ all: [FleetStatus.Node], _ open: [FleetStatus.Node], _ wait: inout ReadyWait,
        _ elapsed: Duration
    ) async throws -> [String] {
        let workers = all.count { $0.isReady && $0.role == .worker }
        let hasController = all.contains { $0.isReady && $0.role == .controller }
        let names = Self.names(open)
        let mute = open.first { $0.machine != nil }?.name
        var words = await provider.lastWords(of: mute, in: wait.fleet.name) ?? ""
        if !words.isEmpty { words = "; the end of a console: \(words)" }
        let reason = "not ready after \(elapsed.components.seconds) s\(words)"
        guard hasController, workers >= wait.minWorkers else {
            throw FleetError.cannotStart(node: names, reason: reason)
        }
        try await end(open.map(\.name), of: wait.fleet)
        wait.notes.append("going on without \(names): \(reason)")
        let left = Set(open.map(\.name))
        return wait.nodes.filter { !left.contains($0) }
    }

    /// A few names, and how many more.
    private static func names(_ nodes: [FleetStatus.Node]) -> String {
        let shown = nodes.prefix(3).map(\.name).joined(separator: ", ")
        return nodes.count > 3 ? "\(shown) and \(nodes.count - 3) more" : shown
    }

    // MARK: - Signs of life

    /// Which nodes have said that they are there, and when; two listings tell.
    func nodes(
        of fleet: FleetRecord, on machines: [FleetMachine]
    ) async throws -> [FleetStatus.Node] {
        let keys = FleetKeys(fleet.name)
        let registered = Set(try await store.list(prefix: keys.registrationsPrefix).map(\.key))
        let beats = Dictionary(
            try await store.list(prefix: keys.heartbeatsPrefix).map { ($0.key, $0.modified) },
            uniquingKeysWith: { $1 })
        // By the store's clock, which is the one that dates its objects.
        let oldest = store.now - TimeInterval(fleet.tuning.lostAfterSeconds)
        let byNode = Dictionary(
            machines.compactMap { machine in machine.node.map { ($0, machine) } },
            uniquingKeysWith: { $0.isEnding ? $1 : $0 })
        return fleet.nodes.map { name in
            let beat = beats[keys.heartbeat(of: name)]
            return FleetStatus.Node(
                name: name, role: name == fleet.controller ? .controller : .worker,
                machine: byNode[name],
                isRegistered: registered.contains(keys.registration(of: name)),
                isHeard: beat != nil, isSilent: beat.map { $0 < oldest } ?? false)
        }
    }
}

/// Does something for each of many, a few at a time; the answers are in the order of the items.
func inParallel<Item: Sendable, Answer: Sendable>(
    _ items: [Item], atOnce width: Int = 32,
    _ body: @escaping @Sendable (Item) async throws -> Answer
) async throws -> [Answer] {
    try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
        var answers = [Answer?](repeating: nil, count: items.count)
        var next = 0
        func add() {
            let index = next
            next += 1
            group.addTask { (index, try await body(items[index])) }
        }
        while next < min(width, items.count) { add() }
        while let (index, answer) = try await group.next() {
            answers[index] = answer
            if next < items.count { add() }
        }
        return answers.compactMap(\.self)
    }
}
