// The provider of fleets on this machine: each node is an agent process, found again by a variable
// in its environment, as an instance is found by its tags. Whatever an agent starts inherits it.

internal import FoundationEssentials
internal import Glibc
internal import Machine
package import Store

/// Fleets of processes on this machine.
package struct LocalProvider: Provider {
    /// The variable that tags every process of a fleet.
    package static let tagVariable = "LOADFLEET_FLEET"

    private let folder: String
    private let executable: String
    private let environment: [String: String]

    /// A provider whose fleets keep their state below a folder.
    ///
    /// - Parameters:
    ///   - folder: an absolute path; the store is in `store/`, each node has a folder of its own.
    ///   - executable: the loadfleet that nodes run.
    ///   - environment: what nodes inherit, apart from their tag.
    package init(folder: String, executable: String, environment: [String: String]) {
        self.folder = folder
        self.executable = executable
        self.environment = environment
    }

    package static func storeFolder(in folder: String) -> String { folder + "/store" }

    /// The folder's store costs nothing to look at.
    package var pace: ProviderPace {
        ProviderPace(
            namesMachines: true, look: .milliseconds(50)...(.milliseconds(50)),
            release: .seconds(40))
    }

    package func check(_ fleet: FleetRecord) async throws {
        guard let range = fleet.tuning.rmiPorts, range.count == 2 else { return }
        for port in range[0]...range[1] where !Ports.isFree(port) {
            throw FleetError.portInUse(port, range: "\(range[0])-\(range[1])")
        }
    }

    package func exclusively<Result: Sendable>(
        _ fleet: String, _ body: @escaping @Sendable (Turn) async throws -> Result
    ) async throws -> Result {
        let locks = folder + "/locks"
        try FileManager.default.createDirectory(
            atPath: locks, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let descriptor = open("\(locks)/\(fleet)", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw FleetError.unsupported(
                "cannot open \(locks)/\(fleet): \(String(cString: strerror(errno)))")
        }
        // The kernel releases it with this process, however that ends.
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw FleetError.locked(fleet: fleet)
        }
        return try await body(Turn())
    }

    package func end(_ nodes: [String], of fleet: String) async throws {
        let agents = processes(of: fleet).filter {
            machine($0).node.map(nodes.contains) ?? false
        }
        // What an agent started dies with it.
        for agent in agents { agent.signal(SIGKILL) }
        for agent in agents { _ = await agent.waitUntilGone(within: .seconds(10)) }
    }

    package func start(_ nodes: [String], of fleet: FleetRecord) async throws -> FleetStart {
        for node in nodes {
            let nodeFolder = folder(of: node, in: fleet.name)
            try FileManager.default.createDirectory(
                atPath: nodeFolder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            let role: Role = node == fleet.controller ? .controller : .worker
            var request = ProcessRequest(
                executable,
                [
                    "agent", role.rawValue, "--store", Self.storeFolder(in: folder),
                    "--fleet", fleet.name, "--node", node, "--folder", nodeFolder,
                ], environment: environment, directory: nodeFolder)
            request.environment[Self.tagVariable] = tag(of: fleet.name)
            request.standardOutput = .file(nodeFolder + "/agent.log")
            request.standardError = .file(nodeFolder + "/agent.log")
            request.newSession = true
            do {
                _ = try await ChildProcess.start(request)
            } catch {
                throw FleetError.cannotStart(node: node, reason: error.message)
            }
        }
        return FleetStart(machines: nodes.count)
    }

    package func machines(of fleet: String) async throws -> [FleetMachine] {
        processes(of: fleet).map { machine($0) }
    }

    package func release(_ fleet: String, within limit: Duration) async throws -> [FleetMachine] {
        let deadline = ContinuousClock.now + limit
        // Agents end their own children and deliver what they have; what will not end is killed.
        let agents = processes(of: fleet).filter { machine($0).node != nil }
        for agent in agents { agent.signal(SIGTERM) }
        let patience = ContinuousClock.now + min(limit, .seconds(20))
        for agent in agents {
            _ = await agent.waitUntilGone(within: patience - ContinuousClock.now)
        }
        repeat {
            let left = processes(of: fleet)
            if left.isEmpty { break }
            for process in left { process.signal(SIGKILL) }
            for process in left { _ = await process.waitUntilGone(within: .seconds(1)) }
        } while ContinuousClock.now < deadline
        let left = processes(of: fleet)
        if left.isEmpty { try? FileManager.default.removeItem(atPath: "\(folder)/nodes/\(fleet)") }
        return left.map { machine($0) }
    }

    package func cost(of fleet: String) async throws -> FleetCost? { nil }

    package func lastWords(of node: String?, in fleet: String) async -> String? {
        guard let node else { return nil }
        let path = folder(of: node, in: fleet) + "/agent.log"
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { return nil }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").last.map(String.init)
    }

    // MARK: - Processes

    private func tag(of fleet: String) -> String { "\(fleet)@\(folder)" }

    private func folder(of node: String, in fleet: String) -> String {
        "\(folder)/nodes/\(fleet)/\(node)"
    }

    private func processes(of fleet: String) -> [ProcessIdentity] {
        ProcessTable.processes(withEnvironment: "\(Self.tagVariable)=\(tag(of: fleet))")
    }

    private func machine(_ process: ProcessIdentity) -> FleetMachine {
        let command = ProcessTable.commandLine(of: process.pid) ?? []
        var node: String?
        if command.dropFirst().first == "agent",
            let place = command.firstIndex(of: "--node"), place + 1 < command.count
        {
            node = command[place + 1]
        }
        let program = command.first?.split(separator: "/").last.map(String.init) ?? "?"
        return FleetMachine(
            id: "pid \(process.pid)",
            description: "\(node.map { "agent of \($0)" } ?? program) (pid \(process.pid))",
            node: node)
    }
}
