// Joins up what a command works with: the settings, the store they name, and the fleet's provider.
import Fleet
import FoundationEssentials
import Glibc
import JMeter
import Runs
import Store
import Units

/// A fleet's surroundings, as the settings describe them.
struct Workplace: Sendable {
    let environment: Environment
    let store: any StoreWithLog
    let life: FleetLife
    let provider: any Provider
    private let invocation: Invocation

    /// Resolves the settings and opens the store.
    ///
    /// - Throws: ``EnvironmentError``, or ``FleetError/unsupported(_:)`` for a provider that this
    ///   version cannot use yet.
    init(_ invocation: Invocation, flags: [SettingFlag] = []) throws {
        self.invocation = invocation
        environment = try invocation.settings(flags: flags).environment
        guard let local = environment.local else {
            throw FleetError.unsupported(
                "provider ec2 is checked by this version, but cannot be provisioned yet")
        }
        let folder = try Self.realFolder(local.store)
        store = try FolderStore(at: LocalProvider.storeFolder(in: folder))
        provider = LocalProvider(
            folder: folder, executable: invocation.context.executable,
            environment: Self.nodeEnvironment(invocation.context.variables))
        life = FleetLife(store: store, provider: provider)
    }

    /// `user@host`, for records of who did what.
    var user: String {
        let name = invocation.context.variables["USER"] ?? invocation.context.variables["LOGNAME"]
        return "\(name ?? "uid \(getuid())")@\(ProcessInfo.processInfo.hostName)"
    }

    var results: RunFetch {
        RunFetch(store: store, resultsFolder: absolute(environment.run.results))
    }

    func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : invocation.context.directory + "/" + path
    }

    /// What nodes need to find programs and write files; the rest of the user's environment,
    /// secrets included, stays with the user.
    private static func nodeEnvironment(_ variables: [String: String]) -> [String: String] {
        let passedOn = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH"]
        return variables.filter { passedOn.contains($0.key) }
    }

    /// The folder by the one name that all ways to it share: fleets are found again by it.
    private static func realFolder(_ path: String) throws -> String {
        _ = try FolderStore(at: path)
        guard let real = realpath(path, nil) else {
            throw StoreError.failed(
                operation: "open", what: path, reason: String(cString: strerror(errno)))
        }
        defer { free(real) }
        return String(cString: real)
    }

    // MARK: - Tools

    /// The JMeter that the settings name, or the first that is found.
    ///
    /// - Throws: `JMeterError` saying where it was looked for.
    func installation() throws(JMeterError) -> JMeterInstallation {
        try JMeterSearch(invocation.context).find(environment.jmeter)
    }

    /// The Java runtime that the settings name, or the first that is found.
    ///
    /// - Throws: `JMeterError` when there is none.
    func java() throws(JMeterError) -> JavaRuntime {
        let variables = invocation.context.variables
        return try JavaRuntime.find(
            javaHome: environment.jmeter.javaHome ?? variables["JAVA_HOME"],
            path: variables["PATH"] ?? "/usr/bin:/bin")
    }

    // MARK: - Specification

    /// What `up` is to make.
    func spec() throws(JMeterError) -> FleetSpec {
        let ports = environment.local?.rmiPorts
        let tuning = NodeTuning(
            jmeterHome: try installation().home, javaPath: try java().executable,
            heapBytes: environment.jmeter.heapBytes,
            heartbeatSeconds: environment.heartbeat.interval.inSeconds,
            lostAfterSeconds: environment.heartbeat.lostAfter.inSeconds, pollSeconds: 0.1,
            deliverySeconds: 2, rmiPorts: ports.map { [Int($0.lowerBound), Int($0.upperBound)] })
        return FleetSpec(
            name: environment.name, provider: environment.provider.rawValue,
            workers: environment.workers, minWorkers: environment.ec2?.minWorkers,
            lease: environment.lease,
            readyTimeout: environment.readyTimeout, tuning: tuning, requestedBy: user)
    }
}
