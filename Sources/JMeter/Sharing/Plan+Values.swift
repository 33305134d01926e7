// The shared numbers of a plan, resolved to what they are in this run.

/// A shared number whose total is known.
struct ResolvedValue {
    /// The number in the plan.
    let value: SharedValue
    /// Its value, with all expressions replaced.
    let text: String

    /// The total as a whole number; 0 when it states none.
    var count: Int { Int(text) ?? 0 }
}

extension Plan {
    /// The shared numbers of all enabled elements but those of the kinds in `without`, checked to
    /// be numbers.
    func resolvedValues(
        properties: [String: String], without kinds: Set<String> = []
    ) throws(JMeterError) -> [ResolvedValue] {
        let resolver = resolver(properties: properties)
        var result: [ResolvedValue] = []
        for index in document.elements.indices {
            let element = document.elements[index]
            guard element.isEnabled, !kinds.contains(element.kind) else { continue }
            try checkOverride(of: index, properties: properties)
            let values = document.sharedValues(of: index)
            if values.isEmpty && element.group == index {
                throw fault(
                    index, "states no number of threads", hint: "open it in JMeter and save it")
            }
            for value in values {
                let text = try resolved(value, by: resolver)
                // Nothing in a field is 0 or the default; a seed of 0 means "any".
                if text.isEmpty && [.limit, .step, .given].contains(value.rule)
                    || value.rule == .seed && Int(text) ?? 0 == 0
                {
                    continue
                }
                try check(text, of: value)
                result.append(ResolvedValue(value: value, text: text))
            }
        }
        return result
    }

    /// Two plug-ins take a property in place of their table, which would then not be shared out.
    private func checkOverride(
        of index: Int, properties: [String: String]
    ) throws(JMeterError) {
        let overrides = [
            "VariableThroughputTimer": "load_profile", "UltimateThreadGroup": "threads_schedule",
        ]
        guard let name = overrides[document.elements[index].kind],
            properties[name].map({ !$0.isEmpty }) ?? false
        else { return }
        throw fault(
            index,
            "the property \(name) would take the place of its table on every worker, and not be "
                + "shared out", hint: "leave -J \(name) out, and state the load in the table")
    }

    /// What expressions in this plan can refer to.
    func resolver(properties: [String: String]) -> ExpressionResolver {
        var variables: [String: String] = [:]
        for element in document.elements where element.isEnabled {
            var list: Int?
            if element.kind == "TestPlan" {
                list = document.property("TestPlan.user_defined_variables", of: element.node)?.whole
            } else if element.kind == "Arguments" {
                list = element.node
            }
            guard let list, let table = document.property("Arguments.arguments", of: list) else {
                continue
            }
            for row in document.nodes[table.whole].children {
                variables[document.text("Argument.name", of: row)] =
                    document.text("Argument.value", of: row)
            }
        }
        return ExpressionResolver(properties: properties, variables: variables)
    }

    private func resolved(
        _ value: SharedValue, by resolver: ExpressionResolver
    ) throws(JMeterError) -> String {
        do throws(UnresolvedReason) {
            return try resolver.resolve(value.property.text)
        } catch {
            throw fault(
                value.element,
                "\(words(for: value)) \(value.property.text) can't be known before the run, because "
                    + error.text, hint: error.hint)
        }
    }

    private func check(_ text: String, of value: SharedValue) throws(JMeterError) {
        let expected: String
        switch value.rule {
        case .threads, .count, .limit, .step, .given:
            // JMeter counts in 32 bits.
            guard Int32(text).map({ $0 >= 0 }) ?? false else {
                expected = "no whole number of 0 or more"
                break
            }
            return
        case .rate:
            guard ExactDecimal(text) == nil else { return }
            expected = "no rate JMeter understands"
        case .schedule:
            guard OpenModelSchedule(text) == nil else { return }
            expected = "no schedule JMeter 5.6 understands"
        case .seed:
            guard Int(text) == nil else { return }
            expected = "no whole number"
        }
        let origin = text == value.property.text ? "" : " (from \(value.property.text))"
        throw fault(
            value.element, "\(words(for: value)) is '\(text)'\(origin), which is \(expected)",
            hint: hint(for: value.rule))
    }

    private func hint(for rule: SharedValue.Rule) -> String? {
        switch rule {
        case .threads, .count, .limit, .step:
            "JMeter would silently run 0 threads; state digits only"
        case .given: "state digits only"
        case .schedule: "write it as in rate(10/sec) random_arrivals(1 min)"
        case .rate, .seed: nil
        }
    }

    private func words(for value: SharedValue) -> String {
        value.rule == .threads ? "the number of threads" : value.name
    }

    /// An error about a test element, naming it.
    func fault(
        _ index: Int, _ what: String, hint: String?, cause: JMeterError.Cause = .unresolved
    ) -> JMeterError {
        let element = document.elements[index]
        let noun = element.group == index ? "thread group" : element.kind
        return JMeterError(
            cause, "\(noun) '\(element.name)': \(what)", file: path, line: element.line,
            hint: hint)
    }
}
