// Builds the typed environment from effective settings.

import Store

extension Environment {
    /// The environment that `settings` describe, checked as a whole.
    ///
    /// - Throws: ``EnvironmentError`` when settings contradict each other.
    init(_ settings: [Setting]) throws(EnvironmentError) {
        let look = SettingLookup(settings)
        mode = Mode(rawValue: try look.required("mode") { $0.text }) ?? .standalone
        name = try look.required("name") { $0.text }
        workers = try look.required("workers") { $0.count }
        lease = try look.required("lease") { $0.duration }
        readyTimeout = try look.required("ready-timeout") { $0.duration }
        heartbeat = Heartbeat(
            interval: try look.required("heartbeat.interval") { $0.duration },
            lostAfter: try look.required("heartbeat.lost-after") { $0.duration })
        jmeter = JMeterSettings(
            version: look.text("jmeter.version"), home: look.text("jmeter.home"),
            heapBytes: try look.required("jmeter.heap") { $0.bytes },
            javaHome: look.text("jmeter.java-home"))
        run = try RunSettings(look, lease: lease)
        place =
            switch Provider(rawValue: try look.required("provider") { $0.text }) ?? .local {
            case .local: .local(try LocalSettings(look))
            case .ec2: .ec2(try EC2Settings(look, workers: workers))
            }
        try check(look)
    }
}

extension RunSettings {
    init(_ look: SettingLookup, lease: Duration) throws(EnvironmentError) {
        deadline = look.duration("run.deadline") ?? lease
        stopTimeout = try look.required("run.stop-timeout") { $0.duration }
        gates = look.list("run.gates")
        grace = try look.required("run.grace") { $0.duration }
        autoStop = try look.required("run.auto-stop") { $0.text }
        data = look.map("run.data").compactMapValues { DataPolicy(rawValue: $0) }
        perWorker = try look.required("run.per-worker") { $0.boolean }
        setup = look.text("run.setup").flatMap { RunSetup(rawValue: $0) }
        rps = look.text("run.rps")
        properties = look.map("run.properties")
        propertiesFiles = look.list("run.properties-files")
        results = try look.required("run.results") { $0.text }
        maxLossPercent = try look.required("run.max-loss") { $0.percent }
        minWorkers = look.count("run.min-workers")
        onWorkerLoss =
            WorkerLossPolicy(rawValue: try look.required("run.on-worker-loss") { $0.text }) ?? .goOn
    }
}

extension LocalSettings {
    init(_ look: SettingLookup) throws(EnvironmentError) {
        store = try look.required("local.store") { $0.text }
        rmiPorts = look.ports("local.rmi-ports")
    }
}

extension EC2Settings {
    init(_ look: SettingLookup, workers: Int) throws(EnvironmentError) {
        region = look.text("ec2.region")
        choice = try Self.choice(look)
        architecture = try look.required("ec2.architecture") { $0.text }
        let isARM = architecture == "arm64"
        controllerType = look.text("ec2.controller-type") ?? (isARM ? "c7g.large" : "c6i.large")
        controllerIsSpot = look.text("ec2.controller-market") == "spot"
        image =
            look.text("ec2.ami")
            ?? "ssm:/aws/service/debian/release/12/latest/\(isARM ? "arm64" : "amd64")"
        subnets = look.list("ec2.subnets")
        securityGroup = look.text("ec2.security-group")
        bucket = look.text("ec2.bucket")
        logGroup = look.text("ec2.log-group")
        instanceProfile = look.text("ec2.instance-profile")
        volumeBytes = try look.required("ec2.volume-size") { $0.bytes }
        capacity = try look.required("ec2.capacity") { $0.text }
        spotFleetType = try look.required("ec2.spot-fleet-type") { $0.text }
        onDemandFallback = try look.required("ec2.on-demand-fallback") { $0.boolean }
        minWorkers = look.count("ec2.min-workers") ?? workers
        maxCostDollars = look.dollars("ec2.max-cost")
        replacesWorkers = try look.required("ec2.replace") { $0.boolean }
        tags = look.map("ec2.tags")
    }

    /// Types or requirements: one of the two, not both.
    private static func choice(_ look: SettingLookup) throws(EnvironmentError) -> Choice {
        let types = look.list("ec2.instance-types")
        let vcpus = look.count("ec2.requirements.vcpus")
        let memory = look.bytes("ec2.requirements.memory")
        switch (types.isEmpty, vcpus, memory) {
        case (false, nil, nil): return .types(types)
        case (true, let vcpus?, let memory?):
            return .requirements(vcpus: vcpus, memoryBytes: memory)
        case (true, nil, nil):
            throw EnvironmentError(
                .value, at: look.origin("provider"), key: "ec2",
                problem: "it is not said which instances to take",
                hint: "set 'ec2.instance-types', or 'ec2.requirements' with vcpus and memory")
        case (false, _, _):
            throw EnvironmentError(
                .conflict, at: look.origin("ec2.instance-types"), key: "ec2.instance-types",
                problem: "this excludes 'ec2.requirements'", hint: "keep one of the two")
        default:
            throw EnvironmentError(
                .value,
                at: look.origin("ec2.requirements.vcpus") ?? look.origin("ec2.requirements.memory"),
                key: "ec2.requirements", problem: "vcpus and memory are both needed",
                hint: "for example 'vcpus: 4' and 'memory: 8GiB'")
        }
    }
}
