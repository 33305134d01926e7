// Every command that loadfleet tells a person to type is typed here, to the letter, in a terminal,
// and does what was promised of it.
import Foundation
import LoadfleetTesting
import Machine
import Store
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Advices {
        /// Leads of the commands in the program's messages that the tests below follow.
        private static let followed: Set<String> = [
            "start it with: loadfleet up", "run a plan:   loadfleet run",
            "give it back: loadfleet down", "take it down first with: loadfleet down",
            "see what is missing with: loadfleet doctor", "end them with: loadfleet sweep",
            "or: loadfleet stop", "follow it with: loadfleet attach", "with: loadfleet runs",
            "start one with: loadfleet run", "pick it up again with: loadfleet attach",
            "pick the run up again with: loadfleet attach",
            "was not fetched: loadfleet results", "judge them again with: loadfleet report",
            "start them again with: loadfleet up", "see where it comes from with: loadfleet doctor",
            "or make one: loadfleet init", "next: \\(change)loadfleet doctor",
            "make it once with: loadfleet bootstrap",
            "bring up a fleet: loadfleet up", "remove it again:  loadfleet bootstrap",
            "loadfleet bootstrap --delete --delete-bucket", "end them first with: ",
        ]

        /// Those that only a state of AWS brings about that the simulated cloud has not, or that
        /// tests of the command line's room bring about.
        private static let elsewhere: Set<String> = [
            // A foundation that failed half way: BootstrapTests.
            "with: loadfleet bootstrap --delete\"", "then try again with: loadfleet bootstrap\"",
            "have one made with: loadfleet bootstrap --create-network",
            // No subnet at all, and no role of spot fleets.
            "or: loadfleet bootstrap\"",
            // Instances that will not go for ten minutes.
            "try again with: loadfleet down",
            "try again with: loadfleet bootstrap --delete --delete-bucket",
            // No way to credentials, and words of the help.
            "with: loadfleet doctor\"", "with: loadfleet doctor --online",
            "'loadfleet run'.", "'loadfleet attach'.", "'loadfleet up'.", "loadfleet does not",
            "loadfleet down --fleet \\($0)", "'loadfleet results RUN'", "give it to 'loadfleet up'",
            "give it to 'loadfleet attach'",
            // Results that were not fetched, asked for by `results compare`: CompareTests.
            "fetch them with: loadfleet results",
        ]

        @Test func `each command in the program's messages is followed by a test`() throws {
            let pattern = try Regex(
                #"[^"]{0,40}\bloadfleet (up|down|run|runs|attach|stop|results|logs|status|doctor|sweep|bootstrap|init|report)\b[^"]*"?"#
            )
            let files = try FileManager.default.subpathsOfDirectory(
                atPath: Product.root + "/Sources")
            var unknown: [String] = []
            for file in files where file.hasSuffix(".swift") {
                let text = try String(
                    contentsOfFile: "\(Product.root)/Sources/\(file)", encoding: .utf8)
                for line in text.split(separator: "\n") {
                    let code = line.drop { $0 == " " }
                    guard !code.hasPrefix("//"), code.contains("\"") else { continue }
                    for match in line.matches(of: pattern) {
                        let found = String(line[match.range])
                        let isKnown = Self.followed.union(Self.elsewhere).contains {
                            found.contains($0)
                        }
                        if !isKnown { unknown.append("\(file): \(found)") }
                    }
                }
            }
            #expect(unknown == [])
        }

        // MARK: - On AWS

        @Test func `advice about fleets on EC2 can be typed as it stands`() async throws {
            let account = try await Account(strangers: 3, hasFoundation: false)
            let reader = try Reader(try account.bench("shop", workers: 2, remembers: true))
            let store = try account.store()

            var end = try await reader.run("status")
            end = try await reader.follow(end, "make it once with: loadfleet bootstrap")
            #expect(end.code == 0, "\(end.all)")
            end = try await reader.follow(end, "bring up a fleet: loadfleet up")
            #expect(end.code == 0, "\(end.all)")
            end = try await reader.follow(end, "give it back: loadfleet down")
            #expect(end.code == 0 && end.output.contains("nothing is left"), "\(end.all)")

            end = try await reader.run("run", "PLAN")
            let up = try await reader.follow(end, "start it with: loadfleet up")
            #expect(up.code == 0 && up.output.contains("fleet 'shop' is up"), "\(up.all)")
            end = try await reader.run("up", "--yes", "--heap", "300MiB")
            end = try await reader.follow(end, "take it down first with: loadfleet down")
            #expect(end.code == 0 && end.output.contains("nothing is left"), "\(end.all)")
            end = try await reader.run("attach")
            #expect(end.errors.contains("start one with: loadfleet run"), "\(end.all)")
            end = try await reader.run("up", "--yes")
            #expect(end.code == 0, "\(end.all)")

            // Nobody works on this run until it was stopped.
            let run = try await reader.run("run", "PLAN", "--detach")
            #expect(run.code == 0, "\(run.all)")
            let locked = try await reader.run("run", "PLAN")
            let late = try await reader.run("attach", "--timeout", "1s")
            let unfinished = try await reader.run("results")
            let busy = try await reader.type("loadfleet down \(reader.flags)", answering: "n")
            end = try await reader.follow(busy, "or: loadfleet stop")
            #expect(end.code == 0, "\(end.all)")
            let nodes = Task { await abandonRuns(of: "shop", in: store) }
            defer { nodes.cancel() }
            for (said, lead) in [
                (end, "follow it with: loadfleet attach"),
                (locked, "follow it with: loadfleet attach"),
                (unfinished, "follow it with: loadfleet attach"),
                (late, "pick it up again with: loadfleet attach"),
            ] {
                let attached = try await reader.follow(said, lead)
                #expect(attached.code == 4, "\(attached.all)")
                #expect(attached.output.contains("was lost"), "\(attached.all)")
            }
            // Until the fleet is free again, nobody else may have it.
            end = try await reader.follow(up, "run a plan:   loadfleet run")
            #expect(end.code == 4, "\(end.all)")
            end = try await reader.run("stop")
            end = try await reader.follow(end, "with: loadfleet runs")
            #expect(end.code == 0 && end.output.contains("fetched"), "\(end.all)")

            let worker = try #require(
                try await account.instances(of: "shop").first {
                    $0.tags["loadfleet:role"] == "worker"
                })
            try await account.cloud.ask("_cloud/kill", #"{"id": "\#(worker.id)"}"#)
            end = try await reader.run("run", "PLAN")
            end = try await reader.follow(end, "start them again with: loadfleet up")
            #expect(end.code == 0 && end.output.contains("whole again"), "\(end.all)")

            _ = try await reader.run("run", "PLAN", "--detach")
            end = try await reader.run("bootstrap", "--delete", "--yes")
            end = try await reader.follow(end, "end them first with: ")
            #expect(end.code == 0 && end.output.contains("nothing is left"), "\(end.all)")
            end = try await reader.follow(end, "was not fetched: loadfleet results")
            #expect(end.code == 4, "\(end.all)")
            try await followTrouble(reader, account)
            end = try await reader.run("bootstrap", "--yes")
            end = try await reader.follow(end, "remove it again:  loadfleet bootstrap")
            #expect(end.code == 0, "\(end.all)")
            end = try await reader.follow(end, "remove it with: loadfleet bootstrap")
            #expect(end.code == 0, "\(end.all)")
            // What is said in states that this cloud does not get into can be typed all the same.
            for command in [
                "bootstrap --create-network", "bootstrap --delete", "bootstrap",
                "down --fleet shop", "doctor", "doctor --online",
                "bootstrap --delete --delete-bucket",
            ] {
                let typed = try await reader.type("loadfleet \(command) \(reader.flags)")
                // A network of its own is more than the simulated cloud can remove at once.
                #expect(typed.code == 0 || command == "bootstrap --delete", "\(typed.all)")
            }
        }

        private func followTrouble(_ reader: Reader, _ account: Account) async throws {
            // A budget that is too small, and the lease that fits it.
            var end = try await reader.run("up", "--yes", "--max-cost", "0.01usd")
            let fits = try #require(end.errors.firstMatch(of: /--lease (\S+),/), "\(end.all)").1
            end = try await reader.run(
                "up", "--dry-run", "--max-cost", "0.01usd", "--lease", "\(fits)")
            #expect(end.code == 0, "\(end.all)")
            // No room at all.
            try await account.cloud.ask("_cloud/settings", #"{"capacity": {"spot/*": 0}}"#)
            end = try await reader.run("up", "--yes")
            #expect(end.code == 9, "\(end.all)")
            end = try await reader.follow(end, "see what is missing with: loadfleet doctor")
            #expect(end.output.contains("aws"), "\(end.all)")
            try await account.cloud.ask("_cloud/settings", #"{"capacity": {}}"#)
            // A key that AWS does not know.
            let stranger = try Reader(
                try account.bench(
                    "shop", workers: 2, by: .init(key: "AKIAUNKNOWNUNKNOWN00", secret: "x")))
            end = try await stranger.run("status")
            #expect(end.code == 6, "\(end.all)")
            end = try await stranger.follow(end, "see where it comes from with: loadfleet doctor")
            #expect(end.code != 2, "\(end.all)")
            if Death.isCampaign { try await followSweep(reader, account) }
        }

        /// A fleet that nobody remembers, looked for and left; it must be half a minute old.
        private func followSweep(_ reader: Reader, _ account: Account) async throws {
            var end = try await reader.run("up", "--yes")
            #expect(end.code == 0, "\(end.all)")
            let store = try account.store()
            for prefix in ["fleets/", "locks/"] {
                try await store.delete(try await store.list(prefix: prefix).map(\.key))
            }
            // Younger things may belong to somebody who is at work.
            try await waitForForgotten(reader)
            end = try await reader.type("loadfleet sweep \(reader.flags)", answering: "n")
            #expect(end.code == 7, "\(end.all)")
            end = try await reader.follow(end, "end them with: loadfleet sweep")
            #expect(end.code == 0 && end.output.contains("nothing is left"), "\(end.all)")
            let traces = try await account.traces(of: "shop")
            #expect(traces == [])
        }

        private func waitForForgotten(_ reader: Reader) async throws {
            let deadline = ContinuousClock.now + .seconds(60)
            while try await reader.type("loadfleet sweep \(reader.flags)", answering: "n").code == 0
            {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .seconds(2))
            }
        }

        // MARK: - On this machine

        @Test func `advice about fleets on this machine can be typed as it stands`() async throws {
            let bench = try Bench()
            try bench.write("name: other\nworkers: 1\n", to: "loadfleet.yaml")
            try bench.write(
                Plans.sleeping(threads: "1", loops: 5, milliseconds: 10), to: "plan.jmx")
            let reader = try Reader(bench)

            var end = try await reader.run("attach")
            #expect(end.errors.contains("start one with: loadfleet run"), "\(end.all)")
            end = try await reader.run("run", "PLAN")
            let up = try await reader.follow(end, "start it with: loadfleet up")
            #expect(up.code == 0, "\(up.all)")
            end = try await reader.follow(up, "run a plan:   loadfleet run")
            #expect(end.code == 0 && end.output.contains("passed"), "\(end.all)")
            let fetched = try #require(try bench.runFolders().last).split(separator: "/").last ?? ""

            try bench.write(
                Plans.sleeping(threads: "1", loops: 1_000, milliseconds: 100), to: "PLAN")
            let command = try await bench.start(["run", "PLAN"] + reader.arguments)
            try await wait("the run") { command.errors.contains("1 threads") }
            let locked = try await reader.run("run", "PLAN")
            let busy = try await reader.type("loadfleet down \(reader.flags)", answering: "n")
            command.child.signal(SIGINT)
            command.child.signal(SIGINT)
            try await wait("the command to leave") { command.child.end != nil }
            let left = try await command.end(within: .seconds(20))
            let stopped = try await reader.follow(busy, "or: loadfleet stop")
            #expect(stopped.code == 0, "\(stopped.all)")
            end = try await reader.follow(locked, "follow it with: loadfleet attach")
            #expect(end.code == 4, "\(end.all)")
            if left.errors.contains("pick the run up again") {
                end = try await reader.follow(left, "pick the run up again with: loadfleet attach")
                #expect(end.code == 4, "\(end.all)")
            }
            let worker = try bench.agent("worker-1")
            worker.signal(SIGKILL)
            #expect(await worker.waitUntilGone(within: .seconds(20)))
            end = try await reader.run("run", "PLAN")
            end = try await reader.follow(end, "start them again with: loadfleet up")
            #expect(end.code == 0 && end.output.contains("whole again"), "\(end.all)")
            // Processes whose lease nobody knows any more, and that do not end by themselves.
            for process in bench.processes { process.signal(SIGSTOP) }
            try FileManager.default.removeItem(
                atPath: bench.stateFolder + "/store/fleets/other/fleet.json")
            end = try await reader.run("doctor")
            end = try await reader.follow(end, "give it back: loadfleet down")
            #expect(end.code == 0, "\(end.all)")
            #expect(bench.processes.isEmpty)
            end = try await reader.run("results", "\(fetched)")
            end = try await reader.follow(end, "judge them again with: loadfleet report")
            #expect(end.code == 0 && end.output.contains("Sleep"), "\(end.all)")
            end = try await reader.type("loadfleet init 'a new place'")
            #expect(end.code == 0, "\(end.all)")
            end = try await reader.follow(end, "next: cd")
            #expect(end.code == 0, "\(end.all)")
            end = try await bench.run("up", "--config", "nowhere.yaml")
            end = try await reader.follow(end, "or make one: loadfleet init")
            #expect(end.code == 0, "\(end.all)")
        }
    }
}

/// A person who reads what loadfleet says and types the commands in it, in a terminal.
private struct Reader {
    let bench: Bench
    /// The environment file has a name that a shell would not take as it stands.
    private static let file = "my fleet.yaml"

    /// How each command names the environment.
    let arguments = ["--config", Reader.file]
    var flags: String { "--config '\(Self.file)'" }

    init(_ bench: Bench) throws {
        self.bench = bench
        let files = FileManager.default
        try files.moveItem(
            atPath: bench.folder + "/loadfleet.yaml", toPath: bench.folder + "/" + Self.file)
        // Advice says PLAN where a person has a file of their own.
        try files.moveItem(atPath: bench.folder + "/plan.jmx", toPath: bench.folder + "/PLAN")
        try files.createDirectory(
            atPath: bench.folder + "/bin", withIntermediateDirectories: true)
        try files.createSymbolicLink(
            atPath: bench.folder + "/bin/loadfleet", withDestinationPath: Product.binary)
    }

    func run(_ command: String...) async throws -> CommandEnd {
        try await bench.run(command + arguments)
    }

    /// Types the command that a message has behind certain words, and says yes to what it asks.
    func follow(
        _ said: CommandEnd, _ lead: String
    ) async throws -> CommandEnd {
        let text = said.output + "\n" + said.errors
        let found = try #require(text.ranges(of: lead).first, "no '\(lead)' in: \(said.all)")
        let start = try #require(
            text.range(
                of: lead.contains("cd") ? "cd " : "loadfleet ",
                range: found.lowerBound..<text.endIndex))
        let command = text[start.lowerBound...].prefix { !$0.isNewline }
        return try await type(String(command), answering: "y")
    }

    /// Runs a line of a shell in a terminal; what it says comes as its output.
    func type(_ line: String, answering answer: String = "y") async throws -> CommandEnd {
        let id = UUID().uuidString.prefix(8)
        try bench.write("exec 2>&1\n\(line)\n", to: "line-\(id)")
        var environment = bench.environment
        environment["PATH"] = "\(bench.folder)/bin:\(environment["PATH"] ?? "")"
        let script = "printf '\(answer)\\n\(answer)\\n' | script -qefc 'bash line-\(id)' /dev/null"
        var request = ProcessRequest(
            "/bin/bash", ["-c", script], environment: environment, directory: bench.folder)
        request.standardOutput = .file("\(bench.folder)/.out-\(id)")
        request.standardError = .file("\(bench.folder)/.err-\(id)")
        let command = RunningCommand(
            child: try await ChildProcess.start(request),
            outputPath: "\(bench.folder)/.out-\(id)", errorPath: "\(bench.folder)/.err-\(id)")
        let end = try await command.end(within: .seconds(180))
        #expect(end.code != 2, "typed \(line): \(end.all)")
        return end
    }
}
