// Environment files: what is read, and that every mistake is one line that names file, line,
// column, key and a way out.
import Store
import LoadfleetTesting
import Testing

@testable import Fleet

struct EnvironmentFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func resolve(_ yaml: String, flags: [SettingFlag] = []) throws -> Settings {
        try folder.write("loadfleet.yaml", yaml)
        return try Settings.resolve(
            SettingSources(flags: flags, variables: ["HOME": folder.path], directory: folder.path))
    }

    private func mistake(_ yaml: String) throws -> EnvironmentError {
        try #require(throws: EnvironmentError.self) { try resolve(yaml) }
    }

    @Test func `reads every kind of value`() throws {
        let environment = try resolve(
            """
            name: shop-test          # a comment
            workers: 3
            mode: remote
            lease: 1h30m
            jmeter: { heap: 1GiB, home: tools/jmeter }
            run:
              deadline: 20m
              max-loss: 0.5%
              per-worker: true
              gates:
                - p95(Checkout) < 500ms
                - "errors < 1%"
              data: { users.csv: split, "a: b.csv": copy }
              properties:
                threads: 12
                empty: ""
            local: { rmi-ports: 20000-20100 }
            """
        ).environment
        #expect(environment.name == "shop-test")
        #expect(environment.workers == 3)
        #expect(environment.mode == .remote)
        #expect(environment.lease == .seconds(5400))
        #expect(environment.jmeter.heapBytes == 1 << 30)
        #expect(environment.jmeter.home == "\(folder.path)/tools/jmeter")
        #expect(environment.run.deadline == .seconds(1200))
        #expect(environment.run.maxLossPercent == 0.5)
        #expect(environment.run.perWorker)
        #expect(environment.run.gates == ["p95(Checkout) < 500ms", "errors < 1%"])
        #expect(environment.run.data == ["users.csv": .split, "a: b.csv": .copy])
        #expect(environment.run.properties == ["threads": "12", "empty": ""])
        #expect(environment.run.results == "\(folder.path)/results")
        #expect(environment.local?.rmiPorts == 20000...20100)
        #expect(environment.ec2 == nil)
    }

    @Test func `an anchor stands for what it names`() throws {
        let yaml = "run:\n  properties-files: &files [a.properties]\nname: &n one\n"
        #expect(
            try resolve(yaml).environment.run.propertiesFiles == ["\(folder.path)/a.properties"])
        let environment = try resolve("name: &n one\nrun: {properties: {fleet: *n}}").environment
        #expect(environment.run.properties == ["fleet": "one"])
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "local:\nrun:\n"])
    func `a file without values is no mistake`(yaml: String) throws {
        #expect(try resolve(yaml).environment.workers == 2)
    }

    @Test(arguments: [
        (
            "wrokers: 3", "loadfleet.yaml:1:1: wrokers: there is no such key",
            "did you mean 'workers'?"
        ),
        (
            "run:\n  max_loss: 1%", "loadfleet.yaml:2:3: run.max_loss",
            "did you mean 'run.max-loss'?"
        ),
        ("deadline: 1m", "1:1: deadline: there is no such key", "did you mean 'run.deadline'?"),
        ("local: {zebra: 1}", "1:9: local.zebra", "keys of 'local': store, rmi-ports"),
        ("lease: 30", "1:8: lease: '30' is not a duration: the unit is missing", "30s"),
        ("lease: 2 weeks", "1:8: lease: '2 weeks' is not a duration", "units: d, h"),
        ("lease: 31d", "1:8: lease: expected a duration from 1s to 30d, found '31d'", nil),
        ("workers: 0", "expected a whole number from 1 to 1000, found '0'", nil),
        ("workers: two", "expected a whole number", nil),
        ("workers: [1]", "expected a whole number from 1 to 1000, found a list", nil),
        ("workers:", "found nothing", "give it a value"),
        (
            "mode: remte", "expected 'standalone' or 'remote', found 'remte'",
            "did you mean 'remote'?"
        ),
        ("run: {per-worker: yes}", "expected true or false, found 'yes'", "write 'true'"),
        ("run: {properties: {host: }}", "run.properties.host: expected text", "give it a value"),
        ("run: 3", "1:6: run: expected a group of keys, found '3'", "key: value"),
        ("- a\n- b", "expected a group of keys, found a list", "key: value"),
        ("run: {gates: errors < 1%}", "run.gates: expected a list", "value"),
        (
            "run: {data: {u.csv: spilt}}",
            "run.data.u.csv: expected 'split' or 'unique-block' or 'copy'", "'split'"
        ),
        ("name: Bad_Name", "lower-case letters", nil),
        ("jmeter: {heap: 512m}", "there is no unit 'm'", "did you mean 'MiB'?"),
        ("jmeter: {version: latest}", "expected a version, such as 5.6.3", nil),
        ("local: {rmi-ports: 2000}", "a range of ports", nil),
        ("local: {rmi-ports: 2000-70000}", "a range of ports", nil),
        (
            "ec2: {region: eu-central-1}",
            "ec2.region: this has no effect: the provider is 'local'", "provider: ec2"
        ),
        (
            "workers: 1\nmode: remote\nworkers: 2", "3:1: workers: this key stands in line 1",
            "keep one"
        ),
        ("run: {data: {a: copy, a: split}}", "a: this key stands in line 1", "keep one"),
        ("run:\n\tdeadline: 1m", "2:1: a tab can't indent YAML", "spaces"),
        ("name: a\n  workers: 3", "2:10: this is not YAML", "indentation"),
        ("name: 'open", "this is not YAML", "quotes"),
        ("name: @x", "1:7: this is not YAML", "quotes"),
        ("name: a\n---\nname: b", "2:1: a second document", "remove"),
        ("name: !!str a", "1:7: tags such as", "remove"),
        ("name: *nobody", "nothing above is named '&nobody'", nil),
        ("? [a]\n: b", "a key must be plain text", nil),
        ("run: {deadline: 3h}", "run.deadline: a run of 3h outlives the lease of 2h", "lengthen"),
        (
            "heartbeat: {interval: 10s}",
            "heartbeat.interval: 12s is less than three intervals of 10s", nil
        ),
        (
            "workers: 10\nlocal: {rmi-ports: 20000-20010}",
            "2:20: local.rmi-ports: 11 ports are too few", "widen"
        ),
    ])
    func `each mistake is one clear line`(yaml: String, message: String, hint: String?) throws {
        let error = try mistake(yaml)
        #expect(error.message.contains(message), "\(error.message)")
        #expect(!error.message.contains("\n"))
        if let hint { #expect(error.hint?.contains(hint) == true, "\(error.hint ?? "no hint")") }
    }

    @Test func `an alias bomb is refused before it unfolds`() throws {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let items = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(items)]\n"
        }
        let error = try mistake(yaml)
        #expect(error.problem == "the file unfolds to more than 20000 values")
        #expect(error.kind == .syntax)
    }

    @Test func `a tower of brackets is refused`() throws {
        let error = try mistake("name: " + String(repeating: "[", count: 5_000))
        #expect(error.problem.contains("deeper than 16 levels"))
    }

    @Test func `bytes that are not UTF-8 are named by place`() throws {
        try folder.write("loadfleet.yaml", bytes: Array("name: a\nlease: ".utf8) + [0xE9, 0x0A])
        let error = try #require(throws: EnvironmentError.self) {
            try Settings.resolve(
                SettingSources(variables: ["HOME": folder.path], directory: folder.path))
        }
        #expect(error.message == "loadfleet.yaml:2:8: this is not UTF-8 text")
    }

    @Test func `missing, folder and giant are told apart`() throws {
        func mistake(_ file: String) throws -> EnvironmentError {
            try #require(throws: EnvironmentError.self) {
                try Settings.resolve(
                    SettingSources(
                        variables: ["HOME": folder.path], file: file, directory: folder.path))
            }
        }
        #expect(try mistake("nope.yaml").message == "nope.yaml: there is no such environment file")
        #expect(try mistake(".").message.contains("this is a folder"))
        try folder.write("big.yaml", String(repeating: "# padding\n", count: 120_000))
        #expect(try mistake("big.yaml").message == "big.yaml: larger than 1MiB")
    }

    @Test func `no text whatever crashes the reader`() throws {
        let alphabet = Array("ab:-[]{}&*!|>'\"#%@`?, \n\t\u{0}\u{E9}\u{85}~0")
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3_000 {
            let length = Int.random(in: 0...40, using: &generator)
            let text = String(
                (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
            do throws(EnvironmentError) {
                _ = try YAMLReader.read(Array(text.utf8), file: "x")
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }
}
