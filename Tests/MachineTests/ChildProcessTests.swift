import Glibc
import Machine
import Testing

@Suite struct ChildProcessTests {
    private func shell(_ script: String) -> ProcessRequest {
        ProcessRequest("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
    }

    @Test func `reports an exit code and a signal apart`() async throws {
        #expect(await (try ChildProcess.start(shell("exit 7"))).waitForEnd() == .exited(7))
        let killed = await (try ChildProcess.start(shell("kill -KILL $$"))).waitForEnd()
        #expect(killed == .signaled(SIGKILL))
        #expect(killed.code == 137)
    }

    @Test func `says why a program cannot be started`() async throws {
        let error = try await #require(throws: ProcessError.self) {
            _ = try await ChildProcess.start(
                ProcessRequest("/no/such/program", [], environment: [:]))
        }
        #expect(error.message == "cannot start /no/such/program: No such file or directory")
    }

    @Test func `captures output, and kills a program that outlasts its limit`() async throws {
        let run = try await CapturedRun.of(shell("echo out; echo err >&2"), limit: .seconds(10))
        #expect(run.output == "out\nerr\n")
        let stuck = try await CapturedRun.of(
            shell("echo begun; exec sleep 600"), limit: .seconds(3))
        #expect(stuck.end == .signaled(SIGKILL))
        #expect(stuck.output == "begun\n")
    }

    @Test func `passes on only the environment it was given, and no descriptors`() async throws {
        let run = try await CapturedRun.of(
            ProcessRequest(
                "/bin/sh", ["-c", "env | grep -v -e PWD -e _= ; ls /proc/self/fd | wc -l"],
                environment: ["PATH": "/usr/bin:/bin", "A": "b c"]), limit: .seconds(10))
        // 0, 1, 2, and the one with which ls reads the folder.
        #expect(
            run.output == "A=b c\nPATH=/usr/bin:/bin\n4\n"
                || run.output == "PATH=/usr/bin:/bin\nA=b c\n4\n")
    }

    @Test func `finds a program and its children by a variable of their environment`() async throws
    {
        let value = "\(getpid())-\(UInt64.random(in: 0 ... .max))"
        var request = shell("sleep 600 & wait")
        request.environment["LOADFLEET_TEST"] = value
        let parent = try await ChildProcess.start(request)
        let deadline = ContinuousClock.now + .seconds(20)
        var found: [ProcessIdentity] = []
        repeat {
            found = ProcessTable.processes(withEnvironment: "LOADFLEET_TEST=\(value)")
        } while found.count < 2 && ContinuousClock.now < deadline
        #expect(found.contains(parent.identity))
        #expect(found.count == 2)
        for process in found { process.signal(SIGKILL) }
        for process in found { #expect(await process.waitUntilGone(within: .seconds(20))) }
    }

    @Test func `a pid that was reused is not the same process`() async throws {
        let child = try await ChildProcess.start(shell("exec sleep 600"))
        #expect(child.identity.isAlive)
        child.signal(SIGKILL)
        _ = await child.waitForEnd()
        #expect(!child.identity.isAlive)
        #expect(!ProcessIdentity(pid: child.identity.pid).isAlive)
    }
}

@Suite struct PortsTests {
    @Test func `a port that is listened on is neither free nor silent`() async throws {
        let ports = try #require(Ports.free(3))
        #expect(Set(ports).count == 3)
        #expect(Ports.isFree(ports[0]))
        #expect(await !Ports.accepts("127.0.0.1", ports[0], within: .zero))
    }
}

@Suite struct PipedRunTests {
    private func run(
        _ script: String, limit: Duration = .seconds(20), outputLimit: Int = 1 << 20
    ) async throws -> PipedRun {
        try await PipedRun.of(
            ProcessRequest("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"]),
            limit: limit, outputLimit: outputLimit)
    }

    @Test func `keeps output and complaints apart, in memory`() async throws {
        let run = try await run("echo out; echo err >&2; exit 3")
        #expect(run.end == .ended(.exited(3)))
        #expect(run.output == Array("out\n".utf8))
        #expect(run.complaint == Array("err\n".utf8))
    }

    @Test func `reads as much as is allowed, and no more`() async throws {
        let whole = try await run("head -c 1048576 /dev/zero")
        #expect(whole.end == .ended(.exited(0)))
        #expect(whole.output.count == 1 << 20)
        #expect(try await run("cat /dev/zero").end == .tooMuch)
        let noisy = try await run("head -c 3000000 /dev/zero >&2; echo last >&2; echo done")
        #expect(noisy.output == Array("done\n".utf8))
        #expect(noisy.complaint.suffix(5) == Array("last\n".utf8)[...])
        #expect(noisy.complaint.count <= 4096)
    }

    @Test func `a program that hangs is killed with all it started`() async throws {
        let value = "\(getpid())-\(UInt64.random(in: 0 ... .max))"
        var request = ProcessRequest(
            "/bin/sh", ["-c", "echo begun; sleep 600 | cat; echo over"],
            environment: ["PATH": "/usr/bin:/bin", "LOADFLEET_TEST": value])
        request.newSession = false
        let run = try await PipedRun.of(request, limit: .seconds(3))
        #expect(run.end == .outOfTime)
        #expect(run.output == Array("begun\n".utf8))
        for process in ProcessTable.processes(withEnvironment: "LOADFLEET_TEST=\(value)") {
            #expect(await process.waitUntilGone(within: .seconds(20)))
        }
    }

    @Test func `what a program leaves running is not waited for`() async throws {
        let run = try await run("sleep 600 & echo $!", limit: .seconds(30))
        #expect(run.end == .ended(.exited(0)))
        let pid = try #require(
            Int32(String(decoding: run.output, as: UTF8.self).split(separator: "\n")[0]))
        kill(pid, SIGKILL)
    }

    @Test func `a program that closes its streams is waited for all the same`() async throws {
        #expect(
            try await run("exec >&- 2>&-; sleep 0.2; exit 4").end == .ended(.exited(4)))
    }

    @Test func `cancelling kills the program`() async throws {
        let task = Task { try await run("exec sleep 600", limit: .seconds(60)) }
        task.cancel()
        #expect(try await task.value.end == .cancelled)
    }
}
