// What a deal makes of a plan that its owner should know: groups that run on some workers only, and
// elements that each JVM has to itself, though the plan may mean the whole load.

extension DealtPlan {
    /// What was changed, and what works otherwise on several workers than on one machine.
    package var notes: [PlanNote] {
        let all = listenerNotes + rateNotes + (workers > 1 ? fleetNotes : [])
        return all.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
    }

    private var workers: Int { deal.shareOut.workers }
    private var document: PlanDocument { plan.document }

    private var fleetNotes: [PlanNote] {
        deal.notes + groupNotes + elementNotes + functionNotes + groupTimerNotes + setUpNotes
    }

    private var listenerNotes: [PlanNote] {
        plan.fileListeners.map {
            PlanNote(
                .note,
                "listener '\($0.name)' is off in the fleet: its file "
                    + "\(document.text("filename", of: $0.node)) would slow the workers down, and "
                    + "the run's results hold the same", line: $0.line)
        }
    }

    // MARK: - Groups

    private var groupNotes: [PlanNote] {
        deal.groups.compactMap { group in
            let element = document.elements[group]
            let running = (0..<workers).count { deal.runs(group, worker: $0) }
            func note(_ level: PlanNote.Level, _ text: String) -> PlanNote {
                PlanNote(level, "'\(element.name)' \(text)", line: element.line)
            }
            switch document.groupKind(of: group) {
            case .setUp where running == 1:
                return note(
                    .note, "runs on the first worker only, and the others don't wait for it")
            case .tearDown where running == 1:
                return note(.note, "runs on the first worker only, when that has ended")
            case .plain where deal.threads[group]?.allSatisfy({ $0 == 0 }) ?? false:
                return note(.warning, "has 0 threads")
            case .plain where running < workers:
                return note(
                    .note,
                    "has fewer threads than there are workers: it runs on \(running) of \(workers)")
            case .arrivals where running < workers:
                return note(
                    .note,
                    "has fewer arrivals than there are workers: it runs on \(running) of "
                        + "\(workers)")
            case .plain where !Self.knownGroups.contains(element.kind) && deal.isShared:
                return note(
                    .warning,
                    "is a \(element.kind): only its number of threads is shared out, whatever "
                        + "else it states")
            case .setUp, .tearDown, .plain, .arrivals:
                return nil
            }
        }
    }

    private static let knownGroups: Set = [
        "ThreadGroup", "SteppingThreadGroup", "UltimateThreadGroup", "ConcurrencyThreadGroup",
    ]

    /// Timers that give each group the whole rate, standing over a group that some workers lack.
    private var groupTimerNotes: [PlanNote] {
        guard deal.isShared, rates == nil else { return [] }
        let partial = deal.groups.filter { group in
            !deal.isPreparing(group) && (0..<workers).contains { !deal.runs(group, worker: $0) }
        }
        return document.elements.filter { $0.isEnabled && $0.group == nil }.flatMap { timer in
            let mode = document.text("calcMode", of: timer.node)
            guard
                timer.kind == "PreciseThroughputTimer"
                    || timer.kind == "ConstantThroughputTimer" && ["2", "4"].contains(mode)
            else { return [PlanNote]() }
            return partial.map { group in
                PlanNote(
                    .warning,
                    "\(timer.kind) '\(timer.name)' gives each group its rate, and "
                        + "'\(document.elements[group].name)' gets only the shares of the workers "
                        + "it runs on: put a timer of its own into the group", line: timer.line)
            }
        }
    }

    /// A setUp group that leaves something in its JVM for the others.
    private var setUpNotes: [PlanNote] {
        guard deal.shareOut.setup == .once else { return [] }
        return document.elements.compactMap { element in
            guard element.isEnabled, let group = element.group,
                document.groupKind(of: group) == .setUp,
                mentions(["__setProperty(", "props.put(", "props.setProperty("], in: element.node)
            else { return nil }
            return PlanNote(
                .warning,
                "\(element.kind) '\(element.name)' sets a property in a setUp group, which runs on "
                    + "the first worker only: if others need it, run with --setup all",
                line: element.line)
        }
    }

    private var rateNotes: [PlanNote] {
        guard rates != nil, let rps = deal.shareOut.rps else { return [] }
        let timers = overriddenTimers.map {
            PlanNote(
                .note,
                "\($0.kind) '\($0.name)' is off: --rps \(rps) takes its place", line: $0.line)
        }
        let groups = deal.groups.filter { document.groupKind(of: $0) == .arrivals }.map {
            PlanNote(
                .warning,
                "'\(document.elements[$0].name)' starts iterations by its own schedule: --rps "
                    + "\(rps) can hold its samples back, but not make more of them",
                line: document.elements[$0].line)
        }
        return timers + groups
    }

    // MARK: - Elements

    private var elementNotes: [PlanNote] {
        document.elements.filter(\.isEnabled).compactMap { element in
            warning(for: element).map {
                PlanNote(.warning, "\(element.kind) '\(element.name)' \($0)", line: element.line)
            }
        }
    }

    private func warning(for element: TestElement) -> String? {
        func text(_ name: String) -> String { document.text(name, of: element.node) }
        switch element.kind {
        case "SyncTimer", "SynchronizingTimer":
            return meeting(at: element)
        case "CriticalSectionController":
            return "locks threads of its own worker only"
        case "FifoPutPostProcessor", "FifoPopPreProcessor":
            return "passes values between threads of its own worker only"
        case "CounterConfig" where text("CounterConfig.per_user") != "true":
            return "counts on every worker from its start value: numbers repeat"
        case "IncludeController":
            return "is copied as it is: what the file includes is not shared out"
        case "BackendListener":
            return "sends from every worker: what it counts is a worker's, not the fleet's"
        case "PerfMonCollector", "JMXMonCollector", "DbMonCollector":
            return "asks its servers from every worker, \(workers) times as often"
        case "AutoStop":
            return "looks at its own worker's samples, and stops that worker only"
        case "JDBCDataSource":
            return "opens its pool of connections on every worker"
        case "TestAction" where text("ActionProcessor.target") == "2":
            return "stops its own worker only"
        case _ where text("ThreadGroup.on_sample_error").hasPrefix("stoptest"):
            return "stops its own worker only when a sample fails"
        default:
            return nil
        }
    }

    /// A Synchronizing Timer knows the threads of its own JVM only, and waits for as many.
    private func meeting(at element: TestElement) -> String {
        let resolver = plan.resolver(properties: deal.shareOut.properties)
        func number(_ name: String) -> Int? {
            (try? resolver.resolve(document.text(name, of: element.node))).flatMap { Int($0) }
        }
        let own = "threads of its own worker only"
        guard let size = number("groupSize"), size > 0 else { return "gathers all \(own)" }
        let threads = (0..<workers).map { worker in
            deal.groups.reduce(0) {
                $0
                    + ($1 == element.group || element.group == nil
                        ? deal.threads[$1]?[worker] ?? 0 : 0)
            }
        }
        let short = threads.enumerated().filter { 0 < $0.element && $0.element < size }
        guard let worst = short.min(by: { $0.element < $1.element }) else {
            return "gathers \(size) \(own)"
        }
        let wait = number("timeoutInMs").flatMap { $0 > 0 ? "\($0) ms" : nil } ?? "for ever"
        return "gathers \(size) \(own), and worker \(worst.offset + 1) has \(worst.element): there "
            + "they wait \(wait)"
    }

    // MARK: - Functions

    private var functionNotes: [PlanNote] {
        [
            (
                ["${__counter(FALSE", "${__counter(false"],
                "__counter counts on every worker from 1: numbers repeat"
            ),
            (
                ["${__threadNum}"],
                "__threadNum numbers the threads of every worker from 1: numbers repeat"
            ),
            (["${__CSVRead("], "__CSVRead reads all rows on every worker: rows repeat"),
            (
                ["${__fifoPut(", "${__fifoGet(", "${__fifoPop("],
                "the __fifo functions know threads of their own worker only"
            ),
        ].compactMap { functions, words in
            document.nodes.indices.first { node in
                mentions(functions, inNode: node)
            }.map {
                PlanNote(.warning, words, line: document.nodes[$0].ranges.line)
            }
        }
    }

    private func mentions(_ words: [String], in node: Int) -> Bool {
        mentions(words, inNode: node)
            || document.nodes[node].children.contains { mentions(words, in: $0) }
    }

    private func mentions(_ words: [String], inNode node: Int) -> Bool {
        let node = document.nodes[node]
        return ([node.text] + node.attributes.values).contains { text in
            // Looking for one byte first keeps plans of many thousand samplers fast.
            text.utf8.contains(UInt8(ascii: "(")) || text.utf8.contains(UInt8(ascii: "$"))
                ? words.contains { text.contains($0) } : false
        }
    }
}
