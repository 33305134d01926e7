// The live view's pictures, to the letter and whatever a run does.
import FoundationEssentials
import Results
import Store
import Testing

@testable import LoadfleetCLI

@Suite struct LivePictureTests {
    /// Pictures as they should be; written anew where `LOADFLEET_WRITE_PICTURES` is set.
    private static let folder: String = {
        let here = #filePath
        return here[..<(here.lastIndex(of: "/") ?? here.startIndex)] + "/Pictures"
    }()

    private func expect(_ lines: [String], _ name: String) throws {
        let file = URL(filePath: "\(Self.folder)/\(name).txt")
        let text = lines.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["LOADFLEET_WRITE_PICTURES"] != nil {
            try Data(text.utf8).write(to: file)
        }
        let wanted = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(text == wanted, "the picture \(name) is now:\n\(text)")
    }

    @Test(arguments: [(80, 24), (200, 60), (40, 16), (120, 36)])
    func `a run of 42 s looks like this`(columns: Int, rows: Int) throws {
        try expect(SyntheticRun().board.picture(columns, rows), "run-\(columns)x\(rows)")
    }

    @Test func `before the first sample it says what is waited for`() throws {
        var board = LiveBoard(SyntheticRun.heading)
        try expect(board.picture(80, 24), "nothing-80x24")
        board.take(
            .event(at: Date(timeIntervalSince1970: 1_800_000_000), text: "waiting for worker-2"),
            at: .seconds(2))
        try expect(board.picture(80, 24, at: .seconds(5)), "waiting-80x24")
    }

    @Test func `one second is a picture already`() throws {
        var run = SyntheticRun()
        run.seconds = 1
        try expect(run.board.picture(80, 24), "second-80x24")
    }

    @Test func `a day is as wide as a minute, and its slow and failing seconds are seen`() throws {
        var run = SyntheticRun()
        run.seconds = 86_400
        let board = run.board
        try expect(board.picture(80, 24), "day-80x24")
        let bars = BarChart.barColumns(of: 80)
        for (figure, peak) in [(LiveHistory.Figure.p99, 1800.0), (.p95, 900), (.errors, 4)] {
            let values = board.history.columns(figure, atMost: bars).compactMap(\.self)
            #expect(values.count <= bars)
            #expect(values.max() == peak)
        }
    }

    @Test func `a thousand workers leave room for those that need a look`() throws {
        var run = SyntheticRun()
        run.workers = 1000
        var board = run.board
        var line = run.nodeLine
        line.nodes[40].state = .lost
        line.nodes[41].state = .silent
        line.counts = ["running": 998, "silent": 1, "lost": 1]
        board.take(.nodes(line), at: .seconds(1))
        let lines = board.picture(80, 24)
        #expect(lines.contains { $0 == "nodes  998 running, 1 silent, 1 lost" })
        try #require(lines.count == 24)
        let order = ["worker-41", "worker-42", "worker-2 "].map { name in
            lines.firstIndex { $0.hasPrefix("  \(name)") }
        }
        let found = order.compactMap(\.self)
        #expect(found.count == 3 && found == found.sorted(), "\(lines.joined(separator: "\n"))")
    }

    /// What labels, events and nodes may hold: commands to terminals, wide characters, nothing.
    private static let hostile = [
        "\u{1B}[2J\u{1B}]0;owned\u{7}", "日本語のラベルはとても長いので切られる", "a\r\nb\tc", "", "\u{202E}desrever",
        "e\u{301}\u{301}\u{301}\u{301}", "👩‍👩‍👧‍👦 family", String(repeating: "x", count: 5000),
        "\u{9B}31m8-bit", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    ]

    @Test(arguments: [(80, 24), (200, 60), (40, 16), (20, 5), (1, 1), (400, 200)])
    func `hostile text stays text, and within the screen`(columns: Int, rows: Int) {
        var run = SyntheticRun()
        run.labels = Self.hostile
        var board = run.board
        for (index, text) in Self.hostile.enumerated() {
            let time = Date(timeIntervalSince1970: Double(index))
            board.take(.event(at: time, text: text), at: .seconds(1))
            board.take(
                .gates(
                    LiveGates(
                        second: 0,
                        gates: [
                            LiveGate(expression: text, state: .broken, actual: nil, reason: text)
                        ])), at: .seconds(1))
        }
        let picture = LivePicture(
            board: board, columns: columns, rows: rows, moment: .seconds(1))
        #expect(picture.lines.count <= rows)
        for line in picture.lines {
            #expect(line.columns <= columns)
            #expect(DisplayText.width(line.text(color: false)) <= columns)
            let colored = line.text(color: true)
            // All commands that reach the terminal are our own colors.
            let rest = colored.replacing(/\u{1B}\[[0-9]+m/, with: "")
            #expect(rest.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 0x9B })
        }
    }

    @Test func `every size of screen is drawn on within its bounds`() {
        var run = SyntheticRun()
        run.labels = (0..<300).map { "label \($0)" }
        run.workers = 60
        let board = run.board
        for columns in [1, 2, 19, 20, 30, 39, 40, 41, 55, 56, 79, 80, 119, 120, 121, 250] {
            for rows in 1...70 {
                let picture = LivePicture(
                    board: board, columns: columns, rows: rows, moment: .seconds(1))
                let lines = picture.lines
                #expect(lines.count <= rows)
                #expect(lines.allSatisfy { $0.columns <= columns }, "\(columns)x\(rows)")
            }
        }
    }

    @Test func `figures that make no sense end nothing`() {
        var board = LiveBoard(SyntheticRun.heading)
        for second in [0, -1, .max, .min, 253_402_300_799, 5] as [Int64] {
            var figures = SyntheticRun().figures(3)
            figures.second = second
            figures.p50Ms = .nan
            figures.p95Ms = .infinity
            figures.p99Ms = 1e300
            figures.samples = second == 5 ? .max : 3
            figures.errors = -4
            board.take(.figures(figures), at: .seconds(1))
        }
        for size in [(80, 24), (200, 60)] {
            let lines = board.picture(size.0, size.1)
            #expect(lines.count <= size.1)
        }
    }
}
