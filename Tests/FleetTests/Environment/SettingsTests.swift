// Precedence and origins: which place wins, and that every value knows its place.
import Testing

@testable import Fleet

struct SettingsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func resolve(
        flags: [SettingFlag] = [], variables: [String: String] = [:], file: String? = nil
    ) throws -> Settings {
        try Settings.resolve(
            SettingSources(
                flags: flags, variables: variables.merging(["HOME": folder.path]) { $1 },
                file: file, directory: folder.path))
    }

    private func flag(_ path: String, _ text: String) -> SettingFlag {
        SettingFlag(path, text: text, name: "--\(path)")
    }

    @Test func `each layer wins over the ones below it`() throws {
        let places = ["default", ".config/loadfleet/config.yaml", "loadfleet.yaml", "e.yaml"]
        #expect(try resolve()["workers"]?.origin == .builtIn)
        try folder.write(places[1], "workers: 3\n")
        let user = try resolve()
        #expect(user.environment.workers == 3)
        #expect(user["workers"]?.origin.text == "\(folder.path)/\(places[1]):1:10")
        try folder.write(places[2], "\nworkers: 4\n")
        #expect(try resolve()["workers"]?.origin.text == "loadfleet.yaml:2:10")
        try folder.write(places[3], "workers: 5\n")
        #expect(try resolve(file: "e.yaml")["workers"]?.origin.text == "e.yaml:1:10")
        let variables = ["LOADFLEET_WORKERS": "6"]
        let variable = try resolve(variables: variables, file: "e.yaml")
        #expect(variable["workers"]?.origin.text == "LOADFLEET_WORKERS")
        #expect(variable.environment.workers == 6)
        let all = try resolve(flags: [flag("workers", "7")], variables: variables, file: "e.yaml")
        #expect(all.environment.workers == 7)
        #expect(all["workers"]?.origin.text == "--workers")
    }

    @Test func `XDG and LOADFLEET_CONFIG name files`() throws {
        try folder.write("xdg/loadfleet/config.yaml", "workers: 8\nlease: 3h\n")
        try folder.write("named.yaml", "workers: 9\n")
        let settings = try resolve(variables: [
            "XDG_CONFIG_HOME": "\(folder.path)/xdg", "LOADFLEET_CONFIG": "named.yaml",
        ])
        #expect(settings.environment.workers == 9)
        #expect(settings.environment.lease == .seconds(3 * 3600))
    }

    @Test func `a list is replaced, a map is merged`() throws {
        try folder.write(
            "loadfleet.yaml",
            "run: {gates: [errors < 1%, rps > 5], properties: {host: a, port: 80}}\n")
        let settings = try resolve(flags: [
            flag("run.gates", "p95 < 1s"), flag("run.gates", "p99 < 2s"),
            flag("run.properties", "host=b=c"),
        ])
        #expect(settings.environment.run.gates == ["p95 < 1s", "p99 < 2s"])
        #expect(settings.environment.run.properties == ["host": "b=c", "port": "80"])
        #expect(settings["run.properties.port"]?.origin.text == "loadfleet.yaml:1:66")
    }

    @Test func `gates in a file know their own lines`() throws {
        try folder.write("loadfleet.yaml", "run:\n  gates:\n    - errors < 1%\n    - p95 < 1s\n")
        let places = try resolve()["run.gates"]?.itemOrigins.map(\.text)
        #expect(places == ["loadfleet.yaml:3:7", "loadfleet.yaml:4:7"])
    }

    @Test func `variables hold lists and maps`() throws {
        let settings = try resolve(variables: [
            "LOADFLEET_RUN_GATES": "errors < 1%; p95(a, b) < 1s ;",
            "LOADFLEET_RUN_PROPERTIES": "a=1; b=2", "LOADFLEET_LEASE": "",
        ])
        #expect(settings.environment.run.gates == ["errors < 1%", "p95(a, b) < 1s"])
        #expect(settings.environment.run.properties == ["a": "1", "b": "2"])
        #expect(settings["lease"]?.origin == .builtIn)
    }

    @Test func `mistakes name the flag or variable`() throws {
        let variable = try #require(throws: EnvironmentError.self) {
            try resolve(variables: ["LOADFLEET_LEASE": "5"])
        }
        #expect(variable.message.hasPrefix("LOADFLEET_LEASE: lease: '5' is not a duration"))
        let entry = try #require(throws: EnvironmentError.self) {
            try resolve(flags: [flag("run.properties", "novalue")])
        }
        #expect(entry.message.contains("expected name=value, found 'novalue'"))
    }

    @Test func `an unknown variable is a warning with a suggestion`() throws {
        let settings = try resolve(variables: ["LOADFLEET_WROKERS": "3"])
        #expect(settings.warnings.count == 1)
        #expect(settings.warnings.first?.contains("did you mean LOADFLEET_WORKERS?") == true)
    }

    @Test func `paths start where they were written`() throws {
        try folder.write(
            "env/e.yaml", "jmeter: {home: ../jm}\nrun: {results: out}\nlocal: {store: ~/s}\n")
        let environment = try resolve(file: "env/e.yaml").environment
        #expect(environment.jmeter.home == "\(folder.path)/jm")
        #expect(environment.run.results == "\(folder.path)/out")
        #expect(environment.local?.store == "\(folder.path)/s")
        #expect(
            try resolve(variables: ["XDG_STATE_HOME": "/var/state"]).environment.local?.store
                == "/var/state/loadfleet")
    }

    @Test func `keys of the other provider are dropped only below the choice`() throws {
        try folder.write("loadfleet.yaml", "local: {store: /s}\n")
        try folder.write("aws.yaml", "provider: ec2\nec2: {instance-types: [c6i.large]}\n")
        let environment = try resolve(file: "aws.yaml").environment
        #expect(environment.local == nil)
        #expect(environment.ec2?.choice == .types(["c6i.large"]))
        #expect(environment.ec2?.minWorkers == 2)
        try folder.write(
            "both.yaml", "provider: ec2\nec2: {instance-types: [c6i.large]}\nlocal: {store: /s}\n")
        #expect(throws: EnvironmentError.self) { try resolve(file: "both.yaml") }
        // A variable may be set for good, whatever the fleet.
        #expect(
            try resolve(variables: ["LOADFLEET_EC2_REGION": "eu-west-1"]).environment.ec2 == nil)
    }

    @Test func `secrets are masked by name`() throws {
        let settings = try resolve(flags: [
            flag("run.properties", "db.password=geheim"), flag("run.properties", "api_Token=t"),
            flag("run.properties", "threads=4"),
        ])
        #expect(settings["run.properties.db.password"]?.shownText == "********")
        #expect(settings["run.properties.api_Token"]?.shownText == "********")
        #expect(settings["run.properties.threads"]?.shownText == "4")
        #expect(settings.environment.run.properties["db.password"] == "geheim")
    }
}

struct EC2SettingsTests {
    private func settings(_ ec2: String) throws -> EC2Settings {
        let folder = try TemporaryFolder()
        try folder.write("e.yaml", "provider: ec2\nworkers: 4\nec2:\n" + ec2)
        let settings = try Settings.validate(file: "e.yaml", directory: folder.path, home: nil)
        return try #require(settings.environment.ec2)
    }

    @Test func `reads types, limits and tags`() throws {
        let ec2 = try settings(
            """
              region: eu-central-1
              instance-types: [c6i.large, u-6tb1.metal]
              architecture: arm64
              subnets: [subnet-0123456789abcdef0]
              capacity: spot-fleet
              spot-fleet-type: maintain
              min-workers: 3
              max-cost: 5usd
              volume-size: 30GiB
              tags: {team: shop}
            """)
        #expect(ec2.choice == .types(["c6i.large", "u-6tb1.metal"]))
        #expect(ec2.minWorkers == 3)
        #expect(ec2.maxCostDollars == 5)
        #expect(ec2.image.hasSuffix("/arm64"))
        #expect(ec2.controllerType == "c7g.large")
        #expect(ec2.tags == ["team": "shop"])
        #expect(ec2.spotFleetType == "maintain")
    }

    @Test(arguments: [
        ("  region: eu-central-1\n", "it is not said which instances to take"),
        ("  instance-types: [big]\n", "expected an instance type"),
        ("  instance-types: [c6i.large]\n  requirements: {vcpus: 2, memory: 4GiB}\n", "excludes"),
        ("  requirements: {vcpus: 2}\n", "vcpus and memory are both needed"),
        ("  instance-types: [c6i.large]\n  min-workers: 5\n", "more than the 4 workers"),
        ("  instance-types: [c6i.large]\n  ami: debian\n", "expected an image id"),
        ("  instance-types: [c6i.large]\n  max-cost: 5\n", "the unit is missing"),
        ("  instance-types: [c6i.large]\n  tags: {\"aws:x\": y}\n", "reserved"),
        ("  instance-types: [c6i.large]\n  region: Frankfurt\n", "an AWS region"),
    ])
    func `refuses what EC2 could not use`(yaml: String, problem: String) throws {
        let error = try #require(throws: EnvironmentError.self) { try settings(yaml) }
        #expect(error.message.contains(problem), "\(error.message)")
    }
}

struct KeyTableTests {
    @Test(arguments: Key.all.map(\.path))
    func `each default is a value of its key`(path: String) throws {
        let key = try #require(Key.at(path))
        #expect(key.about.hasSuffix("."))
        guard let fallback = key.fallback else { return }
        let bases = PathBases(input: "/", output: "/", home: nil)
        let value = try key.kind.value(fallback, bases: bases)
        #expect(value.text.hasSuffix(fallback))
    }

    @Test func `no two keys share a variable`() {
        #expect(Set(Key.all.map(\.variable)).count == Key.all.count)
    }
}
