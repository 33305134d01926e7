// Lines that JMeter 5.6.2 has written, and what they mean.
import JMeter
import Testing

struct JMeterConsoleTests {
    @Test func `The port for stop commands is read`() {
        let line =
            "Waiting for possible Shutdown/StopTestNow/HeapDump/ThreadDump message on port 4446"
        #expect(JMeterConsole.event(of: line) == .listening(port: 4446))
    }

    @Test func `The end of a run is read, and nothing else is taken for it`() {
        #expect(JMeterConsole.event(of: "... end of run") == .endOfRun)
        #expect(JMeterConsole.event(of: "Tidying up ...    @ 2026 Nov 21 04:16:11 UTC") == nil)
        #expect(JMeterConsole.event(of: "Starting standalone test @ 2026 Nov 21") == nil)
    }

    @Test func `The summariser's lines are read, sums and steps`() throws {
        let step =
            "summary +    803 in 00:01:21 =   39.1/s Avg:   100 Min:   100 Max:   105 "
            + "Err:     3 (0.37%) Active: 5 Started: 5 Finished: 0"
        let read = try #require(SummaryLine(step))
        #expect(!read.isTotal)
        #expect(read.samples == 803)
        #expect(read.seconds == 81)
        #expect(read.averageMilliseconds == 100)
        #expect(read.errors == 3)
        #expect(read.activeThreads == 5)
        let none =
            "summary =      0 in 00:00:00 = ******/s Avg:     0 Min: 9223372036854775807 "
            + "Max: -9223372036854775808 Err:     0 (0.00%)"
        #expect(SummaryLine(none)?.samples == 0)
        #expect(SummaryLine(none)?.isTotal == true)
        #expect(SummaryLine("put 5 in 00:00:01 = words") == nil)
    }

    @Test(arguments: [
        ("Engine is busy - please try later", "busy"),
        ("Error in rconfigure() method java.rmi.MarshalException: error marshalling", "the plan"),
        ("The following remote engines have not started:[127.0.0.1:1100]", "not all"),
        ("Problem creating registry: java.rmi.server.ExportException: Listen failed", "taken"),
        ("Cannot start. debian is a loopback address.", "no address"),
        ("Terminating due to java.lang.OutOfMemoryError: Java heap space", "memory"),
    ])
    func `Lines that mean failure, though JMeter may exit 0, are failures`(
        line: String, word: String
    ) {
        guard case .fatal(let text) = JMeterConsole.event(of: line) else {
            Issue.record("not fatal: \(line)")
            return
        }
        #expect(text.contains(word))
    }

    @Test func `The log's likeliest reason comes first`() {
        let log = """
            2026-11-21 04:15:25,325 INFO o.a.j.JMeter: started
            2026-11-21 04:15:25,325 ERROR o.a.j.t.JMeterThread: Test failed!
            java.lang.IllegalArgumentException: File users.csv must exist and be readable
            """
        #expect(JMeterLog.reason(in: log)?.hasPrefix("a data file is missing") == true)
        #expect(JMeterLog.reason(in: "2026-11-21 04:15:25,325 INFO o.a.j.JMeter: fine") == nil)
        #expect(
            JMeterLog.reason(in: "2026-11-21 04:15:25,325 ERROR a.b: odd")
                == "JMeter's log has an error: a.b: odd")
    }
}
