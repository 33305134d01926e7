// The shared numbers of a plan, resolved to what they are in this run.

/// A shared number whose total is known.
struct ResolvedValue {
    /// The number in the plan.
    let value: SharedValue
    /// Its value, with all expressions replaced.
    let text: String

    /// The total of a count or step.
    var count: Int { Int(text) ?? 0 }
}

extension Plan {
    /// The shared numbers of all enabled elements, checked to be numbers.
    func resolvedValues(properties: [String: String]) throws(JMeterError) -> [ResolvedValue] {
        let resolver = resolver(properties: properties)
        var result: [ResolvedValue] = []
        for index in document.elements.indices where document.elements[index].isEnabled {
            let values = document.sharedValues(of: index)
            if values.isEmpty && document.elements[index].group == index {
                throw fault(
                    index, "states no number of threads", hint: "open it in JMeter and save it")
            }
            for value in values {
                let text = try resolved(value, by: resolver)
                // An empty limit or step means "none"; a seed of 0 means "any".
                if text.isEmpty && value.rule == .step || value.rule == .seed && Int(text) ?? 0 == 0
                {
                    continue
                }
                try check(text, of: value)
                result.append(ResolvedValue(value: value, text: text))
            }
        }
        return result
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
        let isNumber =
            switch value.rule {
            case .count, .step: Int(text).map { $0 >= 0 } ?? false
            case .rate: Double(text).map { $0 >= 0 && $0.isFinite } ?? false
            case .schedule: OpenModelSchedule.divided(text, by: 1) != nil
            case .seed: Int(text) != nil
            }
        guard !isNumber else { return }
        let origin = text == value.property.text ? "" : " (from \(value.property.text))"
        let isCount = value.rule == .count || value.rule == .step
        throw fault(
            value.element,
            "\(words(for: value)) is '\(text)'\(origin), which is no "
                + (isCount ? "whole number of 0 or more" : "rate JMeter understands"),
            hint: isCount ? "JMeter would silently run 0 threads; state digits only" : nil)
    }

    private func words(for value: SharedValue) -> String {
        value.isThreads ? "the number of threads" : value.name
    }

    /// An error about a test element, naming it.
    private func fault(_ index: Int, _ what: String, hint: String?) -> JMeterError {
        let element = document.elements[index]
        let noun = element.group == index ? "thread group" : element.kind
        return JMeterError(
            .unresolved, "\(noun) '\(element.name)': \(what)", file: path, line: element.line,
            hint: hint)
    }
}
