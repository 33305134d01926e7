// What in a plan its owner should know on any fleet, be it of one worker.

extension Plan {
    /// What a plan's owner should know, whatever the number of workers.
    package var warnings: [PlanNote] {
        document.elements.filter(\.isEnabled).compactMap { element in
            warning(for: element).map {
                PlanNote(.warning, "\(element.kind) '\(element.name)' \($0)", line: element.line)
            }
        }
            + endlessGroups
            + varyingFileNames.map { varying in
                let element = document.elements[varying.element]
                return PlanNote(
                    .warning,
                    "\(element.kind) '\(element.name)' reads \(varying.text), whose name is "
                        + "known only while JMeter runs: such files are not shipped to the workers",
                    line: element.line)
            }
    }

    /// Listeners that write a file, JMeter's own and those of plug-ins.
    var fileListeners: [TestElement] {
        document.elements.filter {
            $0.isEnabled && $0.kind.hasSuffix("ResultCollector")
                && !document.text("filename", of: $0.node).isEmpty
        }
    }

    private func warning(for element: TestElement) -> String? {
        switch element.kind {
        case "TestPlan"
        where !document.text("TestPlan.user_define_classpath", of: element.node).isEmpty:
            "adds jars to JMeter, which are not shipped: put them into JMeter's lib folder"
        case "ResultSaver":
            "saves files on the workers, which are not fetched"
        default: nil
        }
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
