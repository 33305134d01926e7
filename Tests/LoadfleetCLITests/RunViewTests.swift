// What a followed run says where there is no screen to draw on, and as JSON.
import FoundationEssentials
import Store
import Testing

@testable import LoadfleetCLI

@Suite struct RunViewTests {
    private let output = MemorySink()
    private let errors = MemorySink()

    private func view(
        _ terminal: Terminal = Terminal(), _ options: String...
    ) throws -> RunView {
        let context = Context(
            directory: "/", terminal: terminal, standardOutput: output, standardError: errors,
            now: { Date(timeIntervalSince1970: 1_800_000_000) })
        let voice = Output(context: context, global: try GlobalOptions.reading(options))
        let request = RunRequest(
            id: "r1", fleet: "loadfleet", mode: .standalone, controller: "controller",
            workers: ["worker-1"], plan: "shop.jmx", planPath: "shop.jmx", files: [],
            perWorker: false, properties: [:], threads: [1], requestedAt: .distantPast,
            requestedBy: "me", readySeconds: 1, deadlineSeconds: 60, stopSeconds: 1)
        return RunView(
            request, output: voice, events: voice.isJSON ? try voice.events() : nil)
    }

    @Test func `without a terminal events come at once and the totals at the end`() throws {
        let view = try view()
        view.show(.event(at: .now, text: "the load begins"))
        #expect(errors.text == "the load begins\n")
        for second in 0..<42 { view.show(.figures(SyntheticRun().figures(second))) }
        view.finish()
        view.finish()
        #expect(errors.text == "the load begins\n00:42  4200 samples  errors 0.29 %\n")
        #expect(output.text.isEmpty)
    }

    @Test func `quiet says nothing, and a run without samples has no figures`() throws {
        let quiet = try view(Terminal(), "--quiet")
        for line in SyntheticRun().lines { quiet.show(line) }
        quiet.finish()
        try view().finish()
        #expect(errors.text.isEmpty)
    }

    @Test func `each line is an event in JSON`() throws {
        let view = try view(Terminal(), "--json", "--quiet")
        let run = SyntheticRun(labels: ["a \"b\""])
        view.show(.figures(run.figures(0)))
        view.show(.labels(run.labelLine(0)))
        view.show(.nodes(run.nodeLine))
        view.show(.gates(run.gateLine))
        let lines = output.text.split(separator: "\n").dropFirst()
        let begin = "\"time\":\"2027-01-15T08:00:00.000Z\",\"second\":1800000000,"
        try #require(lines.count == 4, "\(output.text)")
        for (line, type) in zip(lines, ["interval", "labels", "nodes", "gates"]) {
            #expect(line.hasPrefix("{\"type\":\"\(type)\",\(begin)"), "\(line)")
        }
        let texts = [
            #""samples":12,"errors":0,"active_threads":5,"mean_ms":41.0,"#,
            #""labels":[{"label":"a \"b\"","kind":"sampler","samples":10,"errors":0,"#,
            #""warning":"CPU 97 % for 12 s","health":{"cpu_percent":97.0,"#,
            #""state":"turning","actual":612.0,"reason":"612 ms for 8 s"}]}"#,
        ]
        for (line, text) in zip(lines, texts) { #expect(line.contains(text), "\(line)") }
    }

    @Test func `a screen needs a terminal with color and room`() {
        func has(_ columns: Int, _ rows: Int, color: Bool = true, terminal: Bool = true) -> Bool {
            Terminal(
                isErrorTerminal: terminal, allowsColor: color, width: columns, height: rows
            ).hasScreen
        }
        #expect(has(80, 24))
        #expect(has(40, 16))
        #expect(!has(39, 24))
        #expect(!has(80, 15))
        #expect(!has(80, 24, color: false))
        #expect(!has(80, 24, terminal: false))
        #expect(!Terminal.current(variables: [:]).allowsColor)
    }
}
