// What in a plan works otherwise in a fleet than on one machine.

extension Plan {
    /// Things that every worker has to itself, though the plan may mean the whole load.
    package var warnings: [PlanNote] {
        document.elements.filter(\.isEnabled).compactMap { element in
            warning(for: element.kind).map {
                PlanNote(.warning, "\(element.kind) '\(element.name)' \($0)", line: element.line)
            }
        }
            + functionWarnings
            + varyingFileNames.map { varying in
                let element = document.elements[varying.element]
                return PlanNote(
                    .warning,
                    "\(element.kind) '\(element.name)' reads \(varying.text), whose name is "
                        + "known only while JMeter runs: such files are not shipped to the workers",
                    line: element.line)
            }
    }

    private func warning(for kind: String) -> String? {
        switch kind {
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
            ([node.text] + node.attributes.values).contains { $0.contains("${__counter(") }
        }
        guard let node else { return [] }
        return [
            PlanNote(
                .warning, "__counter counts on every worker from 1: numbers repeat",
                line: node.ranges.line)
        ]
    }
}
