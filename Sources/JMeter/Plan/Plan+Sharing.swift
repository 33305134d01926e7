// Writing the workers' plans.

extension Plan {
    /// The plan of worker `index` (from 0) in `standalone` mode.
    ///
    /// - Throws: ``JMeterError`` when a shared number can't be known before the run.
    package func shared(
        _ shareOut: ShareOut, worker index: Int, files: [DataFile] = []
    ) throws(JMeterError) -> SharedPlan {
        let deal = try deal(shareOut)
        var edits = ByteEdits()
        for group in deal.groups where !deal.runs(group, worker: index) {
            document.disable(document.elements[group], in: &edits, of: bytes)
        }
        for value in deal.values {
            let group = document.elements[value.value.element].group
            if let group, !deal.runs(group, worker: index) { continue }
            let text = deal.text(value, worker: index)
            guard deal.isShared, text != value.value.property.text else { continue }
            document.set(value.value.property, to: text, in: &edits, of: bytes)
        }
        let notes = notes(of: deal) + editForFleet(&edits, files: files, shareOut.properties)
        return SharedPlan(
            bytes: edits.applied(to: bytes), groups: deal.groupShares(worker: index), notes: notes)
    }

    /// The plan of all workers in `remote` mode, shared out by properties of the servers.
    ///
    /// JMeter's client sends one plan to every server, and each server evaluates `${__P(…)}`
    /// with its own properties: so a number that differs becomes such an expression.
    ///
    /// - Throws: ``JMeterError`` when a shared number can't be known, or stands where JMeter
    ///   evaluates no expression (cause `share`).
    package func sharedByProperty(
        _ shareOut: ShareOut, files: [DataFile] = []
    ) throws(JMeterError) -> PropertySharedPlan {
        let deal = try deal(shareOut)
        let workers = 0..<shareOut.workers
        var edits = ByteEdits()
        var properties = workers.map { _ in [String: String]() }
        for (number, value) in deal.values.enumerated() where deal.isShared {
            let texts = workers.map { deal.text(value, worker: $0) }
            let property = value.value.property
            if let text = texts.first, texts.allSatisfy({ $0 == text }) {
                guard text != property.text else { continue }
                document.set(property, to: text, in: &edits, of: bytes)
                continue
            }
            guard !value.value.isInTable else { throw notSharable(value.value) }
            let name = "loadfleet.share.\(number)"
            for worker in workers { properties[worker][name] = texts[worker] }
            document.setExpression(
                property, named: value.value.name, to: "${__P(\(name))}", in: &edits)
        }
        let notes = notes(of: deal) + editForFleet(&edits, files: files, shareOut.properties)
        return PropertySharedPlan(
            bytes: edits.applied(to: bytes), properties: properties,
            groups: workers.map { deal.groupShares(worker: $0) }, notes: notes)
    }

    func deal(_ shareOut: ShareOut) throws(JMeterError) -> Deal {
        Deal(
            document: document, shareOut: shareOut,
            values: try resolvedValues(properties: shareOut.properties))
    }

    private func notSharable(_ value: SharedValue) -> JMeterError {
        let element = document.elements[value.element]
        return JMeterError(
            .share, "\(element.kind) '\(element.name)' can't be shared out in remote mode",
            file: path, line: element.line, hint: "run it in standalone mode, or with --per-worker")
    }

    /// What every worker's plan needs, whatever the mode: no listener files, reachable data files.
    private func editForFleet(
        _ edits: inout ByteEdits, files: [DataFile], _ properties: [String: String]
    ) -> [PlanNote] {
        var notes: [PlanNote] = []
        for element in document.elements
        where element.isEnabled && element.kind == "ResultCollector" {
            let file = document.text("filename", of: element.node)
            guard !file.isEmpty else { continue }
            document.disable(element, in: &edits, of: bytes)
            notes.append(
                PlanNote(
                    .note,
                    "listener '\(element.name)' is off in the fleet: its file \(file) would "
                        + "slow the workers down, and the run's results hold the same",
                    line: element.line))
        }
        let names = Dictionary(files.map { ($0.name, $0.bundleName) }) { first, _ in first }
        for reference in fileReferences(properties: properties) {
            guard let name = names[reference.name], name != reference.name,
                let property = reference.property
            else { continue }
            document.set(property, to: name, in: &edits, of: bytes)
        }
        return notes
    }

    private func notes(of deal: Deal) -> [PlanNote] {
        guard deal.isShared else { return [] }
        let workers = deal.shareOut.workers
        return deal.groups.compactMap { group in
            let element = document.elements[group]
            let running = (0..<workers).count { deal.runs(group, worker: $0) }
            switch document.groupKind(of: group) {
            case .setUp, .tearDown:
                return PlanNote(
                    .note, "'\(element.name)' runs on the first worker only", line: element.line)
            case .plain where running == 0:
                return PlanNote(.warning, "'\(element.name)' has 0 threads", line: element.line)
            case .plain where running < workers:
                return PlanNote(
                    .note,
                    "'\(element.name)' has fewer threads than there are workers: it runs on "
                        + "\(running) of \(workers)", line: element.line)
            case .plain, .arrivals:
                return nil
            }
        }
    }
}
