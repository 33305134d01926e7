// The hidden command that nodes run. It is started by a provider, never by a person, so it speaks
// in log lines: a time, then what happened.
package import ArgumentParser
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

    @OptionGroup package var global: GlobalOptions

    @Argument(help: "What the node is: controller or worker.")
    var role: Role

    @Option(help: "The folder of the fleet's store.")
    var store: String

    @Option(help: "The fleet's name.")
    var fleet: String

    @Option(help: "The node's name.")
    var node: String

    @Option(help: "The node's own folder.")
    var folder: String

    package init() {}

    package mutating func run(in invocation: Invocation) async throws -> ExitStatus {
        let log = AgentLog(invocation)
        let store = try FolderStore(at: store)
        guard let record = try await store.record(FleetRecord.self, at: FleetKeys(fleet).fleet)
        else {
            throw CommandFailure(message: "there is no fleet '\(fleet)' in \(store.location)")
        }
        let installation = try JMeterInstallation.find(
            home: record.tuning.jmeterHome, candidates: [])
        let variables = invocation.context.variables
        let agent = Agent(
            NodeContext(
                store: store, fleet: record, node: node, role: role, folder: folder,
                address: "127.0.0.1", machine: "pid \(getpid())", installation: installation,
                javaVersion: try await JavaCheck.version(
                    of: record.tuning.javaPath, environment: variables),
                loadfleetVersion: Version.number, environment: variables),
            note: log.line)
        let signals = Signals([SIGTERM, SIGINT, SIGHUP])
        let listener = Task {
            for await _ in signals.arrivals { agent.end() }
        }
        try await agent.live()
        listener.cancel()
        return .done
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
