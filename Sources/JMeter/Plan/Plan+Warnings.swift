// What in a plan works otherwise in a fleet than on one machine.

extension Plan {
    /// Things that every worker has to itself, though the plan may mean the whole load.
    package var warnings: [PlanNote] {
        document.elements.filter(\.isEnabled).compactMap { element in
            warning(for: element).map {
                PlanNote(.warning, "\(element.kind) '\(element.name)' \($0)", line: element.line)
            }
        }
            + functionWarnings + endlessGroups
            + varyingFileNames.map { varying in
                let element = document.elements[varying.element]
                return PlanNote(
                    .warning,
                    "\(element.kind) '\(element.name)' reads \(varying.text), whose name is "
                        + "known only while JMeter runs: such files are not shipped to the workers",
                    line: element.line)
            }
    }

    private func warning(for element: TestElement) -> String? {
        switch element.kind {
        case "TestPlan"
        where !document.text("TestPlan.user_define_classpath", of: element.node).isEmpty:
            "adds jars to JMeter, which are not shipped: put them into JMeter's lib folder"
        case "SyncTimer", "SynchronizingTimer":
            "waits for threads of its own worker only: its group size must not exceed a worker's share"
        case "CriticalSectionController": "locks threads of its own worker only"
        case "CounterConfig": "counts on every worker from its start value: numbers repeat"
        case "IncludeController": "is copied as it is: what the file includes is not shared out"
        default: nil
        }
    }

    private var functionWarnings: [PlanNote] {
        let node = document.nodes.first { node in
            ([node.text] + node.attributes.values).contains {
                $0.utf8.contains(UInt8(ascii: "$")) && $0.contains("${__counter(")
            }
        }
        guard let node else { return [] }
        return [
            PlanNote(
                .warning, "__counter counts on every worker from 1: numbers repeat",
                line: node.ranges.line)
        ]
    }

    /// Groups that only an outside stop ends: no number of loops, and no duration.
    private var endlessGroups: [PlanNote] {
        document.groupIndices.compactMap { index in
            let element = document.elements[index]
            let hasDuration = document.text("ThreadGroup.scheduler", of: element.node) == "true"
            let main = document.property("ThreadGroup.main_controller", of: element.node)
            guard element.isEnabled, !hasDuration, let loop = main?.whole else { return nil }
            // JMeter takes an absent continue_forever for true, and then the loops don't count.
            let isForever = document.text("LoopController.continue_forever", of: loop) != "false"
            guard isForever || document.text("LoopController.loops", of: loop) == "-1" else {
                return nil
            }
            return PlanNote(
                .warning, "thread group '\(element.name)' has no end: it runs until it is stopped",
                line: element.line)
        }
    }
}
