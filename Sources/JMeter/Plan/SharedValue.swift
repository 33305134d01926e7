// The numbers of a plan that mean the whole fleet, and so are dealt out.
//
// One row here for each row of the table in JMeter's and the plug-ins' documentation: which
// property of which element states a total. Everything else (ramp-up, loops, durations) is the
// same on every worker.

/// A number of a plan that is dealt out.
struct SharedValue {
    /// How it is dealt out.
    enum Rule: Equatable {
        /// Threads or executions: whole numbers that add up.
        case count
        /// A whole number that means "all at once" when 0, so nobody's share falls below 1.
        case step
        /// Anything per unit of time: divided.
        case rate
        /// An Open Model schedule: the rates in it are divided.
        case schedule
        /// A seed: made different from worker to worker, so that they don't act in step.
        case seed
    }

    /// The test element it belongs to, by its index in the document.
    let element: Int
    /// The property's name, for messages and for `remote` mode.
    let name: String
    /// The value as it stands in the plan.
    let property: PlanDocument.Property
    /// How it is dealt out.
    let rule: Rule
    /// Whether its sum is the group's number of threads.
    let isThreads: Bool
    /// Whether it stands in a table, whose cells can't be made properties.
    let isInTable: Bool
}

extension PlanDocument {
    /// The values of the element at `index` that are dealt out.
    func sharedValues(of index: Int) -> [SharedValue] {
        let element = elements[index]
        func value(
            _ name: String, _ rule: SharedValue.Rule, isThreads: Bool = false
        ) -> [SharedValue] {
            guard let property = property(name, of: element.node) else { return [] }
            return [
                SharedValue(
                    element: index, name: name, property: property, rule: rule,
                    isThreads: isThreads, isInTable: false)
            ]
        }
        func table(
            _ name: String, columns: [Int], _ rule: SharedValue.Rule, isThreads: Bool = false
        ) -> [SharedValue] {
            rows(name, of: element.node).flatMap { row in
                columns.filter { $0 < row.count }.map { column in
                    SharedValue(
                        element: index, name: name, property: row[column], rule: rule,
                        isThreads: isThreads, isInTable: true)
                }
            }
        }

        switch element.kind {
        case "SteppingThreadGroup":
            return value("ThreadGroup.num_threads", .count, isThreads: true)
                + value("Start users count", .step) + value("Start users count burst", .step)
                + value("Stop users count", .step)
        case "UltimateThreadGroup":
            return table("ultimatethreadgroupdata", columns: [0], .count, isThreads: true)
        case "ConcurrencyThreadGroup":
            return value("TargetLevel", .count, isThreads: true)
        case "ArrivalsThreadGroup":
            return value("TargetLevel", .rate) + value("ConcurrencyLimit", .step)
        case "FreeFormArrivalsThreadGroup":
            return table("Schedule", columns: [0, 1], .rate) + value("ConcurrencyLimit", .step)
        case "OpenModelThreadGroup":
            return value("OpenModelThreadGroup.schedule", .schedule)
                + value("OpenModelThreadGroup.random_seed", .seed)
        case "ConstantThroughputTimer":
            // calcMode 0, the default, is "this thread only": such a rate is per thread.
            let mode = text("calcMode", of: element.node)
            return mode.isEmpty || mode == "0" ? [] : value("throughput", .rate)
        case "PreciseThroughputTimer":
            return value("throughput", .rate) + value("randomSeed", .seed)
        case "VariableThroughputTimer":
            return table("load_profile", columns: [0, 1], .rate)
        case "ThroughputController":
            // Style 0, the default, is "total executions"; 1 is a percentage.
            let style = text("ThroughputController.style", of: element.node)
            let isPerThread = text("ThroughputController.perThread", of: element.node) == "true"
            guard style.isEmpty || style == "0", !isPerThread else { return [] }
            return value("ThroughputController.maxThroughput", .count)
        case let kind where kind.hasSuffix("ThreadGroup"):
            return value("ThreadGroup.num_threads", .count, isThreads: true)
        default:
            return []
        }
    }

    /// The kind of the thread group at `index`.
    func groupKind(of index: Int) -> ThreadGroup.Kind {
        switch elements[index].kind {
        case "SetupThreadGroup": .setUp
        case "PostThreadGroup": .tearDown
        case "OpenModelThreadGroup", "ArrivalsThreadGroup", "FreeFormArrivalsThreadGroup":
            .arrivals
        default: .plain
        }
    }

    /// The indices of the thread groups, in the plan's order.
    var groupIndices: [Int] {
        elements.indices.filter { elements[$0].group == $0 }
    }
}
