// Writing the workers' plans.

extension Plan {
    /// Deals the plan's totals out over the workers of a fleet.
    ///
    /// - Throws: ``JMeterError`` when a shared number can't be known before the run, or can't be
    ///   dealt out over so many workers (cause `share`).
    package func dealt(_ shareOut: ShareOut) throws(JMeterError) -> DealtPlan {
        let rate = try fleetRate(shareOut)
        let values = try resolvedValues(
            properties: shareOut.properties, without: rate == nil ? [] : ThroughputTimer.kinds)
        do throws(DealFault) {
            let deal = try Deal(document, shareOut, values: values)
            return DealtPlan(
                plan: self, deal: deal, rates: rate?.perMinute.shares(by: deal.loadWeights))
        } catch {
            throw fault(error.element, error.what, hint: error.hint, cause: .share)
        }
    }

    /// The plan of worker `index` (from 0) in `standalone` mode.
    ///
    /// - Throws: ``JMeterError`` as ``dealt(_:)``.
    ///
    /// With a `gate`, a path relative to where JMeter is started, it waits there for its start: see
    /// ``StartGate``.
    package func shared(
        _ shareOut: ShareOut, worker index: Int, files: [DataFile] = [], gate: String? = nil
    ) throws(JMeterError) -> SharedPlan {
        try dealt(shareOut).plan(of: index, files: files, gate: gate)
    }

    /// The plan of all workers in `remote` mode, shared out by properties of the servers.
    ///
    /// - Throws: ``JMeterError`` as ``dealt(_:)``, and when a number stands where JMeter
    ///   evaluates no expression (cause `share`).
    package func sharedByProperty(
        _ shareOut: ShareOut, files: [DataFile] = []
    ) throws(JMeterError) -> PropertySharedPlan {
        try dealt(shareOut).planByProperty(files: files)
    }

    private func fleetRate(_ shareOut: ShareOut) throws(JMeterError) -> ExactDecimal? {
        guard let text = shareOut.rps else { return nil }
        guard let rate = ExactDecimal(text), !rate.isZero else {
            throw JMeterError(
                .share, "the fleet's rate is '\(text)', which is no number above 0",
                hint: "state samples per second, as in 5000 or 0.5")
        }
        return rate
    }
}

/// A plan dealt out over the workers of a fleet.
package struct DealtPlan: Sendable {
    let plan: Plan
    let deal: Deal
    /// The samples per minute of each worker, where the fleet has a rate of its own.
    let rates: [ExactDecimal]?

    private var document: PlanDocument { plan.document }

    /// The number of threads of each enabled group that states one, in the plan's order.
    package func groups(of worker: Int) -> [GroupShare] { deal.groupShares(worker: worker) }

    /// The plan as it is shipped to all nodes, which then take their shares of it: no listener
    /// writes a file, and data files have the names that workers know them by.
    package func shipped(files: [DataFile]) -> [UInt8] {
        var edits = ByteEdits()
        editForFleet(&edits, files: files)
        return edits.applied(to: plan.bytes)
    }

    /// The plan of worker `index` (from 0) in `standalone` mode.
    package func plan(
        of index: Int, files: [DataFile] = [], gate: String? = nil
    ) -> SharedPlan {
        var edits = ByteEdits()
        for group in deal.groups where !deal.runs(group, worker: index) {
            document.disable(document.elements[group], in: &edits, of: plan.bytes)
        }
        for number in deal.numbers {
            let value = number.total.value
            if let group = document.elements[value.element].group {
                guard deal.runs(group, worker: index) else { continue }
                // Where a setUp group runs, it runs as written.
                if deal.isPreparing(group), group == value.element { continue }
            }
            guard let text = number.texts[index] else {
                if let row = value.row { edits.replace(document.nodes[row].ranges.whole, with: "") }
                continue
            }
            guard text != number.total.value.property.text else { continue }
            document.set(value.property, to: text, in: &edits, of: plan.bytes)
        }
        setRate(to: rates?[index].text, in: &edits)
        let isGated = gate.map { setGate($0, in: &edits) } ?? false
        editForFleet(&edits, files: files)
        return SharedPlan(
            bytes: edits.applied(to: plan.bytes), groups: groups(of: index), isGated: isGated,
            samplesPerSecond: rates.map { $0[index].double / 60 }, notes: notes)
    }

    /// The plan of all workers in `remote` mode, and the properties of each worker's server.
    ///
    /// JMeter's client sends one plan to every server, and each server evaluates `${__P(…)}`
    /// with its own properties: so a number that differs becomes such an expression.
    ///
    /// - Throws: ``JMeterError`` of cause `share` for a number that differs and stands where
    ///   JMeter evaluates no expression.
    package func planByProperty(
        files: [DataFile] = []
    ) throws(JMeterError) -> PropertySharedPlan {
        let workers = 0..<deal.shareOut.workers
        var edits = ByteEdits()
        var properties = workers.map { _ in [String: String]() }
        for (position, number) in deal.numbers.enumerated() {
            let value = number.total.value
            let first = number.texts.first ?? nil
            let same = number.texts.allSatisfy { $0 == first } ? first : nil
            if let text = same ?? (value.row == nil ? nil : number.common) {
                guard text != value.property.text else { continue }
                document.set(value.property, to: text, in: &edits, of: plan.bytes)
                continue
            }
            guard value.row == nil else { throw notSharable(value) }
            let name = "loadfleet.share.\(position)"
            for worker in workers { properties[worker][name] = number.texts[worker] }
            document.setExpression(
                value.property, named: value.name, to: "${__P(\(name))}", in: &edits)
        }
        if let rates {
            let name = "loadfleet.share.rps"
            for worker in workers { properties[worker][name] = rates[worker].text }
            setRate(to: "${__P(\(name))}", in: &edits)
        }
        editForFleet(&edits, files: files)
        return PropertySharedPlan(
            bytes: edits.applied(to: plan.bytes), properties: properties,
            groups: workers.map { groups(of: $0) }, notes: notes)
    }

    private func notSharable(_ value: SharedValue) -> JMeterError {
        let element = document.elements[value.element]
        return JMeterError(
            .share, "\(element.kind) '\(element.name)' can't be shared out in remote mode",
            file: plan.path, line: element.line,
            hint: "run it in standalone mode, or with --per-worker")
    }

    // MARK: - What every worker's plan needs

    /// The elements that `--rps` takes the place of.
    var overriddenTimers: [TestElement] {
        guard rates != nil else { return [] }
        return document.elements.filter {
            $0.isEnabled && ThroughputTimer.kinds.contains($0.kind)
        }
    }

    /// Puts one timer over the whole plan in place of the plan's own ones.
    ///
    /// It is JMeter's Constant Throughput Timer in its mode 3, all active threads (shared): the one
    /// timer of JMeter's own that holds one rate for all groups together. A Precise Throughput
    /// Timer would give the rate to each group anew.
    private func setRate(to samplesPerMinute: String?, in edits: inout ByteEdits) {
        guard let samplesPerMinute, let tree = document.planTree else { return }
        for timer in overriddenTimers { document.disable(timer, in: &edits, of: plan.bytes) }
        let start = document.nodes[tree].ranges.content.lowerBound
        let kind = "ConstantThroughputTimer"
        edits.insert(
            "<\(kind) guiclass=\"TestBeanGUI\" testclass=\"\(kind)\" testname=\"--rps\">"
                + "<intProp name=\"calcMode\">3</intProp><stringProp name=\"throughput\">"
                + "\(samplesPerMinute)</stringProp></\(kind)><hashTree/>", at: start)
    }

    /// Puts a variable before everything else in the plan, whose value JMeter reads from a file when
    /// the plan is loaded and nothing of it runs yet; whether there is a place for it.
    private func setGate(_ path: String, in edits: inout ByteEdits) -> Bool {
        guard let tree = document.planTree else { return false }
        func text(_ name: String, _ value: String) -> String {
            "<stringProp name=\"\(name)\">\(xmlEscaped(value))</stringProp>"
        }
        let name = "loadfleet.start"
        edits.insert(
            "<Arguments guiclass=\"ArgumentsPanel\" testclass=\"Arguments\" "
                + "testname=\"\(name)\"><collectionProp name=\"Arguments.arguments\">"
                + "<elementProp name=\"\(name)\" elementType=\"Argument\">"
                + text("Argument.name", name)
                + text("Argument.value", "${__FileToString(\(path))}")
                + text("Argument.metadata", "=")
                + "</elementProp></collectionProp></Arguments><hashTree/>",
            at: document.nodes[tree].ranges.content.lowerBound)
        return true
    }

    /// No files of listeners, and data files by the names that workers know them by.
    private func editForFleet(_ edits: inout ByteEdits, files: [DataFile]) {
        for listener in plan.fileListeners {
            document.disable(listener, in: &edits, of: plan.bytes)
        }
        let names = Dictionary(files.map { ($0.name, $0.bundleName) }) { first, _ in first }
        for reference in plan.fileReferences(properties: deal.shareOut.properties) {
            guard let name = names[reference.name], name != reference.name,
                let property = reference.property
            else { continue }
            document.set(property, to: name, in: &edits, of: plan.bytes)
        }
    }
}
