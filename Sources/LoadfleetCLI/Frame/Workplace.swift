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
    private(set) var life: FleetLife
    /// What there is of AWS, for a fleet on EC2.
    let ec2: EC2Place?
    private let invocation: Invocation

    /// Resolves the settings and opens the store.
    ///
    /// - Throws: ``EnvironmentError``, and on EC2 whatever finding the account's foundation throws.
    static func open(_ invocation: Invocation, flags: [SettingFlag] = []) async throws -> Workplace
    {
        let environment = try invocation.settings(flags: flags).environment
        switch environment.place {
        case .local(let settings):
            let folder = try realFolder(settings.store)
            let store = try FolderStore(at: LocalProvider.storeFolder(in: folder))
            let provider = LocalProvider(
                folder: folder, executable: invocation.context.executable,
                environment: nodeEnvironment(invocation.context.variables))
            return Workplace(
                environment: environment, store: store,
                life: FleetLife(store: store, provider: provider), ec2: nil, invocation: invocation)
        case .ec2(let settings):
            let place = try await EC2Place(invocation.context, settings)
            return Workplace(
                environment: environment, store: place.store,
                life: FleetLife(store: place.store, provider: place.provider()), ec2: place,
                invocation: invocation)
        }
    }

    /// What the fleet is made from, in words.
    var description: String {
        guard let ec2, let settings = environment.ec2 else { return "local, on this machine" }
        let machines =
            switch settings.choice {
            case .types(let types): types.joined(separator: " or ")
            case .requirements(let vcpus, let bytes):
                "\(vcpus) vCPUs and \(Quantity.text(bytes: bytes))"
            }
        return "ec2 in \(ec2.region), \(settings.capacity) of \(machines)"
    }

    /// What a fleet has cost so far; nil where nothing is paid for, or prices are not told soon.
    func cost(of fleet: String) async -> FleetCost? {
        await withTaskGroup(of: FleetCost?.self) { group in
            group.addTask { try? await life.cost(of: fleet) }
            group.addTask {
                try? await Task.sleep(for: .seconds(15))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// `user@host`, for records of who did what.
    var user: String { invocation.context.user }

    /// Where results of runs go.
    var resultsFolder: String { invocation.context.absolute(environment.run.results) }

    var results: RunFetch { RunFetch(store: store, resultsFolder: resultsFolder) }

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
        let isLocal = ec2 == nil
        // What each object put into S3 costs is worth some seconds; see docs/aws.md.
        let tuning = NodeTuning(
            jmeterHome: isLocal ? try installation().home : UserData.jmeterHome,
            javaPath: isLocal ? try java().executable : UserData.java,
            heapBytes: environment.jmeter.heapBytes,
            heartbeatSeconds: environment.heartbeat.interval.inSeconds,
            lostAfterSeconds: environment.heartbeat.lostAfter.inSeconds,
            pollSeconds: isLocal ? 0.1 : 1, deliverySeconds: isLocal ? 2 : 8,
            rmiPorts: ports.map { [Int($0.lowerBound), Int($0.upperBound)] })
        return FleetSpec(
            name: environment.name, provider: environment.provider.rawValue,
            workers: environment.workers, minWorkers: environment.ec2?.minWorkers,
            lease: environment.lease,
            readyTimeout: environment.readyTimeout, tuning: tuning, requestedBy: user)
    }
}
