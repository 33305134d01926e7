// What a controller makes of a run's gates, second by second.
import Foundation
import JTL
import Store
import Testing

@testable import Node

@Suite struct GateWatcherTests {
    private func second(_ second: Int64, good: Int, bad: Int) throws -> MergedSecond {
        var text = "timeStamp,elapsed,label,success\n"
        for row in 0..<good + bad { text += "\(second * 1000),10,a,\(row < good)\n" }
        var statistics = Statistics()
        var reader = StreamReader()
        try Array(text.utf8).withUnsafeBytes { try reader.consume($0) }
        try reader.finish(into: &statistics)
        return MergedSecond(second: second, statistics: statistics, nodes: [:], isChange: false)
    }

    private func gates(_ news: [WatchNews]) -> [LiveGates] {
        news.flatMap(\.lines).compactMap { if case .gates(let gates) = $0 { gates } else { nil } }
    }

    private func events(_ news: [WatchNews]) -> [String] {
        news.flatMap(\.lines).compactMap { if case .event(_, let text) = $0 { text } else { nil } }
    }

    @Test func `nothing to watch is nobody to watch`() {
        #expect(GateWatcher(nil) == nil)
        #expect(GateWatcher(RunWatch(gates: [])) == nil)
    }

    @Test func `a broken gate is told at once, the first that aborts ends the run`() throws {
        let texts = [
            "errors < 50% over 2s", "errors < 60% for 2s abort", "errors < 70% for 3s abort",
        ]
        var watcher = try #require(GateWatcher(RunWatch(gates: texts)))
        var news: [WatchNews] = []
        for number in 100...110 as ClosedRange<Int64> {
            watcher.see(try second(number, good: number < 105 ? 9 : 0, bad: number < 105 ? 0 : 9))
            news.append(watcher.news())
        }
        #expect(news.compactMap(\.stop) == ["gate errors < 60% for 2s abort"])
        #expect(
            events(news) == [
                "errors < 50% over 2s is broken: 50% in total in the 2 s until 00:01:46 UTC",
                "errors < 60% for 2s abort is broken: 100% in total, bad for 2 s in a row until "
                    + "00:01:47 UTC; the run is stopped",
                "errors < 70% for 3s abort is broken: 100% in total, bad for 3 s in a row until "
                    + "00:01:48 UTC",
            ])
        let last = try #require(gates(news).last)
        #expect(last.gates.map(\.expression) == texts)
        #expect(last.gates.map(\.state) == [.broken, .broken, .broken])
        var outcome = RunOutcome(endedAt: .now)
        watcher.conclude(&outcome)
        let broken = try #require(outcome.brokenGates)
        #expect(broken.map(\.expression) == texts)
        #expect(broken.map(\.ended) == [false, true, false])
        #expect(broken.map(\.actual) == [50, 100, 100])
        #expect(broken[1].at == Date(timeIntervalSince1970: 107))
        #expect(broken[1].samples == 9)
    }

    @Test func `at the end nothing is ended, and what could not be judged is not met`() throws {
        var watcher = try #require(
            GateWatcher(
                RunWatch(
                    gates: [
                        "max < 5ms over 2s abort", "max < 1h over 1m", "max < 1h over 2s", "ouch",
                    ],
                    graceSeconds: 1.5, autoStop: "errors > 90% over 60s", percentile: "nearest")))
        for number in 100...105 as ClosedRange<Int64> {
            watcher.see(try second(number, good: 1, bad: 0))
        }
        var outcome = RunOutcome(endedAt: .now)
        watcher.conclude(&outcome)
        let broken = try #require(outcome.brokenGates)
        #expect(
            broken.map(\.expression) == ["max < 5ms over 2s abort", "max < 1h over 1m", "ouch"])
        #expect(broken.map(\.ended) == [false, false, false])
        #expect(broken.map(\.actual) == [10, nil, nil])
        #expect(broken.last?.reason.hasPrefix("the controller can't read it: ") == true)
    }

    @Test func `a dead target ends the run`() throws {
        var watcher = try #require(
            GateWatcher(RunWatch(gates: [], autoStop: "errors > 90% over 3s")))
        var stops: [String] = []
        for number in 100...110 as ClosedRange<Int64> {
            watcher.see(try second(number, good: 0, bad: 2))
            stops += [watcher.news().stop].compactMap(\.self)
        }
        #expect(stops == ["auto-stop: errors > 90% over 3s"])
    }

    @Test func `a second that comes again takes the place of the first`() throws {
        var watcher = try #require(GateWatcher(RunWatch(gates: ["samples < 5 over 2s"])))
        for number in 100...110 as ClosedRange<Int64> {
            watcher.see(try second(number, good: 2, bad: 0))
            if number > 101 { watcher.see(try second(number - 1, good: 2, bad: 0)) }
            #expect(events([watcher.news()]).isEmpty)
        }
    }
}
