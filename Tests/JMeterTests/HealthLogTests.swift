// JMeter's log and that of Java's garbage collector, as real ones wrote them.
import Testing

@testable import JMeter

@Suite struct GCLogTests {
    @Test func `pauses add up, and the last collection tells of the heap`() {
        var log = GCLog()
        #expect(log.heapPercent == nil)
        let lines = [
            "[3.649s] Using G1",
            "[3.669s] GC(99) Pause Young (Concurrent Start) (G1 Humongous Allocation) 29M->28M(64M) 8.566ms",
            "[3.698s] GC(104) Concurrent Mark Cycle 15.531ms",
            "[3.692s] GC(104) Pause Remark 30M->26M(64M) 3.052ms",
            "[3.860s] GC(105) To-space exhausted",
            "[3.860s] GC(105) Pause Full (G1 Compaction Pause) 63M->16M(64M) 20.000ms",
        ]
        for line in lines { log.read(line: line) }
        #expect(abs(log.pauseMilliseconds - 31.618) < 0.0001)
        #expect(log.heapPercent == 25)
        log.read(
            line: "[9.1s] GC(106) Pause Young (Normal) (G1 Evacuation Pause) 900M->512K(1G) 1.5ms")
        #expect(log.heapPercent == 0.048828125)
        // A line that was cut says nothing.
        let before = log
        log.read(line: "[9.2s] GC(107) Pause Young (Normal) (G1 Evac")
        log.read(line: "[9.2s] GC(107) Pause Young (Normal) 1M->x(64M) ms")
        #expect(log == before)
    }
}

@Suite struct StartedThreadsTests {
    private func read(_ lines: [String]) -> StartedThreads {
        var threads = StartedThreads()
        for line in lines { threads.read(line: line[...]) }
        return threads
    }

    private func group(_ second: Int, _ number: Int, threads: Int, ramp: Int = 0) -> String {
        "2026-11-21 13:45:\(second),000 INFO o.a.j.t.ThreadGroup: Starting thread group... "
            + "number=\(number) threads=\(threads) ramp-up=\(ramp) delayedStart=false"
    }

    private func thread(_ second: Int, _ name: String) -> String {
        "2026-11-21 13:45:\(second),500 INFO o.a.j.t.JMeterThread: Thread started: \(name)"
    }

    private func end(_ second: Int) -> String {
        "2026-11-21 13:45:\(second),000 INFO o.a.j.e.StandardJMeterEngine: Notifying test "
            + "listeners of end of test"
    }

    @Test func `threads that ended before others started have run`() {
        let lines = [
            group(10, 1, threads: 2, ramp: 4), thread(10, "My-Group 1-1"),
            "2026-11-21 13:45:11,000 INFO o.a.j.t.JMeterThread: Thread finished: My-Group 1-1",
            thread(12, "My-Group 1-2"), end(40),
        ]
        let threads = read(lines)
        #expect(threads.missing == nil)
        #expect(threads.rampSeconds == 2.5)
    }

    @Test func `threads that did not start are missing once the ramp is over`() {
        let begun = [group(10, 1, threads: 3, ramp: 20), thread(10, "G 1-1"), thread(18, "G 1-2")]
        // The plan's duration ended before the ramp did: so the plan has it.
        #expect(read(begun + [end(25)]).missing == nil)
        let missing = read(begun + [end(40)]).missing
        #expect(missing?.threads == 1)
        #expect(missing?.stated == 3)
    }

    @Test func `a setUp group with the same number is counted by itself`() {
        let lines = [
            group(10, 1, threads: 1), thread(10, "setUp 1-1"), group(12, 1, threads: 2),
            thread(12, "G 1-1"), thread(12, "G 1-2"), end(20),
        ]
        #expect(read(lines).missing == nil)
        #expect(read(lines.filter { !$0.contains("setUp") }).missing?.threads == 1)
    }

    @Test func `a log without its lines tells nothing`() {
        #expect(read([]).missing == nil)
        #expect(
            read([thread(10, "G 1-1"), "Thread started: ", "Starting thread group... "]).missing
                == nil)
        #expect(read([]).rampSeconds == nil)
    }
}
