// Who rents the machines. A provider knows machines and how to start and end them; what the nodes
// on them do, it never sees: that goes through the store.

package import Store

/// A machine, or what stands for one, that belongs to a fleet.
package struct FleetMachine: Sendable, Hashable {
    /// What the provider calls it: an instance id, or `pid 4711`.
    package let id: String
    /// What it is, in words for a person.
    package let description: String
    /// The node it carries, where that is known.
    package let node: String?

    package init(id: String, description: String, node: String?) {
        self.id = id
        self.description = description
        self.node = node
    }
}

/// A kind of place where fleets live.
package protocol Provider: Sendable {
    /// Checks, before anything is made, that the fleet could be made here.
    ///
    /// - Throws: ``FleetError`` saying what is in the way.
    func check(_ fleet: FleetRecord) async throws

    /// Does something to a fleet that nobody else may do at the same time.
    ///
    /// - Throws: ``FleetError/locked(fleet:)`` when somebody else is at it.
    func exclusively<Result: Sendable>(
        _ fleet: String, _ body: @Sendable () async throws -> Result
    ) async throws -> Result

    /// Ends the machines of some nodes, where there are any.
    func end(_ nodes: [String], of fleet: String) async throws

    /// Starts machines for some nodes of a fleet; returns when they run, not when they are ready.
    func start(_ nodes: [String], of fleet: FleetRecord) async throws

    /// Everything that exists of a fleet now, found by tag, whatever any record says.
    func machines(of fleet: String) async throws -> [FleetMachine]

    /// Ends everything of a fleet; returns what is still there when the limit has passed.
    func release(_ fleet: String, within limit: Duration) async throws -> [FleetMachine]

    /// The end of what a node's machine said while starting, for an error message.
    func lastWords(of node: String, in fleet: String) async -> String?
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
                + machines.map(\.description).joined(separator: ", ")
        case .busy(let run, let by): "run \(run), started by \(by), is going on"
        case .locked(let fleet): "another `up` or `down` is at work on fleet '\(fleet)'"
        case .notHealed(let reason):
            "the missing nodes did not come up and were given back, the others stay: \(reason)"
        case .unsupported(let what): what
        }
    }

    package var hint: String? {
        switch self {
        case .none: "start one with: loadfleet up"
        case .different: "take it down first with: loadfleet down"
        case .portInUse: "free the port, name another range, or leave local.rmi-ports out"
        case .locked: "wait until it is done"
        case .cannotStart, .rolledBack, .notHealed: "see what is missing with: loadfleet doctor"
        case .remains: "try again with: loadfleet down"
        case .busy: "stop it with: loadfleet stop, or add --yes to stop it and go on"
        case .unsupported: nil
        }
    }
}
