// What the live view knows: seconds that are written again, clocks that differ, charts' columns.
import Fleet
import FoundationEssentials
import Store
import Testing
import Units

@testable import LoadfleetCLI

@Suite struct LiveBoardTests {
    @Test func `a second that is written again counts once, with what was written last`() {
        var board = LiveBoard(SyntheticRun.heading)
        let run = SyntheticRun()
        for second in [0, 1, 2] { board.take(.figures(run.figures(second)), at: .seconds(1)) }
        var late = run.figures(1)
        late.samples = 77
        late.totalSamples = 999
        board.take(.figures(late), at: .seconds(2))
        #expect(board.history.seconds.map(\.samples) == [12, 77, 39])
        #expect(board.history.last?.second == run.start + 2)
        #expect(board.latest?.totalSamples == 999)
    }

    @Test func `seconds in any order, twice or not, make the same history`() {
        var generator = SeededGenerator(seed: 20_270_115)
        let run = SyntheticRun()
        let all = (0..<200).map { LiveLine.figures(run.figures($0)) }
        var ordered = LiveHistory()
        for second in 0..<200 { ordered.take(run.figures(second)) }
        for _ in 0..<20 {
            var board = LiveBoard(SyntheticRun.heading)
            for line in (all + all.prefix(100)).shuffled(using: &generator) {
                board.take(line, at: .zero)
            }
            #expect(board.history.seconds == ordered.seconds)
        }
    }

    @Test func `time goes by the run's seconds, and between them by the viewer's clock`() {
        var board = LiveBoard(SyntheticRun.heading)
        #expect(board.elapsed(at: .seconds(9)) == nil)
        board.take(.figures(SyntheticRun().figures(0)), at: .seconds(10))
        board.take(.figures(SyntheticRun().figures(4)), at: .seconds(14))
        #expect(board.elapsed(at: .seconds(14)) == .seconds(5))
        #expect(board.elapsed(at: .seconds(17)) == .seconds(8))
        // One that comes late does not turn the clock back.
        board.take(.figures(SyntheticRun().figures(5)), at: .seconds(18))
        #expect(board.elapsed(at: .seconds(18)) == .seconds(9))
    }

    @Test func `seconds before the first sample are not the run's`() {
        var board = LiveBoard(SyntheticRun.heading)
        var idle = SyntheticRun().figures(0)
        idle.samples = 0
        idle.totalSamples = 0
        board.take(.figures(idle), at: .zero)
        #expect(board.history.first == nil)
        board.take(.figures(SyntheticRun().figures(3)), at: .zero)
        #expect(board.history.first == SyntheticRun().start + 3)
    }

    @Test func `columns of several seconds show the mean rate and the worst of the rest`() {
        var history = LiveHistory()
        for second in 0..<10 where second != 4 { history.take(SyntheticRun().figures(second)) }
        let rates = (0..<10).map { $0 == 4 ? 0 : Double(SyntheticRun().figures($0).samples) }
        #expect(history.columns(.rate, atMost: 10).map { $0 ?? 0 } == rates)
        #expect(history.secondsPerColumn(of: 4) == 3)
        let means = stride(from: 0, to: 10, by: 3).map { start in
            let part = rates[start..<min(start + 3, 10)]
            return part.reduce(0, +) / Double(part.count)
        }
        #expect(history.columns(.rate, atMost: 4) == means)
        #expect(history.columns(.threads, atMost: 4) == [15, 30, 45, 50])
        #expect(history.columns(.p50, atMost: 4) == [40, 41, 41, 42])
        #expect(history.columns(.rate, atMost: 0).isEmpty)
    }

    @Test func `a label's rate is between the last two lines that tell of it`() {
        var board = LiveBoard(SyntheticRun.heading)
        let run = SyntheticRun(labels: ["a", "b"])
        board.take(.labels(run.labelLine(4)), at: .zero)
        #expect(board.rates.isEmpty)
        board.take(.labels(run.labelLine(9)), at: .zero)
        // Twice as many samples of a as of b.
        #expect(board.rates.values.sorted() == [10, 20])
        // The same second again tells nothing new of rates.
        board.take(.labels(run.labelLine(9)), at: .zero)
        #expect(board.rates.values.sorted() == [10, 20])
    }

    @Test func `the cost goes on by the hour`() {
        var board = LiveBoard(SyntheticRun.heading)
        #expect(board.cost(at: .seconds(5)) == nil)
        let cost = FleetCost(total: Money(dollars: 1), hourly: Money(dollars: 3.6), unpriced: 0)
        board.take(cost, at: .seconds(10))
        #expect(board.cost(at: .seconds(10)) == Money(dollars: 1))
        #expect(board.cost(at: .seconds(1010)) == Money(dollars: 2))
    }

    @Test(
        arguments: [
            (0.4, "0.4"), (12, "12"), (99.96, "100"), (3500, "3500"), (99_999, "99999"),
            (125_000, "125k"), (2_500_000, "2.5M"), (0, "0"),
        ] as [(Double, String)])
    func `figures at the scale are short`(value: Double, text: String) {
        #expect(BarChart.short(value) == text)
    }

    @Test func `the top of a scale is round and no less than what it holds`() {
        var generator = SeededGenerator(seed: 7)
        for size in [1e-3, 1, 50, 1e4, 1e9] {
            for _ in 0..<500 {
                let value = Double.random(in: 0.01...1, using: &generator) * size
                let scale = BarChart.scale(value)
                #expect(scale >= value && scale <= value * 2, "\(value)")
            }
        }
    }

    @Test func `bars are as high as they should be, and what is there is seen`() {
        let chart = BarChart(
            title: "x", now: "8", emphasis: nil, values: [0, 0.001, 1, 4, 8, nil], rows: 2,
            columns: 60)
        let lines = chart.lines.map { $0.text(color: false) }
        #expect(lines[0].dropFirst(BarChart.gutter).prefix(6) == "    █ ")
        #expect(lines[1].dropFirst(BarChart.gutter).prefix(6) == " ▁▂██ ")
    }
}
