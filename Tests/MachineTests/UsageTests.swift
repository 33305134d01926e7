// What a process uses, read from files as real kernels wrote them.
import Glibc
import Testing

@testable import Machine

@Suite struct UsageTests {
    @Test func `a process's line is read behind a name that holds anything`() {
        let line = """
            812 (java) (x) S 1 812 812 0 -1 4194304 21043 0 3 0 1520 230 7 3 20 0 41 0 35122 \
            3526000640 60211 18446744073709551615 0 0 0 0 0 0 0 4096 16796879 0 0 0 17 1 0 0 0 0 0
            """
        let stat = ProcessTable.Stat(parsing: line)
        #expect(stat?.state == "S")
        #expect(stat?.processorTicks == 1520 + 230 + 7 + 3)
        #expect(stat?.startTicks == 35122)
        #expect(ProcessTable.Stat(parsing: "812 (java) S 1") == nil)
    }

    @Test func `lists of processors are sets`() {
        #expect(ProcText.processors("0-3,8,10-11\n") == [0, 1, 2, 3, 8, 10, 11])
        #expect(ProcText.processors("\n").isEmpty)
        let status = "Name:\tjava\nCpus_allowed:\t5\nCpus_allowed_list:\t0,2\nMems_allowed:\t1\n"
        #expect(ProcText.allowedProcessors(status) == [0, 2])
        #expect(ProcText.allowedProcessors("Name:\tjava\n") == nil)
    }

    @Test func `the limit of open files, and bytes of all interfaces`() {
        let limits = """
            Limit                     Soft Limit           Hard Limit           Units
            Max processes             95123                95123                processes
            Max open files            20000                1048576              files
            """
        #expect(ProcText.openFilesLimit(limits) == 20000)
        #expect(ProcText.openFilesLimit("Max open files            unlimited  unlimited") == nil)
        let devices = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
                lo: 73322199703 20164505    0    0    0     0          0         0 73322199703 2016 0 0 0 0 0 0
              eth0:4455151548  125188    0    0    0     0          0         0  8692867   80042    0    0    0     0       0          0
            """
        let bytes = ProcText.networkBytes(devices)
        #expect(bytes?.received == 77_777_351_251)
        #expect(bytes?.sent == 73_330_892_570)
        #expect(ProcText.networkBytes("") == nil)
    }
}

@Suite struct CgroupTests {
    private let mountsTwo =
        "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
    private let mountsOne = """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
        32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
        """

    @Test func `of nested limits the tightest holds, in either version`() {
        let two = ProcessorCgroups(cgroup: "0::/fleet/worker\n", mounts: mountsTwo)
        let files = [
            "/sys/fs/cgroup/fleet/worker/cpu.max": "max 100000\n",
            "/sys/fs/cgroup/fleet/cpu.max": "50000 100000\n",
        ]
        #expect(two.quota { files[$0] } == 0.5)
        #expect(two.quota { _ in nil } == nil)
        let one = ProcessorCgroups(
            cgroup: "9:name=systemd:/\n2:cpuacct:/a\n1:cpu,cpuset:/b/c\n0::/\n", mounts: mountsOne)
        #expect(
            one.groups.map(\.path) == [
                "/sys/fs/cgroup/cpu/b/c", "/sys/fs/cgroup/cpu/b", "/sys/fs/cgroup/cpu",
            ])
        let old = [
            "/sys/fs/cgroup/cpu/b/c/cpu.cfs_quota_us": "-1\n",
            "/sys/fs/cgroup/cpu/b/c/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/cpu/b/cpu.cfs_quota_us": "150000\n",
            "/sys/fs/cgroup/cpu/b/cpu.cfs_period_us": "100000\n",
        ]
        #expect(one.quota { old[$0] } == 1.5)
    }

    @Test func `in a container the mounted group is its own`() {
        let container = ProcessorCgroups(
            cgroup: "0::/docker/4f1e/app\n",
            mounts: "30 23 0:26 /docker/4f1e /sys/fs/cgroup ro - cgroup2 cgroup rw\n")
        #expect(container.groups.map(\.path) == ["/sys/fs/cgroup/app", "/sys/fs/cgroup"])
        #expect(ProcessorCgroups(cgroup: "0::/\n", mounts: "").groups.isEmpty)
    }

    @Test func `periods in which a group was held back are those of the one that is limited`() {
        let groups = ProcessorCgroups(cgroup: "0::/a/b\n", mounts: mountsTwo)
        let files = [
            "/sys/fs/cgroup/a/b/cpu.stat": "usage_usec 5\nnr_periods 0\nnr_throttled 0\n",
            "/sys/fs/cgroup/a/cpu.stat":
                "usage_usec 9\nnr_periods 120\nnr_throttled 118\nthrottled_usec 5\n",
        ]
        let throttling = groups.throttling { files[$0] }
        #expect(throttling?.periods == 120)
        #expect(throttling?.throttled == 118)
        #expect(groups.throttling { _ in "usage_usec 9\n" } == nil)
    }
}

@Suite struct PortUseTests {
    private func table(_ rows: [(local: String, remote: String, state: String)]) -> String {
        let head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n"
        return head
            + rows.enumerated().map { index, row in
                "   \(index): \(row.local) \(row.remote) \(row.state) 00000000:00000000 "
                    + "00:00000000 00000000     0        0 1520 1 00000000ef57cf83 100 0 0 10 0"
            }.joined(separator: "\n")
    }

    @Test func `ports run out towards one target`() throws {
        let use = try #require(PortUse(range: "40000\t40009\n"))
        let web = "0A00000A:0050"
        let rows = table([
            // 40000 and 40001 towards one target, 40000 towards another, and a listener.
            ("0100000A:9C40", web, "01"), ("0100000A:9C41", web, "06"),
            ("0100000A:9C40", "0B00000A:0050", "01"), ("00000000:07E8", "00000000:0000", "0A"),
        ])
        #expect(use.percent(tables: [rows], reuse: .never) == 20)
        #expect(use.percent(tables: [rows], reuse: .onLoopback) == 20)
        // Then the kernel gives those in TIME_WAIT out again.
        #expect(use.percent(tables: [rows], reuse: .always) == 10)
        let local = table([
            ("0100007F:9C40", "0100007F:1F90", "06"),
            (
                "0000000000000000FFFF00000100007F:9C41", "0000000000000000FFFF00000100007F:1F90",
                "06"
            ),
        ])
        #expect(use.percent(tables: [local], reuse: .never) == 10)
        #expect(use.percent(tables: [local], reuse: .onLoopback) == 0)
        #expect(PortUse(range: "") == nil)
        #expect(PortUse(range: "9 3") == nil)
    }

    @Test func `the number of sockets is the most there can be`() throws {
        let use = try #require(PortUse(range: "32768\t33767\n"))
        let old = "sockets: used 61\nTCP: inuse 40 orphan 0 tw 100 alloc 41 mem 291\nUDP: inuse 3\n"
        #expect(use.mostPercent(sockstats: [old, "TCP6: inuse 60\nUDP6: inuse 7\n"]) == 20)
    }
}

@Suite struct UsageMeterTests {
    @Test func `a busy process is seen to be busy, an idle one not`() async throws {
        func child(_ script: String) async throws -> ChildProcess {
            try await ChildProcess.start(
                ProcessRequest("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"]))
        }
        let busy = try await child("while :; do :; done")
        let idle = try await child("exec sleep 60")
        defer { for each in [busy, idle] { each.signal(SIGKILL) } }
        var busyMeter = UsageMeter(pid: busy.identity.pid)
        var idleMeter = UsageMeter(pid: idle.identity.pid)
        // However busy the machine, some hundredths of a second go to the loop.
        let deadline = ContinuousClock.now + .seconds(30)
        var used = 0.0
        while used < 1, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(200))
            used = try #require(busyMeter.look().processorPercent)
        }
        #expect(used >= 1)
        // Not what its own start took.
        _ = idleMeter.look()
        try await Task.sleep(for: .milliseconds(500))
        let rest = idleMeter.look()
        #expect(try #require(rest.processorPercent) < 1)
        let files = try #require(rest.filesPercent)
        #expect(files > 0 && files < 50)
        #expect(rest.receivedBytes != nil && rest.portsPercent != nil)
        busy.signal(SIGKILL)
        _ = await busy.waitForEnd()
        #expect(busyMeter.look().processorPercent == nil)
    }
}
