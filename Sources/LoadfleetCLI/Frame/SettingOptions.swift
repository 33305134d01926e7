// Flags that set keys of the environment, as option groups that commands share. A value is kept
// as text and read by the table of keys, so that a flag, a variable and a file obey one rule.
package import ArgumentParser
package import Fleet
import Store

/// The flags that describe a fleet: for `up`, and for `config show`.
package struct FleetOptions: ParsableArguments {
    @Option(name: .customLong("fleet"), help: ArgumentHelp("The fleet's name.", valueName: "name"))
    package var fleetName: String?

    @Option(
        help: ArgumentHelp("Where the fleet lives: local or ec2.", valueName: "provider"),
        completion: .list(Environment.Provider.allCases.map(\.rawValue)))
    package var provider: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("How many workers make load.", valueName: "n"))
    package var workers: String?

    @Option(help: ArgumentHelp("When the fleet ends itself, as in 2h.", valueName: "time"))
    package var lease: String?

    @Option(help: ArgumentHelp("How long to wait for the nodes, as in 5m.", valueName: "time"))
    package var readyTimeout: String?

    @Option(
        help: ArgumentHelp("The folder of JMeter.", valueName: "folder"), completion: .directory)
    package var jmeterHome: String?

    @Option(help: ArgumentHelp("The folder of Java.", valueName: "folder"), completion: .directory)
    package var javaHome: String?

    @Option(help: ArgumentHelp("The Java heap of each JMeter, as in 1GiB.", valueName: "size"))
    package var heap: String?

    package init() {}

    /// The flags that were given.
    package var flags: [SettingFlag] {
        [
            ("name", fleetName, "--fleet"), ("provider", provider, "--provider"),
            ("workers", workers, "--workers"), ("lease", lease, "--lease"),
            ("ready-timeout", readyTimeout, "--ready-timeout"),
            ("jmeter.home", jmeterHome, "--jmeter-home"),
            ("jmeter.java-home", javaHome, "--java-home"), ("jmeter.heap", heap, "--heap"),
        ].compactMap { path, text, name in text.map { SettingFlag(path, text: $0, name: name) } }
    }
}

/// The flag that bounds what a fleet may cost: for commands that bring one up.
package struct BudgetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The most the whole lease may cost, as in 5usd.", valueName: "amount"))
    package var maxCost: String?

    package init() {}

    /// The flag, if it was given.
    package var flags: [SettingFlag] {
        maxCost.map { [SettingFlag("ec2.max-cost", text: $0, name: "--max-cost")] } ?? []
    }
}

/// The flags that describe a run: for `run`, and for `config show`.
package struct RunOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("How the run is driven: standalone or remote.", valueName: "mode"),
        completion: .list(Mode.allCases.map(\.rawValue)))
    package var mode: String?

    @Option(help: ArgumentHelp("How long the run may take, as in 30m.", valueName: "time"))
    package var deadline: String?

    @Option(
        help: ArgumentHelp(
            "Begin without those that are not ready, if so many workers are.", valueName: "n"))
    package var minWorkers: String?

    @Option(
        help: ArgumentHelp(
            "What becomes of a run that loses a worker: stop or continue.", valueName: "what"),
        completion: .list(WorkerLossPolicy.allCases.map(\.rawValue)))
    package var onWorkerLoss: String?

    @OptionGroup package var sharing: SharingOptions
    @OptionGroup package var judging: JudgingOptions

    package init() {}

    /// The flags that were given.
    package var flags: [SettingFlag] {
        let single = [
            ("mode", mode, "--mode"), ("run.deadline", deadline, "--deadline"),
            ("run.min-workers", minWorkers, "--min-workers"),
            ("run.on-worker-loss", onWorkerLoss, "--on-worker-loss"),
        ].compactMap { path, text, name in text.map { SettingFlag(path, text: $0, name: name) } }
        return single + sharing.flags + judging.flags
    }
}

/// The flags that say what a plan becomes on the workers: for `run`, `plan show` and `config show`.
package struct SharingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How a data file reaches the workers: split, unique-block or copy.",
            valueName: "file=policy"))
    package var data: [String] = []

    @Option(
        name: [.customShort("J", allowingJoined: true), .customLong("property")],
        help: ArgumentHelp("A JMeter property.", valueName: "name=value"))
    package var jmeterProperties: [String] = []

    @Option(
        name: .customLong("properties"),
        help: ArgumentHelp("A file of JMeter properties.", valueName: "file"), completion: .file())
    package var propertiesFiles: [String] = []

    @Flag(help: "Thread counts hold for each worker instead of being shared out.")
    package var perWorker = false

    @Option(
        help: ArgumentHelp(
            "Where setUp and tearDown groups run: once or all.", valueName: "where"),
        completion: .list(RunSetup.allCases.map(\.rawValue)))
    package var setup: String?

    @Option(
        help: ArgumentHelp(
            "Samples per second of the whole fleet, in place of the plan's throughput timers.",
            valueName: "rate"))
    package var rps: String?

    package init() {}

    /// The flags that were given.
    package var flags: [SettingFlag] {
        let single = [
            ("run.per-worker", perWorker ? "true" : nil, "--per-worker"),
            ("run.setup", setup, "--setup"), ("run.rps", rps, "--rps"),
        ].compactMap { path, text, name in text.map { SettingFlag(path, text: $0, name: name) } }
        let repeated = [
            ("run.data", data, "--data"),
            ("run.properties", jmeterProperties, "-J"),
            ("run.properties-files", propertiesFiles, "--properties"),
        ].flatMap { path, texts, name in texts.map { SettingFlag(path, text: $0, name: name) } }
        return single + repeated
    }
}
