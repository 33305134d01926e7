// JMeter's `${…}` expressions, as far as their value can be known before a run.
//
// Known are properties (`__P`, `__property`) and user-defined variables; everything else (other
// functions, variables that samplers set) only JMeter itself can know, while it runs.

/// Why an expression's value can't be known.
enum UnresolvedReason: Error, Equatable {
    /// A property that isn't given and has no default.
    case property(String)
    /// A variable that the plan doesn't define for all of the run.
    case variable(String)
    /// A function that only JMeter can call.
    case function(String)
    /// A variable that is defined by way of itself.
    case circle(String)
    /// `${` without its `}`.
    case unclosed

    /// The reason as the end of a sentence, after "because ".
    var text: String {
        switch self {
        case .property(let name): "the property \(name) is not given and has no default"
        case .variable(let name): "the plan defines no variable \(name)"
        case .function(let name): "\(name) has a value only while JMeter runs"
        case .circle(let name): "the variable \(name) is defined by way of itself"
        case .unclosed: "a ${ is not closed"
        }
    }

    /// What to do about it.
    var hint: String {
        switch self {
        case .property(let name): "give it: -J \(name)=…, or a default: ${__P(\(name),10)}"
        case .variable, .circle: "define it in the test plan's User Defined Variables"
        case .function: "state the number, or use ${__P(name,default)}"
        case .unclosed: "write ${name} or ${__P(name,default)}"
        }
    }
}

/// What expressions can refer to.
struct ExpressionResolver {
    /// JMeter properties of the run.
    let properties: [String: String]
    /// User-defined variables, as written in the plan.
    let variables: [String: String]

    /// The value of `text` with every `${…}` in it replaced.
    func resolve(_ text: String) throws(UnresolvedReason) -> String {
        try resolve(text, inside: [])
    }

    private func resolve(_ text: String, inside: [String]) throws(UnresolvedReason) -> String {
        guard text.contains("${") else { return text }
        var result = ""
        var rest = text[...]
        while let first = rest.first {
            if first == "\\", let next = rest.dropFirst().first, "$,\\".contains(next) {
                result.append(next)
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("${") {
                let body = rest.dropFirst(2)
                guard let end = Self.closingBrace(of: body) else { throw .unclosed }
                result += try value(of: String(body[..<end]), inside: inside)
                rest = body[end...].dropFirst()
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private func value(
        of reference: String, inside: [String]
    ) throws(UnresolvedReason) -> String {
        guard reference.hasPrefix("__") else {
            guard let text = variables[reference] else { throw .variable(reference) }
            guard !inside.contains(reference) else { throw .circle(reference) }
            return try resolve(text, inside: inside + [reference])
        }
        let name = String(reference.prefix { $0 != "(" })
        var arguments = Self.arguments(reference.dropFirst(name.count))
        guard name == "__P" || name == "__property", !arguments.isEmpty else {
            throw .function(name)
        }
        let property = try resolve(arguments.removeFirst(), inside: inside)
        if let value = properties[property] { return value }
        // __property(name, variable to set, default); __P(name, default).
        if name == "__property", !arguments.isEmpty { arguments.removeFirst() }
        guard let fallback = arguments.first else { throw .property(property) }
        return try resolve(fallback, inside: inside)
    }

    /// The index of the brace that closes a reference whose `${` is already read.
    private static func closingBrace(of body: Substring) -> Substring.Index? {
        var depth = 0
        var previous: Character?
        for index in body.indices {
            let character = body[index]
            if character == "{", previous == "$" { depth += 1 }
            if character == "}" {
                if depth == 0 { return index }
                depth -= 1
            }
            previous = character
        }
        return nil
    }

    /// The parts of `(a,b,c)`; commas inside nested references or after a backslash don't count.
    private static func arguments(_ list: Substring) -> [String] {
        guard list.hasPrefix("("), list.hasSuffix(")") else { return [] }
        var parts = [""]
        var depth = 0
        var isEscaped = false
        for character in list.dropFirst().dropLast() {
            if character == "," && depth == 0 && !isEscaped {
                parts.append("")
                continue
            }
            if character == "{" || character == "(" { depth += 1 }
            if character == "}" || character == ")" { depth -= 1 }
            if isEscaped && character == "," { parts[parts.count - 1].removeLast() }
            parts[parts.count - 1].append(character)
            isEscaped = character == "\\" && !isEscaped
        }
        return parts
    }
}
