// The hidden command that nodes run. It is started by a provider, never by a person, so it speaks
// in log lines: a time, then what happened.
package import ArgumentParser
import AWS
import FoundationEssentials
import Glibc
import JMeter
import Machine
import Node
import Store

/// Runs a node's agent until the fleet's lease ends or it is told to.
package struct AgentCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Run a node's agent; started by 'loadfleet up'.",
        shouldDisplay: false)

    /// What an agent does last.
    enum AtEnd: String, ExpressibleByArgument, CaseIterable {
        case leave
        /// Powers the machine off, unless the agent was only told to end.
        case poweroff
    }

    @OptionGroup package var global: GlobalOptions

    @Argument(help: "What the node is: controller or worker.")
    var role: Role

    @Option(help: "The fleet's store: a folder, or s3://BUCKET/PREFIX.")
    var store: String

    @Option(help: "The log group of a store in S3.")
    var logGroup: String?

    @Option(help: "The fleet's name.")
    var fleet: String

    @Option(help: "The node's name; without it, the agent claims a free one.")
    var node: String?

    @Option(help: "The node's own folder.")
    var folder: String

    @Option(help: "JMeter's folder, where the fleet's is not this machine's.")
    var jmeterHome: String?

    @Option(help: "The java executable, where the fleet's is not this machine's.")
    var java: String?

    @Option(help: "What to do with the machine when the lease or the fleet ends.")
    var atEnd = AtEnd.leave

    package init() {}

    package mutating func run(in invocation: Invocation) async throws -> ExitStatus {
        let log = AgentLog(invocation)
        let variables = invocation.context.variables
        let place = try StorePlace(store)
        let access: AWSAccess? =
            if case .s3 = place { try AWSAccess(invocation.context) } else { nil }
        let store = try await place.open(logGroup: logGroup, access: access)
        guard var record = try await store.record(FleetRecord.self, at: FleetKeys(fleet).fleet)
        else {
            // It was taken down before this machine was up: nobody will miss it.
            if atEnd == .poweroff { try await AgentMachine.powerOff(variables) }
            throw CommandFailure(message: "there is no fleet '\(fleet)' in \(store.location)")
        }
        record.tuning.jmeterHome = jmeterHome ?? record.tuning.jmeterHome
        record.tuning.javaPath = java ?? record.tuning.javaPath
        let agent = Agent(
            try await context(of: record, in: store, access, variables), note: log.line)
        let signals = Signals([SIGTERM, SIGINT, SIGHUP])
        let listener = Task {
            for await _ in signals.arrivals { agent.end() }
        }
        let ending = try await agent.live()
        listener.cancel()
        // An interrupted instance is left to its owner, who then does not charge for it.
        if atEnd == .poweroff, ending == .lease || ending == .gone {
            log.line("powering off")
            try await AgentMachine.powerOff(variables)
        }
        return .done
    }

    /// Finds out who and where this node is.
    private func context(
        of record: FleetRecord, in store: any StoreWithLog, _ access: AWSAccess?,
        _ variables: [String: String]
    ) async throws -> NodeContext {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let machine =
            if let access {
                try await AgentMachine.instance(
                    InstanceMetadata(access.configuration, transport: access.transport))
            } else {
                AgentMachine.process
            }
        let name =
            if let node {
                node
            } else {
                try await NodeName(for: machine.id, of: record, in: store, folder: folder)
                    .claim(role)
            }
        return NodeContext(
            store: store, fleet: record, node: name, role: role, folder: folder,
            address: machine.address, machine: machine.id,
            installation: try JMeterInstallation.find(
                home: record.tuning.jmeterHome, candidates: []),
            javaVersion: try await JavaCheck.version(
                of: record.tuning.javaPath, environment: variables),
            loadfleetVersion: Version.number, environment: variables, outlook: machine.outlook)
    }
}

extension Role: ExpressibleByArgument {}

/// The agent's log: what a person reads when a node does not do as it should.
private struct AgentLog: Sendable {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    var line: @Sendable (String) -> Void {
        { [invocation] text in
            let time = invocation.context.now().formatted(RecordCoding.milliseconds)
            invocation.output.show("\(time) \(text)\n")
        }
    }
}
