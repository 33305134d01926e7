// All keys an environment may set, in the order of the manual. To add a setting, add its line
// here and its field in `Environment`.

import Store

extension Key {
    /// Every key.
    package static let all: [Key] = fleet + jmeter + run + local + ec2

    /// The key at `path`.
    package static func at(_ path: String) -> Key? { byPath[path] }

    private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

    private static let fleet: [Key] = [
        Key("name", .text(.fleetName), default: "loadfleet", "The fleet's name; one fleet a name."),
        Key(
            "provider", .choice(Environment.Provider.allCases.map(\.rawValue)), default: "local",
            "Where the fleet lives: real processes on this machine, or EC2 instances."),
        Key("workers", .count(1...1_000), default: "2", "How many workers make load."),
        Key(
            "mode", .choice(Mode.allCases.map(\.rawValue)), default: "standalone",
            "How a run is driven: each worker by itself, or by JMeter's own remote testing."),
        Key(
            "lease", .duration(.seconds(1)...(.seconds(30 * 86_400))), default: "2h",
            "When the fleet ends itself, counted from `up`, whatever has become of everyone else."),
        Key(
            "ready-timeout", .duration(.seconds(1)...(.seconds(3600))), default: "5m",
            "How long `up` waits for every node to be ready."),
        Key(
            "heartbeat.interval", .duration(.milliseconds(100)...(.seconds(60))), default: "1s",
            "How often a node says that it is alive."),
        Key(
            "heartbeat.lost-after", .duration(.milliseconds(300)...(.seconds(600))), default: "12s",
            "After how long a silence a node counts as lost; at least three intervals."),
    ]

    private static let jmeter: [Key] = [
        Key(
            "jmeter.version", .text(.versionNumber),
            "The JMeter version the fleet must run; without it, the version that is found."),
        Key(
            "jmeter.home", .input, "JMeter's folder; without it, JMETER_HOME or `downloads/`."),
        Key(
            "jmeter.heap", .bytes((64 << 20)...(1 << 40)), default: "512MiB",
            "The Java heap of each JMeter process."),
        Key("jmeter.java-home", .input, "The folder of Java; without it, JAVA_HOME or the PATH."),
    ]

    private static let run: [Key] = [
        Key(
            "run.deadline", .duration(.seconds(1)...(.seconds(30 * 86_400))),
            "How long a run may take, to its last result; without it, until the lease ends."),
        Key(
            "run.stop-timeout", .duration(.seconds(1)...(.seconds(3600))), default: "30s",
            "How long an orderly stop may take before JMeter is killed."),
        Key(
            "run.gates", .list(.text(.any)),
            "Conditions that must hold, as `p95(Checkout) < 500ms`; a flag replaces the list."),
        Key(
            "run.grace", .duration(.zero...(.seconds(3600))), default: "0s",
            "How long after the first sample no gate is judged while the run goes on."),
        Key(
            "run.auto-stop", .text(.any), default: "errors > 90% over 60s",
            "The bad state of a dead target, which ends a run with the verdict `failed`; or `off`."
        ),
        Key(
            "run.data", .map(.choice(["split", "unique-block", "copy"])),
            "How each data file reaches the workers: split by record (the default), in a block of "
                + "neighbouring records for each, or copied."),
        Key(
            "run.per-worker", .boolean, default: "false",
            "Whether thread counts hold for each worker instead of being shared out."),
        Key(
            "run.setup", .choice(RunSetup.allCases.map(\.rawValue)),
            "Where setUp and tearDown groups run: once, on the first worker (the default), or on "
                + "all (the default with `run.per-worker`)."),
        Key(
            "run.rps", .text(.rate),
            "Samples per second of the whole fleet; takes the place of the plan's throughput "
                + "timers."),
        Key("run.properties", .map(.text(.free)), "JMeter properties, as with `-J name=value`."),
        Key("run.properties-files", .list(.input), "Files of JMeter properties, first to last."),
        Key("run.results", .output, default: "results", "The folder that holds the run folders."),
        Key(
            "run.max-loss", .percent, default: "0%",
            "The share of the load that may be lost before the verdict is `invalid`."),
        Key(
            "run.min-workers", .count(1...1_000),
            "How many workers must be ready in time for a run to begin without the others, who "
                + "leave their shares to them; without it, all. In `remote` mode always all."),
        Key(
            "run.on-worker-loss", .choice(WorkerLossPolicy.allCases.map(\.rawValue)),
            default: "continue",
            "Whether a run that loses a worker goes on or is stopped in good order. In `remote` "
                + "mode it always stops."),
    ]

    private static let local: [Key] = [
        Key(
            "local.store", .output,
            "Where fleets keep their store and logs; without it, a folder in the user's state."
        ),
        Key(
            "local.rmi-ports", .ports,
            "The loopback ports for `remote` mode; without it, whatever ports are free."),
    ]

    private static let ec2: [Key] = [
        Key("ec2.region", .text(.region), "The region; without it, what AWS's own settings say."),
        Key(
            "ec2.instance-types", .list(.text(.instanceType)),
            "The worker types to choose from; ten or more make spot capacity likely."),
        Key(
            "ec2.requirements.vcpus", .count(1...512),
            "The least number of vCPUs, instead of naming types."),
        Key(
            "ec2.requirements.memory", .bytes((512 << 20)...(24 << 40)),
            "The least memory, instead of naming types."),
        Key(
            "ec2.architecture", .choice(["x86-64", "arm64"]), default: "x86-64",
            "The processor that image and types must have."),
        Key(
            "ec2.controller-type", .text(.instanceType),
            "The controller's type; without it, c6i.large or c7g.large, by architecture."),
        Key(
            "ec2.controller-market", .choice(["on-demand", "spot"]), default: "on-demand",
            "How the controller is paid for; spot can be taken away in the middle of a run."),
        Key(
            "ec2.ami", .text(.image),
            "The image, by id or public SSM parameter; without it, Debian 12 of the architecture."),
        Key("ec2.subnets", .list(.text(.subnet)), "The subnets; without them, the default VPC's."),
        Key(
            "ec2.security-group", .text(.securityGroup),
            "The security group; without it, the one that `bootstrap` made."),
        Key(
            "ec2.bucket", .text(.bucket),
            "The store's bucket; without it, the one `bootstrap` made."),
        Key("ec2.log-group", .text(.any), "The log group; without it, the one `bootstrap` made."),
        Key("ec2.instance-profile", .text(.any), "The nodes' role; without it, `bootstrap`'s."),
        Key(
            "ec2.volume-size", .bytes((8 << 30)...(16 << 40)), default: "20GiB",
            "The encrypted root volume of each node; samples are written there first."),
        Key(
            "ec2.capacity", .choice(["ec2-fleet", "spot-fleet"]), default: "ec2-fleet",
            "The API that finds the instances; AWS calls spot-fleet legacy."),
        Key(
            "ec2.spot-fleet-type", .choice(["request", "maintain"]), default: "request",
            "With `capacity: spot-fleet`: ask once, or keep the number up."),
        Key(
            "ec2.on-demand-fallback", .boolean, default: "false",
            "Whether on-demand instances fill up what spot can't give."),
        Key(
            "ec2.min-workers", .count(1...1_000),
            "The number of workers worth going on with; without it, all of them."),
        Key("ec2.max-cost", .dollars, "The most the whole lease may cost; `up` refuses beyond it."),
        Key(
            "ec2.replace", .boolean, default: "false",
            "Whether a lost worker is replaced, for the next run."),
        Key("ec2.tags", .map(.text(.free)), "Tags for everything the fleet makes."),
    ]
}
