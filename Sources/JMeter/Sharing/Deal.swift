// One plan's numbers dealt out: which worker runs which group, with what value of each number.
//
// First the threads, like cards; then all else in proportion to the threads that make it: with
// one thread on three workers, a third of the rate on each would be a third of the load.

/// A number with what becomes of it.
struct DealtNumber {
    /// The number and its total.
    let total: ResolvedValue
    /// What stands in the plan of each worker; nil where the table's row is left out.
    let texts: [String?]
    /// What all workers can have alike, if that is the same to twelve digits.
    var common: String?
}

/// Why a plan can't be dealt out, and by which element.
struct DealFault: Error {
    let element: Int
    let what: String
    let hint: String
}

/// The whole deal of one plan.
struct Deal {
    let document: PlanDocument
    let shareOut: ShareOut
    /// The resolved numbers of all enabled elements, in the plan's order.
    let values: [ResolvedValue]
    /// The enabled thread groups.
    let groups: [Int]
    /// What becomes of each number; empty when numbers stay as they are.
    private(set) var numbers: [DealtNumber] = []
    /// The threads of each group that states a number, by worker.
    private(set) var threads: [Int: [Int]] = [:]
    /// The arrivals of each Open Model group, by worker.
    private(set) var arrivals: [Int: [Int]] = [:]
    /// What the deal could not keep to the letter.
    private(set) var notes: [PlanNote] = []

    /// Whether numbers change at all.
    var isShared: Bool { shareOut.workers > 1 && !shareOut.perWorker }

    /// Deals out `values`, which must be in the plan's order.
    init(
        _ document: PlanDocument, _ shareOut: ShareOut, values: [ResolvedValue]
    ) throws(DealFault) {
        self.document = document
        self.shareOut = shareOut
        self.values = values
        groups = document.groupIndices.filter { document.elements[$0].isEnabled }
        let byElement = Dictionary(grouping: values) { $0.value.element }
        var turns = Turns(first: 0, workers: shareOut.workers)
        for group in groups {
            let count = try dealGroup(group, byElement[group] ?? [], turns)
            // Small groups would else all fall to the first workers.
            turns = turns.after(count)
        }
        guard isShared else { return }
        for element in byElement.keys.sorted() where document.elements[element].group != element {
            try dealElement(element, byElement[element] ?? [])
        }
    }

    /// Whether a group runs on a worker.
    func runs(_ group: Int, worker: Int) -> Bool {
        if isPreparing(group) { return shareOut.setup == .all || worker == 0 }
        guard isShared else { return true }
        return (threads[group] ?? arrivals[group]).map { $0[worker] > 0 } ?? true
    }

    /// The threads of every enabled group on a worker that states a number.
    func groupShares(worker: Int) -> [GroupShare] {
        groups.compactMap { group in
            threads[group].map {
                GroupShare(
                    name: document.elements[group].name, kind: document.groupKind(of: group),
                    threads: $0[worker])
            }
        }
    }

    /// Whether it is a setUp or tearDown group, which is never dealt out.
    func isPreparing(_ group: Int) -> Bool {
        [.setUp, .tearDown].contains(document.groupKind(of: group))
    }
}

// MARK: - Groups

extension Deal {
    /// Deals a group; returns how many cards that were.
    private mutating func dealGroup(
        _ group: Int, _ values: [ResolvedValue], _ turns: Turns
    ) throws(DealFault) -> Int {
        let workers = 0..<shareOut.workers
        let stated = values.filter { $0.value.rule == .threads }
        let total = stated.reduce(0) { $0 + $1.count }
        guard isShared, !isPreparing(group) else {
            if document.groupKind(of: group) != .arrivals {
                threads[group] = workers.map { runs(group, worker: $0) ? total : 0 }
            }
            dealPreparing(group, stated)
            return 0
        }
        guard document.groupKind(of: group) != .arrivals else {
            return try dealArrivals(group, values, turns)
        }
        threads[group] = workers.map { turns.share(of: total, worker: $0) }
        if document.elements[group].kind == "SteppingThreadGroup" {
            dealSteps(group, values, turns)
            return total
        }
        // Rows are dealt from one pack, so that rows of few threads don't all go to one worker.
        var dealt = 0
        for row in stated {
            let cards = dealt..<dealt + row.count
            dealt = cards.upperBound
            let texts = workers.map { worker -> String? in
                let share = turns.share(of: cards, worker: worker)
                // The plug-in takes a row of 0 threads for one that is used up, and skips on.
                return share == 0 && row.value.row != nil && row.count > 0 ? nil : "\(share)"
            }
            numbers.append(DealtNumber(total: row, texts: texts))
        }
        return total
    }

    /// In remote mode one plan serves all servers, so there a group that runs once has 0 threads
    /// elsewhere.
    private mutating func dealPreparing(_ group: Int, _ stated: [ResolvedValue]) {
        guard isPreparing(group), shareOut.setup == .once, shareOut.workers > 1 else { return }
        for value in stated {
            let texts = (0..<shareOut.workers).map { $0 == 0 ? value.text : "0" }
            numbers.append(DealtNumber(total: value, texts: texts))
        }
    }

    private mutating func dealArrivals(
        _ group: Int, _ values: [ResolvedValue], _ turns: Turns
    ) throws(DealFault) -> Int {
        var count = 0
        for value in values {
            guard value.value.rule == .schedule else {
                dealAlone(value, by: equalWeights)
                continue
            }
            guard let schedule = OpenModelSchedule(value.text) else { continue }
            let shares = schedule.shares(by: turns)
            arrivals[group] = shares.map(\.arrivals)
            numbers.append(DealtNumber(total: value, texts: shares.map(\.text)))
            count = schedule.arrivals
        }
        return count
    }

    private mutating func dealSteps(_ group: Int, _ values: [ResolvedValue], _ turns: Turns) {
        let steps = SteppingShare(values)
        let shares = (0..<shareOut.workers).map { steps.share(of: turns, worker: $0) }
        for value in values {
            let texts = shares.map { "\($0[value.value.name])" }
            numbers.append(DealtNumber(total: value, texts: texts))
        }
        if !steps.dividesEvenly(over: shareOut.workers) {
            let element = document.elements[group]
            notes.append(
                PlanNote(
                    .note,
                    "the steps of '\(element.name)' can't be cut evenly over \(shareOut.workers) "
                        + "workers: \(steps.words) become \(shares[0].words) on each",
                    line: element.line))
        }
    }
}

// MARK: - All else

extension Deal {
    private var equalWeights: [Int] { (0..<shareOut.workers).map { _ in 1 } }

    private mutating func dealElement(
        _ index: Int, _ values: [ResolvedValue]
    ) throws(DealFault) {
        let element = document.elements[index]
        guard let weights = weights(of: element, values) else { return }
        switch element.kind {
        case "PreciseThroughputTimer":
            try dealPrecise(index, values, by: weights)
        case "ConstantThroughputTimer":
            // An expression can come to 0, "this thread only", too.
            guard mode(values) != 0 else { return }
            for value in values where value.value.rule == .rate { dealAlone(value, by: weights) }
        default:
            for value in values { dealAlone(value, by: weights) }
        }
    }

    /// The Constant Throughput Timer's "Calculate Throughput based on".
    private func mode(_ values: [ResolvedValue]) -> Int {
        values.first { $0.value.name == "calcMode" }?.count ?? 0
    }

    /// What a number is dealt in proportion to; nil when it stays as it is on every worker.
    private func weights(of element: TestElement, _ values: [ResolvedValue]) -> [Int]? {
        // Mode 1 paces by all threads of the JVM, wherever the timer stands.
        let isOfAllThreads = element.kind == "ConstantThroughputTimer" && mode(values) == 1
        guard let group = element.group else { return loadWeights }
        if isPreparing(group) {
            return shareOut.setup == .all ? nil : equalWeights.indices.map { $0 == 0 ? 1 : 0 }
        }
        if isOfAllThreads { return loadWeights }
        if let arrivals = arrivals[group] { return positive(arrivals.map { min($0, 1) }) }
        return positive(threads[group] ?? [])
    }

    /// The threads of all groups that make load, by worker; equal if some state no number.
    var loadWeights: [Int] {
        let load = groups.filter { !isPreparing($0) }
        guard load.allSatisfy({ threads[$0] != nil }) else { return equalWeights }
        return positive(
            (0..<shareOut.workers).map { worker in
                load.reduce(0) { $0 + (threads[$1]?[worker] ?? 0) }
            })
    }

    private func positive(_ weights: [Int]) -> [Int] {
        weights.contains { $0 > 0 } ? weights : equalWeights
    }

    /// Deals a number that depends on no other.
    private mutating func dealAlone(_ total: ResolvedValue, by weights: [Int]) {
        var number: DealtNumber
        switch total.value.rule {
        case .rate:
            guard let rate = ExactDecimal(total.text) else { return }
            number = DealtNumber(total: total, texts: rate.shares(by: weights).map(\.text))
            if weights.allSatisfy({ $0 == weights[0] }) {
                number.common = rate.times(1, over: weights.count, roundingUp: false).text
            }
        case .threads, .count:
            number = DealtNumber(
                total: total, texts: Dealing.whole(total.count, by: weights).map { "\($0)" })
        case .limit:
            let shares = Dealing.whole(total.count, by: weights)
            number = DealtNumber(
                total: total, texts: shares.map { "\(total.count > 0 ? max(1, $0) : 0)" })
        case .seed:
            number = DealtNumber(
                total: total,
                texts: weights.indices.map { "\((Int(total.text) ?? 0) &+ $0)" })
        case .schedule, .step, .given:
            return
        }
        numbers.append(number)
    }

    /// Deals a Precise Throughput Timer so that the events which the workers draw add up.
    private mutating func dealPrecise(
        _ index: Int, _ values: [ResolvedValue], by weights: [Int]
    ) throws(DealFault) {
        for value in values {
            guard value.value.rule == .rate else {
                dealAlone(value, by: weights)
                continue
            }
            let timer = PreciseTimer(values)
            let texts = try timer.shares(by: weights) { (what, hint) in
                DealFault(element: index, what: what, hint: hint)
            }
            numbers.append(DealtNumber(total: value, texts: texts))
        }
    }
}
