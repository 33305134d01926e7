// The numbers of a plan that mean the whole fleet, and so are dealt out.
//
// One row here for each row of the table in JMeter's and the plug-ins' documentation: which
// property of which element states a total. Everything else (ramp-up, loops, durations) is the
// same on every worker.

/// A number of a plan that is dealt out, or that is needed for dealing another one.
struct SharedValue {
    /// How it is dealt out.
    enum Rule: Equatable {
        /// Threads of a group: dealt like cards.
        case threads
        /// Executions: whole numbers in proportion to the threads that make them.
        case count
        /// Threads at most; 0 means no limit, so nobody's share falls below 1.
        case limit
        /// Anything per unit of time: divided in proportion to the threads that make it.
        case rate
        /// An Open Model schedule: its arrivals are dealt like cards.
        case schedule
        /// A seed: made different from worker to worker, so that they don't act in step.
        case seed
        /// Part of the steps of a Stepping Thread Group, which are cut anew as a whole.
        case step
        /// Not dealt out, but needed to deal the others of its element.
        case given
    }

    /// The test element it belongs to, by its index in the document.
    let element: Int
    /// The property's name, for messages and for `remote` mode.
    let name: String
    /// The value as it stands in the plan.
    let property: PlanDocument.Property
    /// How it is dealt out.
    let rule: Rule
    /// The row of a table it stands in: its cells can't be made properties.
    let row: Int?
}

extension PlanDocument {
    /// The values of the element at `index` that are dealt out.
    func sharedValues(of index: Int) -> [SharedValue] {
        let element = elements[index]
        func value(_ name: String, _ rule: SharedValue.Rule) -> [SharedValue] {
            guard let property = property(name, of: element.node) else { return [] }
            return [
                SharedValue(
                    element: index, name: name, property: property, rule: rule, row: nil)
            ]
        }
        func table(_ name: String, columns: [Int], _ rule: SharedValue.Rule) -> [SharedValue] {
            rows(name, of: element.node).flatMap { row in
                columns.filter { $0 < row.cells.count }.map { column in
                    SharedValue(
                        element: index, name: name, property: row.cells[column], rule: rule,
                        row: row.node)
                }
            }
        }

        switch element.kind {
        case "SteppingThreadGroup":
            return value("ThreadGroup.num_threads", .threads)
                + SteppingShare.names.flatMap { value($0, .step) }
        case "UltimateThreadGroup":
            return table("ultimatethreadgroupdata", columns: [0], .threads)
        case "ConcurrencyThreadGroup":
            return value("TargetLevel", .threads)
        case "ArrivalsThreadGroup":
            return value("TargetLevel", .rate) + value("ConcurrencyLimit", .limit)
        case "FreeFormArrivalsThreadGroup":
            return table("Schedule", columns: [0, 1], .rate) + value("ConcurrencyLimit", .limit)
        case "OpenModelThreadGroup":
            return value("OpenModelThreadGroup.schedule", .schedule)
                + value("OpenModelThreadGroup.random_seed", .seed)
        case "ConstantThroughputTimer":
            // 0, the default, is "this thread only": such a rate is per thread.
            guard !["", "0"].contains(text("calcMode", of: element.node)) else { return [] }
            return value("throughput", .rate) + value("calcMode", .given)
        case "PreciseThroughputTimer":
            return value("throughput", .rate) + value("randomSeed", .seed)
                + ["throughputPeriod", "duration", "batchSize"].flatMap { value($0, .given) }
        case "VariableThroughputTimer":
            return table("load_profile", columns: [0, 1], .rate)
        case "ThroughputController":
            // Style 0, the default, is "total executions"; 1 is a percentage.
            let style = text("ThroughputController.style", of: element.node)
            let isPerThread = text("ThroughputController.perThread", of: element.node) == "true"
            guard style.isEmpty || style == "0", !isPerThread else { return [] }
            return value("ThroughputController.maxThroughput", .count)
        case let kind where kind.hasSuffix("ThreadGroup"):
            return value("ThreadGroup.num_threads", .threads)
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

/// The timers that hold a rate of samples.
enum ThroughputTimer {
    /// Their kinds: JMeter's own two, and the plug-in's Throughput Shaping Timer.
    static let kinds: Set = [
        "ConstantThroughputTimer", "PreciseThroughputTimer", "VariableThroughputTimer",
    ]
}
