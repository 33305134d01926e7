// When a generator counts as the bottleneck of its own load, and when it does not.
import Foundation
import LoadfleetTesting
import Store
import Testing

@testable import Node

@Suite struct SaturationWatchTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    /// Judges seconds one after another.
    private func watch(_ seconds: [NodeHealth], length: Double = 1, throttled: Double? = nil)
        -> SaturationWatch
    {
        var watch = SaturationWatch()
        for (index, health) in seconds.enumerated() {
            watch.add(
                HealthSecond(
                    at: start + Double(index + 1) * length, seconds: length, health: health,
                    throttledPercent: throttled))
        }
        return watch
    }

    private func cpu(_ percent: Double, _ count: Int) -> [NodeHealth] {
        Array(repeating: NodeHealth(cpuPercent: percent), count: count)
    }

    @Test func `a processor that is busy for ten seconds in a row`() {
        #expect(watch(cpu(97, 9)).saturations(of: "w").isEmpty)
        #expect(watch(cpu(90, 60)).saturations(of: "w").isEmpty)
        #expect(watch(cpu(97, 9) + cpu(50, 1) + cpu(97, 9)).saturations(of: "w").isEmpty)
        let found = watch(cpu(10, 5) + cpu(97, 12)).saturations(of: "w")
        #expect(found.map(\.kind) == [.cpu])
        #expect(found.map(\.text) == ["CPU 97 % for 12 s"])
        #expect(found.map(\.since) == [start + 5])
        #expect(found.map(\.node) == ["w"])
    }

    @Test func `means go by the length of the seconds, peaks by the worst of them`() {
        var sums = HealthSums()
        #expect(sums.summary == nil)
        let seconds = [
            (1.0, NodeHealth(cpuPercent: 10, gcPercent: 0)), (3, NodeHealth(cpuPercent: 30)),
            (1, NodeHealth(cpuPercent: 90.04, heapPercent: 40, gcPercent: 5)),
            // No second, and so no peak.
            (0.0001, NodeHealth(cpuPercent: 100)),
        ]
        for (length, health) in seconds {
            sums.add(HealthSecond(at: start, seconds: length, health: health))
        }
        #expect(
            sums.summary
                == HealthSummary(
                    cpuPercent: 38, cpuPeakPercent: 90, gcPercent: 2.5, gcPeakPercent: 5,
                    heapPeakPercent: 40))
    }

    @Test func `streaks that are long enough add up, short ones do not count`() {
        let found = watch(cpu(96, 11) + cpu(5, 3) + cpu(99, 4) + cpu(5, 1) + cpu(98, 10))
            .saturations(of: "w")
        #expect(found.map(\.seconds) == [21])
        #expect(found.map(\.text) == ["CPU 97 % for 21 s"])
    }

    @Test func `looks that come late count as long as they are`() {
        #expect(watch(cpu(95, 4), length: 2.5).saturations(of: "w").map(\.seconds) == [10])
        #expect(watch(cpu(95, 3), length: 2.5).saturations(of: "w").isEmpty)
    }

    @Test func `a cgroup that holds it back is as good as a busy processor`() {
        let found = watch(cpu(60, 12), throttled: 98).saturations(of: "w")
        #expect(found.map(\.kind) == [.cpu])
        #expect(found.first?.text == "CPU held back by its cgroup in 98 % of all periods for 12 s")
        #expect(watch(cpu(60, 12), throttled: 40).saturations(of: "w").isEmpty)
        // One of a kind is enough.
        #expect(watch(cpu(99, 12), throttled: 98).saturations(of: "w").count == 1)
    }

    @Test func `collections that take a fifth of ten seconds, in bursts or not`() {
        func gc(_ percents: [Double]) -> [NodeHealth] { percents.map { NodeHealth(gcPercent: $0) } }
        let bursts = [0.0, 60, 0, 60, 0, 60, 0, 60, 0, 0]
        let found = watch(gc(bursts)).saturations(of: "w")
        #expect(found.map(\.kind) == [.gc])
        #expect(found.map(\.text) == ["garbage collection took 24 % of 10 s"])
        #expect(watch(gc(Array(repeating: 20, count: 60))).saturations(of: "w").isEmpty)
        #expect(watch(gc([100, 90] + Array(repeating: 0, count: 20))).saturations(of: "w").isEmpty)
    }

    @Test func `heap, ports and files that are nearly used up`() {
        let full = NodeHealth(heapPercent: 98, portsPercent: 97.4, filesPercent: 96)
        let found = watch(Array(repeating: full, count: 10)).saturations(of: "w")
        #expect(found.map(\.kind) == [.heap, .ports, .files])
        #expect(found.first?.text == "heap 98 % full after collection for 10 s")
        let high = NodeHealth(heapPercent: 94, portsPercent: 95, filesPercent: 90)
        #expect(watch(Array(repeating: high, count: 30)).saturations(of: "w").isEmpty)
    }

    @Test func `the warning is about now`() {
        #expect(watch(cpu(97, 12)).warning == "CPU 97 % for 12 s")
        #expect(watch(cpu(97, 12) + cpu(10, 30)).warning == nil)
        #expect(watch(cpu(10, 30)).warning == nil)
    }
}

@Suite struct RateWatchTests {
    private func watch(
        target: Double, threads: Int = 4, samples: Int, elapsed: Int64, seconds: Int,
        active: Int? = nil
    ) -> RateWatch {
        var watch = RateWatch(target: target, threads: threads)
        for second in 0..<seconds {
            let interval = LoadSecond(
                second: 1_700_000_000 + Int64(second), samples: samples,
                activeThreads: active ?? threads,
                elapsedMilliseconds: Double(elapsed) * Double(samples))
            watch.add([interval])
            // What was seen once does not count again.
            watch.add([interval])
        }
        return watch
    }

    @Test func `a rate that is reached, or nearly, is no matter`() {
        #expect(
            watch(target: 100, samples: 100, elapsed: 5, seconds: 60).saturation(of: "w") == nil)
        #expect(watch(target: 100, samples: 96, elapsed: 5, seconds: 60).saturation(of: "w") == nil)
    }

    @Test func `a rate that is missed says who was too slow`() throws {
        let slow = try #require(
            watch(target: 100, samples: 80, elapsed: 5, seconds: 26).saturation(of: "w"))
        #expect(slow.kind == .rate)
        #expect(
            slow.text
                == "80 samples/s in place of 100 for 20 s, though its 4 threads had time left")
        let busy = try #require(
            watch(target: 100, samples: 80, elapsed: 50, seconds: 26).saturation(of: "w"))
        #expect(busy.text.hasSuffix("all waiting for answers: the rate needs more threads"))
    }

    @Test func `too little to tell is no reason`() {
        #expect(watch(target: 100, samples: 50, elapsed: 5, seconds: 15).saturation(of: "w") == nil)
        #expect(watch(target: 2, samples: 1, elapsed: 5, seconds: 40).saturation(of: "w") == nil)
        // While threads start and end the rate need not be kept.
        #expect(
            watch(target: 100, samples: 50, elapsed: 5, seconds: 60, active: 3)
                .saturation(of: "w") == nil)
    }
}

@Suite struct SampleSignsTests {
    private let scratch: TemporaryFolder
    private var path: String { scratch.path + "/samples.jtl" }

    init() throws { scratch = try TemporaryFolder() }

    private func append(_ text: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            try #require(FileManager.default.createFile(atPath: path, contents: nil))
        }
        let file = try #require(FileHandle(forWritingAtPath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
    }

    @Test func `each row counts once, however it arrives`() throws {
        var signs = SampleSigns(path: path)
        signs.look()
        try append("timeStamp,elapsed,label\n")
        signs.look()
        #expect(!signs.hasRows)
        let row =
            "1,2,home,Non HTTP response code: java.net.BindException,Non HTTP response message: "
            + "Cannot assign requested address (connect failed),false\n"
        // Byte for byte, and then many at once.
        for byte in row.utf8.dropLast(1) {
            try append(String(UnicodeScalar(byte)))
            signs.look()
        }
        #expect(!signs.hasRows)
        try append("\n" + String(repeating: row, count: 3))
        signs.look()
        #expect(signs.hasRows)
        let found = signs.saturations(of: "w")
        #expect(found.map(\.kind) == [.ports])
        #expect(found.map(\.text) == ["no local port was free for 4 samples"])
    }

    @Test func `rows about other things, and almost the same ones, are nothing`() throws {
        var signs = SampleSigns(path: path)
        try append(
            "timeStamp,elapsed,label\n1,2,Cannot assign requested addres,Too many open file\n")
        signs.look()
        #expect(signs.hasRows)
        #expect(signs.saturations(of: "w").isEmpty)
        try append("1,2,x,java.net.SocketException: Too many open files\n")
        signs.look()
        #expect(
            signs.saturations(of: "w").map(\.text) == [
                "no more files could be opened for 1 sample"
            ])
    }
}
