// How a plan's stated totals are dealt out over the workers of a fleet.
//
// Threads are dealt like cards: one to each worker in turn, and the next group goes on where the
// last one ended, so the shares of a group differ by one at most, and so do the workers' sums. What
// belongs to threads (rates, executions, records) is dealt in proportion to them.

/// Where a plan's setUp and tearDown groups run.
package enum SetupPolicy: String, Equatable, Sendable, CaseIterable, Codable {
    /// On the first worker, once in the fleet.
    case once
    /// On every worker, as the plan has them.
    case all
}

/// The deal: how many workers, and what is known about the run.
package struct ShareOut: Equatable, Sendable {
    /// The number of workers, at least 1.
    package let workers: Int
    /// Keeps the plan's numbers for every worker instead of dealing them out.
    package let perWorker: Bool
    /// Where setUp and tearDown groups run.
    package let setup: SetupPolicy
    /// The samples per second that the fleet is to make, in place of the plan's throughput timers.
    package let rps: String?
    /// The properties of the run: what `${__P(name)}` in the plan will see.
    package let properties: [String: String]

    /// Describes a deal; `workers` must be at least 1.
    ///
    /// Without a word on `setup`, it is once if numbers are shared out, and on all if not.
    package init(
        workers: Int, perWorker: Bool = false, setup: SetupPolicy? = nil, rps: String? = nil,
        properties: [String: String] = [:]
    ) {
        precondition(workers >= 1, "a plan is shared among at least one worker")
        self.workers = workers
        self.perWorker = perWorker
        self.setup = setup ?? (perWorker ? .all : .once)
        self.rps = rps
        self.properties = properties
    }
}

/// One worker's plan in `standalone` mode.
package struct SharedPlan: Equatable, Sendable {
    /// The plan to write to the worker's disk; equal to the original but for what had to change.
    package let bytes: [UInt8]
    /// The number of threads of each enabled group that states one, in the plan's order.
    package let groups: [GroupShare]
    /// Whether JMeter waits for its start once it has loaded the plan.
    package let isGated: Bool
    /// The samples per second that this worker is to make, where the fleet has a rate of its own.
    package let samplesPerSecond: Double?
    /// What was changed, and what the owner should know.
    package let notes: [PlanNote]

    /// The sum over the groups that state a number of threads, setUp and tearDown apart.
    package var threads: Int {
        groups.reduce(0) { $0 + ($1.kind == .plain ? $1.threads : 0) }
    }
}

/// The threads of one group on one worker.
package struct GroupShare: Equatable, Sendable {
    /// The group's name.
    package let name: String
    /// The group's kind.
    package let kind: ThreadGroup.Kind
    /// Threads on this worker; 0 means that the group doesn't run there.
    package let threads: Int
}

/// The one plan of `remote` mode, and what makes it differ from worker to worker.
package struct PropertySharedPlan: Equatable, Sendable {
    /// The plan for JMeter's client, which sends it to every server.
    package let bytes: [UInt8]
    /// For each worker the properties its JMeter server must be started with.
    package let properties: [[String: String]]
    /// For each worker the threads of each enabled group, in the plan's order.
    package let groups: [[GroupShare]]
    /// What was changed, and what the owner should know.
    package let notes: [PlanNote]
}
