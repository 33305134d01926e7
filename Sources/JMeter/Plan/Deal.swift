// One plan's numbers dealt out: which worker runs which group, with what value of each number.
//
// Rates are dealt only among the workers on which their group runs: with one thread on three
// workers, a third of the rate on each would be a third of the load.

/// The whole deal of one plan.
struct Deal {
    let document: PlanDocument
    let shareOut: ShareOut
    let values: [ResolvedValue]

    /// The enabled thread groups.
    var groups: [Int] {
        document.groupIndices.filter { document.elements[$0].isEnabled }
    }

    /// Whether numbers change at all.
    var isShared: Bool { shareOut.workers > 1 && !shareOut.perWorker }

    /// The threads of a group on a worker; nil when its threads depend on its arrivals.
    func threads(of group: Int, worker: Int) -> Int? {
        guard document.groupKind(of: group) != .arrivals else { return nil }
        return threadValues(of: group).reduce(0) { $0 + share($1, worker: worker) }
    }

    /// Whether a group runs on a worker.
    func runs(_ group: Int, worker: Int) -> Bool {
        guard isShared else { return true }
        return threads(of: group, worker: worker).map { $0 > 0 } ?? true
    }

    /// The value of a number on a worker, as text for the plan.
    func text(_ resolved: ResolvedValue, worker: Int) -> String {
        guard isShared else { return resolved.text }
        let takers = takers(of: resolved.value)
        switch resolved.value.rule {
        case .count:
            return "\(share(resolved, worker: worker))"
        case .step:
            let share = share(resolved, worker: worker)
            return "\(resolved.count > 0 ? max(1, share) : 0)"
        case .rate:
            return shortest((Double(resolved.text) ?? 0) / Double(takers))
        case .schedule:
            return OpenModelSchedule.divided(resolved.text, by: takers) ?? resolved.text
        case .seed:
            return "\((Int(resolved.text) ?? 0) &+ worker)"
        }
    }

    /// The threads of every enabled group on a worker that states a number.
    func groupShares(worker: Int) -> [GroupShare] {
        groups.compactMap { group in
            threads(of: group, worker: worker).map {
                GroupShare(
                    name: document.elements[group].name, kind: document.groupKind(of: group),
                    threads: $0)
            }
        }
    }

    private func threadValues(of group: Int) -> [ResolvedValue] {
        values.filter { $0.value.element == group && $0.value.isThreads }
    }

    private func share(_ resolved: ResolvedValue, worker: Int) -> Int {
        guard isShared else { return resolved.count }
        let takers = takers(of: resolved.value)
        guard worker < takers else { return 0 }
        return resolved.count / takers + (worker < resolved.count % takers ? 1 : 0)
    }

    /// The number of workers, counted from the first, among which a number is dealt.
    private func takers(of value: SharedValue) -> Int {
        let element = document.elements[value.element]
        guard let group = element.group else {
            let others = groups.filter {
                [.plain, .arrivals].contains(document.groupKind(of: $0))
            }
            return others.map { workers(running: $0) }.max() ?? shareOut.workers
        }
        if value.isThreads {
            return isOnce(group) ? 1 : shareOut.workers
        }
        return workers(running: group)
    }

    private func workers(running group: Int) -> Int {
        if isOnce(group) { return 1 }
        guard document.groupKind(of: group) == .plain else { return shareOut.workers }
        let most = threadValues(of: group).map(\.count).max() ?? 0
        return min(max(most, 1), shareOut.workers)
    }

    /// setUp and tearDown prepare and tidy what all workers share, so they run once in a fleet.
    private func isOnce(_ group: Int) -> Bool {
        [.setUp, .tearDown].contains(document.groupKind(of: group))
    }
}
