// What a thread group states besides its threads, and keeps on every worker: how long it takes to
// start, how often it repeats, how long it lasts.

/// Reads a group's schedule for showing it.
struct GroupFacts {
    private let document: PlanDocument
    private let element: TestElement
    private let resolver: ExpressionResolver

    init(_ plan: Plan, _ group: Int, properties: [String: String]) {
        document = plan.document
        element = plan.document.elements[group]
        resolver = plan.resolver(properties: properties)
    }

    /// The facts, in the order in which they come to pass.
    var facts: [PlanOverview.Fact] {
        switch element.kind {
        case "SteppingThreadGroup":
            return seconds("Threads initial delay", "initial_delay_seconds", "after")
                + number("Start users count burst", "burst_threads", "burst of")
                + number("Start users count", "step_threads", "then")
                + seconds("Start users period", "step_seconds", "every")
                + seconds("rampUp", "ramp_up_seconds", "each in")
                + seconds("flighttime", "hold_seconds", "hold")
        case "UltimateThreadGroup":
            return table("ultimatethreadgroupdata", columns: [1, 2, 3, 4]) { $0.max() ?? 0 }
        case "FreeFormArrivalsThreadGroup":
            return table("Schedule", columns: [2]) { $0.reduce(0, +) }
        case "ConcurrencyThreadGroup", "ArrivalsThreadGroup":
            return seconds("RampUp", "ramp_up_seconds", "ramp-up", times: unitSeconds)
                + number("Steps", "steps", "steps")
                + seconds("Hold", "hold_seconds", "hold", times: unitSeconds)
        case "OpenModelThreadGroup":
            return schedule
        default:
            return plain
        }
    }

    private var plain: [PlanOverview.Fact] {
        var facts = seconds("ThreadGroup.ramp_time", "ramp_up_seconds", "ramp-up")
        if let loop = document.property("ThreadGroup.main_controller", of: element.node)?.whole {
            let loops = value("LoopController.loops", of: loop)
            let isForever = document.text("LoopController.continue_forever", of: loop) != "false"
            if isForever || loops == "-1" {
                facts.append(fact("loops", "-1", "loops without end"))
            } else {
                facts.append(fact("loops", loops, "\(loops) \(loops == "1" ? "loop" : "loops")"))
            }
        }
        if value("ThreadGroup.scheduler") == "true" {
            facts += seconds("ThreadGroup.delay", "initial_delay_seconds", "after")
            facts += seconds("ThreadGroup.duration", "duration_seconds", "duration")
        }
        return facts
    }

    private var schedule: [PlanOverview.Fact] {
        let text = value("OpenModelThreadGroup.schedule")
        guard let schedule = OpenModelSchedule(text) else { return [] }
        return [
            fact("schedule", text, text),
            fact("duration_seconds", Self.text(schedule.seconds), words("in", schedule.seconds)),
        ]
    }

    private func table(
        _ name: String, columns: [Int], _ combine: ([Double]) -> Double
    ) -> [PlanOverview.Fact] {
        let rows = document.rows(name, of: element.node)
        let lengths = rows.map { row in
            columns.filter { $0 < row.cells.count }.reduce(0) {
                $0 + (Double(resolved(row.cells[$1].text)) ?? 0) * unitSeconds
            }
        }
        let length = combine(lengths)
        return [
            fact("rows", "\(rows.count)", "\(rows.count) rows"),
            fact("duration_seconds", Self.text(length), words("in", length)),
        ]
    }

    /// BlazeMeter's groups count in minutes unless they say seconds.
    private var unitSeconds: Double {
        guard element.kind != "UltimateThreadGroup" else { return 1 }
        return value("Unit") == "S" ? 1 : 60
    }

    // MARK: - Reading

    private func value(_ name: String, of node: Int? = nil) -> String {
        resolved(document.text(name, of: node ?? element.node))
    }

    private func resolved(_ text: String) -> String { (try? resolver.resolve(text)) ?? text }

    private func fact(_ key: String, _ value: String, _ words: String) -> PlanOverview.Fact {
        PlanOverview.Fact(key: key, value: value, words: words)
    }

    private func number(_ name: String, _ key: String, _ word: String) -> [PlanOverview.Fact] {
        let text = value(name)
        return text.isEmpty || text == "0" ? [] : [fact(key, text, "\(word) \(text)")]
    }

    private func seconds(
        _ name: String, _ key: String, _ word: String, times unit: Double = 1
    ) -> [PlanOverview.Fact] {
        let text = value(name)
        guard !text.isEmpty else { return [] }
        guard let seconds = Double(text).map({ $0 * unit }), seconds.isFinite else {
            return [fact(key, text, "\(word) \(text)")]
        }
        return seconds == 0 ? [] : [fact(key, Self.text(seconds), words(word, seconds))]
    }

    private func words(_ word: String, _ seconds: Double) -> String {
        "\(word) \(Self.text(seconds)) s"
    }

    private static func text(_ seconds: Double) -> String {
        Int(exactly: seconds).map { "\($0)" } ?? "\(seconds)"
    }
}
