// What a plan states and what each worker makes of it, for people who want to see it before they
// pay for it.

/// A plan on a fleet, in figures.
package struct PlanOverview: Equatable, Sendable {
    /// Something that is the same on every worker, such as a ramp-up.
    package struct Fact: Equatable, Sendable {
        /// What it is, with its unit: `ramp_up_seconds`.
        package let key: String
        /// Its value; an expression, if only JMeter can know what it comes to.
        package let value: String
        /// Key and value in words.
        package let words: String
    }

    /// A thread group.
    package struct Group: Equatable, Sendable {
        /// Its name in the plan.
        package let name: String
        /// The Java class, as the plan names it.
        package let className: String
        /// How it comes by its threads.
        package let kind: ThreadGroup.Kind
        /// The plan's line, from 1.
        package let line: Int
        /// The number of threads in the plan, if it states one.
        package let threads: Int?
        /// The number of threads on each worker.
        package let threadShares: [Int]?
        /// The iterations that an Open Model group starts, if this is one.
        package let arrivals: Int?
        /// The iterations on each worker.
        package let arrivalShares: [Int]?
        /// Whether it runs, by worker.
        package let runs: [Bool]
        /// What else it states.
        package let facts: [Fact]
    }

    /// A number that is dealt out, other than a group's threads.
    package struct Figure: Equatable, Sendable {
        /// The name of its test element.
        package let element: String
        /// The Java class of its test element.
        package let className: String
        /// The plan's line, from 1; nil for what is not in the plan.
        package let line: Int?
        /// The property, and the row if it stands in a table.
        package let property: String
        /// What one of it is: `samples/min`.
        package let unit: String
        /// The number in the plan.
        package let total: String
        /// The number on each worker; nil where what it belongs to doesn't run.
        package let shares: [String?]
    }

    /// The enabled thread groups, in the plan's order.
    package let groups: [Group]
    /// The numbers that are dealt out, in the plan's order; last the rates that are a thread's.
    package let figures: [Figure]
}

extension DealtPlan {
    /// The plan on this fleet, in figures.
    package var overview: PlanOverview {
        PlanOverview(
            groups: deal.groups.map(group), figures: fleetRate + figures + perThreadRates)
    }

    private func group(_ index: Int) -> PlanOverview.Group {
        let element = plan.document.elements[index]
        let workers = 0..<deal.shareOut.workers
        let own = deal.values.filter { $0.value.element == index }
        let schedule = own.first { $0.value.rule == .schedule }
        let arrivals = schedule.flatMap { OpenModelSchedule($0.text)?.arrivals }
        let isStated = deal.threads[index] != nil
        return PlanOverview.Group(
            name: element.name, className: element.className,
            kind: plan.document.groupKind(of: index), line: element.line,
            threads: isStated
                ? own.reduce(0) { $0 + ($1.value.rule == .threads ? $1.count : 0) } : nil,
            threadShares: deal.threads[index], arrivals: arrivals,
            arrivalShares: arrivals.map { count in
                deal.arrivals[index] ?? workers.map { _ in count }
            },
            runs: workers.map { deal.runs(index, worker: $0) },
            facts: GroupFacts(plan, index, properties: deal.shareOut.properties).facts)
    }

    // MARK: - Figures

    private var fleetRate: [PlanOverview.Figure] {
        guard rates != nil, let rps = deal.shareOut.rps, let total = ExactDecimal(rps) else {
            return []
        }
        return [
            PlanOverview.Figure(
                element: "--rps", className: "ConstantThroughputTimer", line: nil,
                property: "throughput", unit: "samples/s", total: total.text,
                shares: total.shares(by: deal.loadWeights).map(\.text))
        ]
    }

    /// Rates of "this thread only", which are the same wherever the thread runs.
    private var perThreadRates: [PlanOverview.Figure] {
        guard rates == nil else { return [] }
        let resolver = plan.resolver(properties: deal.shareOut.properties)
        return plan.document.elements.filter { element in
            element.isEnabled && element.kind == "ConstantThroughputTimer"
                && ["", "0"].contains(plan.document.text("calcMode", of: element.node))
        }.map { element in
            let text = plan.document.text("throughput", of: element.node)
            let rate = (try? resolver.resolve(text)) ?? text
            return PlanOverview.Figure(
                element: element.name, className: element.className, line: element.line,
                property: "throughput", unit: "samples/min of each thread", total: rate,
                shares: (0..<deal.shareOut.workers).map { worker in
                    element.group.map { deal.runs($0, worker: worker) } ?? true ? rate : nil
                })
        }
    }

    private var figures: [PlanOverview.Figure] {
        let dealt = Dictionary(
            deal.numbers.map { ($0.total.value.property.value, $0.texts) }
        ) { first, _ in first }
        let shown = deal.values.filter { Self.isShown($0.value) }
        var figures: [PlanOverview.Figure] = []
        var position = 0
        while position < shown.count {
            // The cells of one row are one figure: from 10 to 20.
            let row = shown[position...].prefix {
                $0.value.property.value == shown[position].value.property.value
                    || $0.value.row != nil && $0.value.row == shown[position].value.row
            }
            position += row.count
            figures.append(figure(Array(row), dealt))
        }
        return figures
    }

    private static func isShown(_ value: SharedValue) -> Bool {
        switch value.rule {
        // A plain group's threads are shown with the group.
        case .threads: value.row != nil
        case .given, .seed: false
        case .count, .limit, .rate, .schedule, .step: true
        }
    }

    private func figure(
        _ cells: [ResolvedValue], _ dealt: [Int: [String?]]
    ) -> PlanOverview.Figure {
        let value = cells[0].value
        let element = plan.document.elements[value.element]
        let shares = (0..<deal.shareOut.workers).map { worker -> String? in
            if let group = element.group, !deal.runs(group, worker: worker) { return nil }
            let texts = cells.map { dealt[$0.value.property.value]?[worker] ?? $0.text }
            let isLeftOut = cells.contains {
                dealt[$0.value.property.value].map { $0[worker] == nil } ?? false
            }
            return isLeftOut ? nil : texts.joined(separator: " to ")
        }
        return PlanOverview.Figure(
            element: element.name, className: element.className, line: element.line,
            property: value.name + (value.row.map { " row \(rowNumber($0))" } ?? ""),
            unit: unit(of: value), total: cells.map(\.text).joined(separator: " to "),
            shares: shares)
    }

    private func rowNumber(_ row: Int) -> Int {
        let siblings = plan.document.nodes[row].parent.map { plan.document.nodes[$0].children }
        return (siblings?.firstIndex(of: row) ?? 0) + 1
    }

    private func unit(of value: SharedValue) -> String {
        let element = plan.document.elements[value.element]
        switch (element.kind, value.rule) {
        case ("ConstantThroughputTimer", _): return "samples/min"
        case ("PreciseThroughputTimer", _):
            let period = deal.values.first {
                $0.value.element == value.element && $0.value.name == "throughputPeriod"
            }
            return "samples/\(period?.text ?? "3600") s"
        case ("VariableThroughputTimer", _): return "samples/s"
        case (_, .rate):
            let isMinutes = plan.document.text("Unit", of: element.node) != "S"
            return isMinutes ? "arrivals/min" : "arrivals/s"
        case (_, .count): return "executions"
        case (_, .threads), (_, .limit): return "threads"
        default: return ""
        }
    }
}
