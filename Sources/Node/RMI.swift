// What JMeter's remote mode needs of a fleet: a TLS key shared by its nodes, and ports.

internal import FoundationEssentials
internal import Glibc
internal import JMeter
internal import Machine
internal import Store

/// The fleet's RMI key.
///
/// The controller makes it once; every node trusts it and only it.
struct Keystore {
    private let part: RunPart

    init(_ part: RunPart) { self.part = part }

    /// Makes the fleet's key if it has none yet.
    ///
    /// - Throws: ``NodeError`` when keytool fails.
    func ensure() async throws {
        let keys = part.context.fleetKeys
        guard try await part.store.read(keys.keystore) == nil else { return }
        let folder = part.folder + "/keystore"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let password = (0..<4).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }
            .joined()
        let passwordPath = folder + "/password"
        try writePrivate(password, to: passwordPath)
        let path = folder + "/keystore.p12"
        let lease = part.context.fleet.leaseEndsAt.timeIntervalSinceNow
        let keytool = RemoteSettings.keytool(
            try part.java(), keystore: path, passwordFile: passwordPath,
            days: Int(max(0, lease) / 86_400) + 2)
        let run = try await CapturedRun.of(
            ProcessRequest(
                keytool.executable, keytool.arguments, environment: part.context.environment),
            limit: .seconds(60))
        guard run.end == .exited(0) else {
            throw NodeError("keytool cannot make the fleet's key: \(run.output)")
        }
        // The password first: whoever sees the key finds its password.
        try await part.store.write(Data(password.utf8), to: keys.keystorePassword)
        try await part.store.upload(file: path, to: keys.keystore)
    }

    /// Waits for the fleet's key and puts it into this node's folder.
    ///
    /// - Throws: ``NodeError`` when none has come by the time the run must be ready.
    func fetch() async throws -> RemoteSettings {
        let keys = part.context.fleetKeys
        let path = part.folder + "/keystore.p12"
        let deadline = ContinuousClock.now + .seconds(part.request.readySeconds)
        while ContinuousClock.now < deadline, part.life.ending == nil {
            if try await part.store.download(keys.keystore, to: path),
                let password = try await part.store.read(keys.keystorePassword)
            {
                return RemoteSettings(
                    hostname: part.context.address, keystore: path,
                    password: String(decoding: password, as: UTF8.self))
            }
            await part.life.sleep(for: .milliseconds(100))
        }
        throw NodeError("the fleet's RMI key did not come from the controller in time")
    }
}

/// Ports for RMI, from the environment's range or of the kernel's choice.
enum RMIPorts {
    /// Free ports; of the fleet's range each node has its own part.
    ///
    /// - Throws: ``NodeError`` naming the range when too few are free.
    static func pick(_ count: Int, for part: RunPart) throws -> [Int] {
        guard let range = part.context.tuning.rmiPorts, range.count == 2 else {
            guard let ports = Ports.free(count) else { throw NodeError("no TCP port is free") }
            return ports
        }
        let nodes = part.context.fleet.nodes
        let each = (range[1] - range[0] + 1) / nodes.count
        let place = nodes.firstIndex(of: part.context.node) ?? 0
        let own = (range[0] + place * each)..<(range[0] + (place + 1) * each)
        let free = own.filter(Ports.isFree).prefix(count)
        guard free.count == count else {
            throw NodeError(
                "of the ports \(own.lowerBound)-\(own.upperBound - 1) fewer than \(count) are free")
        }
        return Array(free)
    }
}
