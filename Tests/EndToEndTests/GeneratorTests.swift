// Generators that are too weak for their load, on a real JMeter each: the verdict is `invalid`, for the
// right reason, and the same plan on a machine that can do it is not.
import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Generators {
        /// Brings one worker up behind a few lines of shell, runs a plan on it, and gives it back.
        private func run(
            _ plan: String, _ arguments: [String] = [], after script: String? = nil,
            heap: String = "256MiB"
        ) async throws -> (end: CommandEnd, reasons: [String]) {
            let bench = try Bench(["LOADFLEET_JMETER_HEAP": heap])
            let path = try bench.write(plan, to: "plan.jmx")
            let up = try await bench.run(["up", "--workers", "1"], after: script)
            try #require(up.code == 0, "\(up.all)")
            let end = try await bench.run(["run", path] + arguments)
            let down = try await bench.run("down")
            #expect(down.code == 0, "\(down.all)")
            let folder = try #require(try bench.runFolders().last, "\(end.all)")
            let summary = try bench.json(folder + "/summary.json")
            let verdict = try #require(summary["verdict"] as? [String: Any])
            let record = try bench.json(folder + "/run.json")
            let found = try #require(record["saturations"] as? [[String: Any]])
            let reasons = try #require(verdict["reasons"] as? [String])
            for saturation in found {
                let text = try #require(saturation["text"] as? String)
                #expect(saturation["node"] as? String == "worker-1")
                #expect(reasons.contains("worker-1: \(text)"), "\(reasons)")
            }
            return (end, found.compactMap { $0["kind"] as? String })
        }

        /// Some 600,000 samples: seconds of work for one processor.
        private let work = Plans.sleeping(threads: "4", loops: 150_000, milliseconds: 0)

        @Test(.enabled(if: Cgroup.canLimit, "this machine lets no cgroup be made"))
        func `a processor that a cgroup limits`() async throws {
            let cgroup = try Cgroup(processors: 0.3)
            defer { cgroup.remove() }
            let starved = try await run(work, after: cgroup.script)
            #expect(starved.end.code == 4, "\(starved.end.all)")
            #expect(starved.reasons == ["cpu"], "\(starved.end.all)")
            let free = try await run(work)
            #expect(free.end.code == 0, "\(free.end.all)")
            #expect(free.reasons.isEmpty)
        }

        @Test(.enabled(if: getuid() == 0, "only root makes network namespaces"))
        func `more connections than there are local ports`() async throws {
            // Each of the threads holds its connection; the target is JMeter's own mirror.
            let plan = Plans.waiting(threads: 250, port: 18_081, milliseconds: 4_000)
            func target(_ gate: String) -> [String] {
                ["-Jmirror.server.port=18081", "--gate", gate]
            }
            func network(_ ports: String) -> String {
                "exec unshare -n sh -c 'ip link set lo up && echo \(ports) > "
                    + "/proc/sys/net/ipv4/ip_local_port_range && exec \"$0\" \"$@\"' \"$0\" \"$@\""
            }
            // So few that a machine too busy to start all threads at once runs out of them, too.
            let starved = try await run(
                plan, target("errors < 95%"), after: network("40000 40049"))
            #expect(starved.end.code == 4, "\(starved.end.all)")
            #expect(starved.reasons == ["ports"], "\(starved.end.all)")
            let free = try await run(plan, target("errors < 50%"), after: network("40000 49999"))
            #expect(free.end.code == 0, "\(free.end.all)")
            #expect(free.reasons.isEmpty)
        }

        @Test func `a heap that is too small`() async throws {
            let plan = Plans.script("vars.putObject('x', new byte[100 * 1024 * 1024])")
            let starved = try await run(plan, heap: "64MiB")
            #expect(starved.end.code == 4, "\(starved.end.all)")
            #expect(starved.reasons == ["heap"], "\(starved.end.all)")
            let free = try await run(plan, heap: "512MiB")
            #expect(free.end.code == 0, "\(free.end.all)")
            #expect(free.reasons.isEmpty)
        }

        @Test func `a rate that its threads cannot make`() async throws {
            let plan = Plans.sleeping(threads: "2", loops: 400, milliseconds: 50)
            let starved = try await run(plan, ["--rps", "400"])
            #expect(starved.end.code == 4, "\(starved.end.all)")
            #expect(starved.reasons == ["rate"], "\(starved.end.all)")
            #expect(starved.end.output.contains("the rate needs more threads"))
            let free = try await run(plan, ["--rps", "20"])
            #expect(free.end.code == 0, "\(free.end.all)")
            #expect(free.reasons.isEmpty)
        }
    }
}

/// A control group that leaves whoever enters it only a part of a processor.
private struct Cgroup {
    private let folder: String

    /// Where groups that limit processors can be made, and in which version.
    private static let root: (path: String, isOld: Bool)? = {
        let candidates = [
            ("/sys/fs/cgroup/cpu", true), ("/sys/fs/cgroup/cpu,cpuacct", true),
            ("/sys/fs/cgroup", false),
        ]
        for (path, isOld) in candidates {
            let probe = "\(path)/loadfleet-probe-\(getpid())"
            guard mkdir(probe, 0o755) == 0 else { continue }
            defer { rmdir(probe) }
            let file = isOld ? "cpu.cfs_quota_us" : "cpu.max"
            if access("\(probe)/\(file)", W_OK) == 0 { return (path, isOld) }
        }
        return nil
    }()

    static var canLimit: Bool { root != nil }

    init(processors: Double) throws {
        let root = try #require(Self.root)
        folder = "\(root.path)/loadfleet-\(UUID().uuidString.prefix(8))"
        try #require(mkdir(folder, 0o755) == 0)
        let quota = Int(processors * 100_000)
        let (file, text) =
            root.isOld ? ("cpu.cfs_quota_us", "\(quota)") : ("cpu.max", "\(quota) 100000")
        try write(text, to: file)
        // On a busy machine it would not even get what it is limited to.
        try write(root.isOld ? "262144" : "10000", to: root.isOld ? "cpu.shares" : "cpu.weight")
    }

    /// Not through a temporary file: this is no folder for files.
    private func write(_ text: String, to file: String) throws {
        let handle = try #require(FileHandle(forWritingAtPath: "\(folder)/\(file)"))
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    /// What a shell does to enter it, and to go on as what it was given.
    var script: String { "echo $$ > \(folder)/cgroup.procs && exec \"$0\" \"$@\"" }

    /// Removes the group once all who entered it have ended.
    func remove() { rmdir(folder) }
}
