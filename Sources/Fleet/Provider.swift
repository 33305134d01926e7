// Who rents the machines. A provider knows machines and how to start and end them; what the nodes
// on them do, it never sees: that goes through the store.

package import Store
package import Units

/// A machine, or what stands for one, that belongs to a fleet.
package struct FleetMachine: Sendable, Hashable {
    /// What the provider calls it: an instance id, or `pid 4711`.
    package let id: String
    /// What it is, in words for a person.
    package let description: String
    /// The node it carries, where that is known.
    package let node: String?
    /// Whether it is on its way out and does nothing any more.
    package let isEnding: Bool
    /// What an hour of it costs, where that is known.
    package let hourly: Money?

    package init(
        id: String, description: String, node: String?, isEnding: Bool = false,
        hourly: Money? = nil
    ) {
        self.id = id
        self.description = description
        self.node = node
        self.isEnding = isEnding
        self.hourly = hourly
    }
}

/// What came of starting machines.
package struct FleetStart: Sendable, Equatable {
    /// How many of the nodes get a machine.
    package let machines: Int
    /// Why it is not all of them, and what else a person should know.
    package let notes: [String]

    package init(machines: Int, notes: [String] = []) {
        self.machines = machines
        self.notes = notes
    }
}

/// How a provider's machines come up and go.
package struct ProviderPace: Sendable {
    /// Whether a started node has its machine from then on; otherwise machines come up nameless,
    /// and each claims a node in the store.
    package var namesMachines: Bool
    /// The first wait between two looks at nodes that are starting, and the longest one.
    package var look: ClosedRange<Duration>
    /// How long the end of all machines may take.
    package var release: Duration

    package init(namesMachines: Bool, look: ClosedRange<Duration>, release: Duration) {
        self.namesMachines = namesMachines
        self.look = look
        self.release = release
    }
}

/// A kind of place where fleets live.
package protocol Provider: Sendable {
    /// How its machines come up and go.
    var pace: ProviderPace { get }

    /// Checks, before anything is made, that the fleet could be made here.
    ///
    /// - Throws: ``FleetError`` saying what is in the way.
    func check(_ fleet: FleetRecord) async throws

    /// Does something to a fleet that nobody else may do at the same time; it is cancelled when
    /// its turn is lost.
    ///
    /// - Throws: ``FleetError/locked(fleet:)`` or ``StoreError/locked(by:since:expires:)`` when
    ///   somebody else is at it, and as ``Turn/check()`` when somebody else may be by now.
    func exclusively<Result: Sendable>(
        _ fleet: String, _ body: @escaping @Sendable (Turn) async throws -> Result
    ) async throws -> Result

    /// Ends the machines of some nodes, and those that should carry a node by now and don't.
    func end(_ nodes: [String], of fleet: String) async throws

    /// Starts machines for some nodes of a fleet, as far as there are none on the way for them;
    /// returns when they run, not when they are ready.
    func start(_ nodes: [String], of fleet: FleetRecord) async throws -> FleetStart

    /// The machines of a fleet, found by tag, whatever any record says.
    func machines(of fleet: String) async throws -> [FleetMachine]

    /// Ends everything of a fleet; returns what a search still finds when the limit has passed.
    func release(_ fleet: String, within limit: Duration) async throws -> [FleetMachine]

    /// The end of what a node's machine said while starting, for an error message.
    ///
    /// Without a node, of any machine that carries none.
    func lastWords(of node: String?, in fleet: String) async -> String?

    /// What the fleet has cost until now; `nil` where nothing is paid for.
    func cost(of fleet: String) async throws -> FleetCost?
}

/// Somebody's turn at a fleet, during which nobody else does anything to it.
package struct Turn: Sendable {
    /// A lock that can be lost; without one the turn lasts as long as this process.
    private let lock: StoreLock?

    init(_ lock: StoreLock? = nil) { self.lock = lock }

    /// Makes sure that it is still our turn; look before each step that cannot be undone.
    ///
    /// - Throws: ``StoreError/lockTaken(key:by:since:)`` or ``StoreError/lockLost(key:)``.
    package func check() throws { try lock?.check() }

    /// Does something to its end, though our task be cancelled; only the loss of the turn stops
    /// it.
    func toTheEnd<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try check()
        return try await Task {
            guard let lock else { return try await body() }
            return try await lock.during(body)
        }.value
    }
}

/// Does something to its end, though our task be cancelled.
///
/// A write that is broken off may yet come to the store, when all that was there has been removed.
func uninterrupted<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await Task { try await body() }.value
}

/// What a fleet has cost.
package struct FleetCost: Sendable, Equatable {
    /// The sum of what is known.
    package let total: Money
    /// What an hour of what is still there costs, of what is known.
    package let hourly: Money
    /// Instances whose price is not known.
    package let unpriced: Int

    package init(total: Money, hourly: Money, unpriced: Int) {
        self.total = total
        self.hourly = hourly
        self.unpriced = unpriced
    }
}

/// What can go wrong with a fleet's life.
package enum FleetError: Error, Sendable, Equatable {
    case none(fleet: String)
    /// A fleet of this name is up, but made otherwise.
    case different(fleet: String, what: String)
    case portInUse(Int, range: String)
    case cannotStart(node: String, reason: String)
    /// The nodes did not get ready; what had been made was given back.
    case rolledBack(reason: String)
    /// Something is left after the release.
    case remains([FleetMachine], fleet: String)
    case busy(run: String, by: String)
    /// Another `up` or `down` is at work on the fleet.
    case locked(fleet: String)
    /// Nodes of a fleet that is up could not be started again; the others were not touched.
    case notHealed(reason: String)
    case unsupported(String)
    /// The fleet can't be made as it is described; nothing was made.
    case impossible(String, hint: String?)
    /// The lease would cost more than it may.
    case tooExpensive(Money, limit: Money, fits: Duration)

    package var message: String {
        switch self {
        case .none(let fleet): "there is no fleet '\(fleet)'"
        case .different(let fleet, let what): "fleet '\(fleet)' is up already, with \(what)"
        case .portInUse(let port, let range):
            "port \(port) of local.rmi-ports \(range) is in use"
        case .cannotStart(let node, let reason): "cannot start \(node): \(reason)"
        case .rolledBack(let reason): "the fleet did not come up and was given back: \(reason)"
        case .remains(let machines, let fleet):
            "of fleet '\(fleet)' there remain: "
                + machines.map { machine in
                    machine.description + (machine.hourly.map { ", \($0)/h" } ?? "")
                }.joined(separator: "; ")
        case .busy(let run, let by): "run \(run), started by \(by), is going on"
        case .locked(let fleet): "another `up` or `down` is at work on fleet '\(fleet)'"
        case .notHealed(let reason):
            "the missing nodes did not come up and were given back, the others stay: \(reason)"
        case .unsupported(let what): what
        case .impossible(let what, _): what
        case .tooExpensive(let cost, let limit, _):
            "the lease may cost \(cost), and 'ec2.max-cost' is \(limit)"
        }
    }

    package var hint: String? {
        switch self {
        case .none(let fleet): "start it with: loadfleet up --fleet \(fleet)"
        case .different(let fleet, _): "take it down first with: loadfleet down --fleet \(fleet)"
        case .portInUse: "free the port, name another range, or leave local.rmi-ports out"
        case .locked: "wait until it is done"
        case .cannotStart, .rolledBack, .notHealed: "see what is missing with: loadfleet doctor"
        case .remains(_, let fleet): "try again with: loadfleet down --fleet \(fleet)"
        case .busy(let run, _): "add --yes to stop it and go on, or: loadfleet stop \(run)"
        case .unsupported: nil
        case .impossible(_, let hint): hint
        case .tooExpensive(_, _, let fits):
            "shorten it with --lease \(Quantity.text(fits)), take fewer workers, or raise the limit"
        }
    }
}
