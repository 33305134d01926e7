// What a user can get wrong. Each mistake gets one clear line, the documented code, and leaves
// nothing behind: no process, no half-made folder, no run.
import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite(.serialized) struct WrongInputs {
        private let bench: Bench

        init() throws { bench = try Bench() }

        /// A fleet of one worker for mistakes that only a run can make.
        private func fleet() async throws {
            let up = try await bench.run("up", "--workers", "1")
            try #require(up.code == 0, "\(up.all)")
        }

        private func expect(
            _ end: CommandEnd, code: Int32, _ parts: String...,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            #expect(end.code == code, "\(end.all)", sourceLocation: sourceLocation)
            let errors = end.errors.split(separator: "\n").filter { $0.hasPrefix("error: ") }
            #expect(errors.count == 1, "\(end.all)", sourceLocation: sourceLocation)
            for part in parts {
                #expect(end.errors.contains(part), "\(end.all)", sourceLocation: sourceLocation)
            }
            #expect(end.output.isEmpty, "\(end.all)", sourceLocation: sourceLocation)
            #expect(try bench.runFolders().isEmpty, sourceLocation: sourceLocation)
            let runs = try await bench.run("runs")
            #expect(runs.output.isEmpty, "\(runs.all)", sourceLocation: sourceLocation)
            _ = try await bench.run("down")
            #expect(bench.processes.isEmpty, sourceLocation: sourceLocation)
        }

        @Test func `a plan that is not there`() async throws {
            try await fleet()
            try await expect(
                try await bench.run("run", "absent.jmx"), code: 2, "absent.jmx", "no such plan")
        }

        @Test func `a wrong plan is said before a fleet is asked for`() async throws {
            try await expect(
                try await bench.run("run", "absent.jmx"), code: 2, "absent.jmx", "no such plan")
        }

        @Test func `a plan that is broken XML`() async throws {
            try await fleet()
            let plan = try bench.write(
                "<?xml version=\"1.0\"?>\n<jmeterTestPlan>\n<hashTree>\n</jmeterTestPlan>\n",
                to: "broken.jmx")
            try await expect(try await bench.run("run", plan), code: 2, "broken.jmx:4")
        }

        @Test func `a plan with a plug-in that is not installed`() async throws {
            try await fleet()
            let text = Plans.sleeping(threads: "1", loops: 1, milliseconds: 1)
                .replacingOccurrences(
                    of: "\"ThreadGroup\" testname", with: "\"com.example.Ultimate\" testname"
                )
                .replacingOccurrences(of: "<ThreadGroup ", with: "<com.example.Ultimate ")
                .replacingOccurrences(of: "</ThreadGroup>", with: "</com.example.Ultimate>")
            let plan = try bench.write(text, to: "plugin.jmx")
            try await expect(
                try await bench.run("run", plan), code: 2, "com.example.Ultimate", "lib/ext")
        }

        @Test func `a thread count that nobody gave`() async throws {
            try await fleet()
            let plan = try bench.write(
                Plans.sleeping(threads: "${__P(users)}", loops: 1, milliseconds: 1),
                to: "unresolved.jmx")
            try await expect(
                try await bench.run("run", plan), code: 2, "unresolved.jmx:", "users")
        }

        @Test func `a data file that is missing`() async throws {
            try await fleet()
            let plan = try bench.write(
                Plans.sleeping(threads: "1", loops: 1, milliseconds: 1, data: "gone.csv"),
                to: "data.jmx")
            try await expect(try await bench.run("run", plan), code: 2, "data.jmx:", "gone.csv")
        }

        @Test func `an unknown key in the environment file`() async throws {
            let file = try bench.write("provider: local\nworkres: 3\n", to: "env.yaml")
            try await expect(
                try await bench.run("up", "--config", file), code: 2, "env.yaml:2", "workres",
                "workers")
        }

        @Test func `a value with a wrong unit`() async throws {
            let file = try bench.write("lease: 2 fortnights\n", to: "env.yaml")
            try await expect(
                try await bench.run("up", "--config", file), code: 2, "env.yaml:1", "lease")
        }

        @Test func `a port that is in use`() async throws {
            let listener = try Listener()
            defer { listener.close() }
            let range = "\(listener.port)-\(listener.port + 9)"
            let file = try bench.write("local:\n  rmi-ports: \(range)\n", to: "env.yaml")
            try await expect(
                try await bench.run("up", "--config", file), code: 2, "\(listener.port)", "in use")
        }

        @Test func `no JMeter`() async throws {
            try await expect(
                try await bench.run("up", "--jmeter-home", bench.folder), code: 2, "JMeter")
        }

        @Test func `no Java`() async throws {
            let bare = try Bench(["PATH": "/nonexistent", "JAVA_HOME": ""])
            let end = try await bare.run("up")
            #expect(end.code == 2, "\(end.all)")
            #expect(end.errors.contains("error: "), "\(end.all)")
            #expect(end.errors.contains("Java"), "\(end.all)")
            #expect(bare.processes.isEmpty)
        }

        @Test func `a results folder that cannot be written`() async throws {
            try await fleet()
            let plan = try bench.write(
                Plans.sleeping(threads: "1", loops: 1, milliseconds: 1), to: "plan.jmx")
            // A file where a folder is wanted: not even root can write below it.
            try bench.write("", to: "occupied")
            try await expect(
                try await bench.run("run", plan, "--results", "occupied/results"), code: 2,
                "occupied/results")
        }

        @Test func `a binary file as JTL`() async throws {
            let path = bench.folder + "/noise.jtl"
            var bytes = Data([0x7F, 0x45, 0x4C, 0x46])
            var state: UInt32 = 1
            for _ in 0..<4096 {
                state = state &* 1_664_525 &+ 1_013_904_223
                bytes.append(UInt8(truncatingIfNeeded: state >> 24))
            }
            try bytes.write(to: URL(filePath: path))
            try await expect(try await bench.run("report", path), code: 2, "noise.jtl")
        }

        @Test func `a gate that cannot be read`() async throws {
            try await fleet()
            let plan = try bench.write(
                Plans.sleeping(threads: "1", loops: 1, milliseconds: 1), to: "plan.jmx")
            try await expect(
                try await bench.run("run", plan, "--gate", "p95 < fast"), code: 2, "p95 < fast")
        }
    }
}

/// Somebody else's server, in the way.
private struct Listener {
    private let descriptor: Int32
    let port: Int

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        try #require(code)
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    func close() { Glibc.close(descriptor) }
}
