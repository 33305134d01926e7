// What may go wrong around a run without anybody dying: a link that is cut, a disk that is full, a
// clock that is wrong, a store that is away. Each ends as docs/results.md says, and nothing hangs.
// `make test` takes one case of each, and a shorter outage; a campaign takes all.
import Foundation
import Glibc
import Machine
import Store
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Faults {
        /// Eight threads that take a tenth of a second for a sample.
        private func plan(loops: Int) -> String {
            Plans.sleeping(threads: "8", loops: loops, milliseconds: 100)
        }

        /// What the last run came to: its verdict, its total and its record.
        private func result(_ bench: Bench) throws -> (
            verdict: [String: Any], total: [String: Any], record: [String: Any]
        ) {
            let folder = try #require(try bench.runFolders().last)
            let summary = try bench.json(folder + "/summary.json")
            return (
                try #require(summary["verdict"] as? [String: Any]),
                try #require(summary["total"] as? [String: Any]),
                try bench.json(folder + "/run.json")
            )
        }

        private func expectNothingLeft(_ bench: Bench) async throws {
            let down = try await bench.run("down", "--yes")
            #expect(down.code == 0, "\(down.all)")
            #expect(bench.processes.isEmpty)
        }

        // MARK: - The link

        /// Puts a relay between the controller of the run that begins and its workers, who stand
        /// still meanwhile.
        private func relay(_ bench: Bench) async throws -> LinkRelay {
            let store = try FolderStore(at: bench.stateFolder + "/store")
            let runs = bench.stateFolder + "/store/runs"
            var found: (keys: RunKeys, link: RunLink)?
            let deadline = ContinuousClock.now + .seconds(30)
            while found == nil {
                try #require(ContinuousClock.now < deadline, "there is no link")
                try await Task.sleep(for: .milliseconds(20))
                let names = (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? []
                for keys in names.map({ RunKeys($0) }) {
                    guard let link = try await store.record(RunLink.self, at: keys.link) else {
                        continue
                    }
                    found = (keys, link)
                }
            }
            let (keys, link) = try #require(found)
            let relay = try LinkRelay(to: link.port)
            try await store.put(
                RunLink(address: link.address, port: relay.port, key: link.key), at: keys.link)
            return relay
        }

        @Test(arguments: Death.isCampaign ? [true, false] : [true])
        func `a worker is cut off from its controller for 20 s, or for good`(comesBack: Bool)
            async throws
        {
            let bench = try await Bench.up()
            let workers = try ["worker-1", "worker-2"].map(bench.agent)
            for worker in workers { worker.signal(SIGSTOP) }
            let command = try await bench.start(plan(loops: 350))
            let relay = try await relay(bench)
            defer { relay.close() }
            for worker in workers { worker.signal(SIGCONT) }
            try await command.waitForSamples()
            try await wait("samples of each worker") {
                try ["worker-1", "worker-2"].allSatisfy { try !bench.sampleEnds(of: $0).isEmpty }
            }
            relay.cut("worker-2")
            if comesBack {
                try await Task.sleep(for: .seconds(20))
                #expect(command.child.end == nil)
                relay.cut(nil)
            }
            let end = try await command.end(within: .seconds(120))
            #expect(end.code == 0, "\(end.all)")
            #expect(try bench.expectAgreement("comes back: \(comesBack)") == 2800)
            let (verdict, _, record) = try result(bench)
            #expect((verdict["losses"] as? [Any])?.isEmpty ?? true, "\(verdict)")
            #expect((record["lost"] as? [Any])?.isEmpty == true, "\(record)")
            // It was seen to be silent; that its link came again shows that the cut was one.
            let silent = try bench.liveLines().contains { line in
                guard case .nodes(let nodes) = line else { return false }
                return nodes.nodes.contains { $0.node == "worker-2" && $0.state == .silent }
            }
            #expect(silent)
            #expect(relay.connections > 2)
            try await expectNothingLeft(bench)
        }

        @Test(arguments: Death.isCampaign ? [true, false] : [false])
        func `a worker stands still until it is given up, and comes back: it stays lost`(
            inTime: Bool
        ) async throws {
            let (bench, command) = try await Bench.running(plan(loops: 350))
            try await wait("delivered samples") { try bench.parts(of: "worker-2") >= 2 }
            let agent = try bench.agent("worker-2")
            agent.signal(SIGSTOP)
            try await wait("the loss", within: .seconds(40)) {
                command.output.contains("worker-2 is lost")
            }
            // Its JMeter never stood still: once awake it delivers all that.
            if inTime { agent.signal(SIGCONT) }
            let end = try await command.end(within: .seconds(120))
            #expect(end.code == 4, "\(end.all)")
            let (verdict, _, record) = try result(bench)
            let reasons = try #require(verdict["reasons"] as? [String])
            #expect(reasons.count == 1 && reasons[0].hasPrefix("worker-2 was lost"), "\(reasons)")
            let samples = try bench.expectAgreement("came back")
            #expect(samples > 1400 && samples <= 2800)
            #expect((record["lost"] as? [Any])?.count == 1, "\(record)")
            if !inTime {
                let before = try bench.parts(of: "worker-2")
                agent.signal(SIGCONT)
                try await wait("late samples") { try bench.parts(of: "worker-2") > before }
            }
            // Whoever fetches the run later, when all of it has arrived, sees the same.
            let again = try await bench.run("results", "--gate", "samples == \(samples)")
            #expect(again.code == 4, "\(again.all)")
            #expect(try bench.expectAgreement("fetched again") == samples)
            try await expectNothingLeft(bench)
        }

        // MARK: - The disk

        @Test(.enabled(if: getuid() == 0, "only root mounts a small disk"))
        func `a worker's disk is full: its run is invalid, and what arrived is kept`() async throws
        {
            let bench = try Bench()
            let disk = bench.stateFolder + "/nodes/loadfleet/worker-2"
            try FileManager.default.createDirectory(
                atPath: disk, withIntermediateDirectories: true)
            try #require(mount("none", disk, "tmpfs", 0, "size=8m,mode=0700") == 0)
            defer { umount2(disk, Int32(MNT_DETACH)) }
            let up = try await bench.run("up", "--workers", "2")
            try #require(up.code == 0, "\(up.all)")
            let command = try await bench.start(plan(loops: 250))
            try await command.waitForSamples()
            try await wait("delivered samples") { try bench.parts(of: "worker-2") >= 2 }
            #expect(Self.fill(disk))
            let end = try await command.end(within: .seconds(120))
            #expect(end.code == 4, "\(end.all)")
            let (verdict, _, record) = try result(bench)
            let reasons = try #require(verdict["reasons"] as? [String])
            #expect(reasons.contains { $0.hasPrefix("worker-2: its disk was full") }, "\(reasons)")
            #expect(!reasons.contains { $0.hasPrefix("worker-1") }, "\(reasons)")
            let found = try #require(record["saturations"] as? [[String: Any]])
            #expect(found.map { $0["kind"] as? String } == ["disk"], "\(found)")
            let samples = try bench.expectAgreement("disk full")
            #expect(samples > 1000 && samples < 2000, "\(samples)")
            try await expectNothingLeft(bench)
        }

        /// Fills a disk to the last byte; whether that was done.
        private static func fill(_ folder: String) -> Bool {
            let file = open(folder + "/ballast", O_WRONLY | O_CREAT, 0o600)
            guard file >= 0 else { return false }
            defer { close(file) }
            var size = 1 << 20
            let bytes = [UInt8](repeating: 0x5A, count: size)
            while size > 0 {
                if write(file, bytes, size) <= 0 { size /= 2 }
            }
            return errno == ENOSPC
        }

        // MARK: - The clock

        @Test(arguments: Death.isCampaign ? [300, -300] : [300])
        func `a worker's clock is five minutes off: its samples are where they belong`(
            seconds: Int
        ) async throws {
            let bench = try await Bench.up()
            let clock = try await WrongClock(bench)
            let worker = try await bench.startAgain(
                "worker-2", clock.variables(ahead: seconds))
            defer { worker.signal(SIGKILL) }
            let command = try await bench.start(
                plan(loops: 100), ["--gate", "rps > 20", "--gate", "rps > 20 over 5s"])
            let end = try await command.end(within: .seconds(120))
            #expect(end.code == 0, "\(end.all)")
            let text =
                "worker-2's clock was 300.0 s "
                + (seconds > 0 ? "ahead of" : "behind") + " the controller's"
            #expect(end.errors.contains(text), "\(end.all)")
            let (_, total, record) = try result(bench)
            #expect(try bench.expectAgreement("\(seconds)") == 800)
            // 100 loops of a tenth of a second and a bit.
            let duration = try #require(total["duration_s"] as? Double)
            #expect(duration > 10 && duration < 40, "\(total)")
            #expect(try #require(record["start_skew_ms"] as? Int) < 2_000)
            let wrong = try #require(record["wrong_clocks"] as? [[String: Any]]).first
            #expect(wrong?["node"] as? String == "worker-2")
            let offset = try #require(wrong?["offset_ms"] as? Double)
            #expect(abs(offset - Double(seconds) * 1000) < 500)
            let live = try bench.liveLines().compactMap { line -> Int64? in
                if case .figures(let figures) = line { figures.second } else { nil }
            }
            #expect(try #require(live.max()) - #require(live.min()) < 60)
            // JMeter's own rows are as it wrote them.
            let node = try #require(
                (record["nodes"] as? [[String: Any]])?.first {
                    $0["node"] as? String == "worker-2"
                })
            let first = try #require(node["first_sample_ms"] as? Double)
            let begun = try #require(live.min())
            #expect(abs(first / 1000 - Double(begun) - Double(seconds)) < 60)
            try await expectNothingLeft(bench)
        }

        @Test(arguments: Death.isCampaign ? [300, -300] : [-300])
        func `in remote mode a wrong clock makes a run invalid`(seconds: Int) async throws {
            let bench = try await Bench.up()
            let clock = try await WrongClock(bench)
            let worker = try await bench.startAgain(
                "worker-2", clock.variables(ahead: seconds))
            defer { worker.signal(SIGKILL) }
            let command = try await bench.start(plan(loops: 60), ["--mode", "remote"])
            let end = try await command.end(within: .seconds(120))
            #expect(end.code == 4, "\(end.all)")
            let (verdict, total, _) = try result(bench)
            let reasons = try #require(verdict["reasons"] as? [String])
            #expect(reasons.count == 1 && reasons[0].hasPrefix("worker-2's clock"), "\(reasons)")
            #expect(total["samples"] as? Int == 480)
            try await expectNothingLeft(bench)
        }

        // MARK: - The store

        @Test func `the store is away over the end of the load: nothing is lost`() async throws {
            let (away, loops) = Death.isCampaign ? (60, 400) : (25, 160)
            let (bench, command) = try await Bench.running(plan(loops: loops))
            let store = bench.stateFolder + "/store"
            let agents = try ["controller", "worker-1", "worker-2"].map(bench.agent)
            try #require(rename(store, store + ".away") == 0)
            try await Task.sleep(for: .seconds(away))
            // Nobody has put another one in its place, and nobody has given up.
            #expect(!FileManager.default.fileExists(atPath: store))
            #expect(command.child.end == nil)
            for agent in agents { #expect(ProcessTable.commandLine(of: agent.pid) != nil) }
            try #require(rename(store + ".away", store) == 0)
            let end = try await command.end(within: .seconds(90))
            #expect(end.code == 0, "\(end.all)")
            #expect(end.output.contains("the store does not answer"), "\(end.all)")
            #expect(end.output.contains("the store answers again"), "\(end.all)")
            #expect(try bench.expectAgreement("store away") == 8 * loops)
            let (_, _, record) = try result(bench)
            #expect((record["lost"] as? [Any])?.isEmpty == true, "\(record)")
            try await expectNothingLeft(bench)
        }
    }
}
