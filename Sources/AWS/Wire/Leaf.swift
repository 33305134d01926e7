// The values at the leaves of an answer: texts, numbers, booleans and times, by the spellings of
// AWS's protocols. XML and JSON nodes are read through the same four calls, so that every call's
// answer reads alike.

internal import FoundationEssentials

/// A type that stands at the leaf of an answer.
protocol Leaf: Sendable {
    /// What a person calls it, for messages: `a whole number`.
    static var title: String { get }
    /// Reads the text of an XML element or a header.
    init?(wire text: String)
    /// Reads a JSON value.
    init?(wire value: JSONValue)
}

extension String: Leaf {
    static var title: String { "a text" }
    init?(wire text: String) { self = text }
    init?(wire value: JSONValue) {
        guard case .string(let text) = value else { return nil }
        self = text
    }
}

extension Int: Leaf {
    static var title: String { "a whole number" }
    init?(wire text: String) { self.init(text.trimmed) }
    init?(wire value: JSONValue) {
        guard case .number(let text) = value else { return nil }
        if let exact = Int(text) {
            self = exact
        } else {
            guard let double = Double(text), let exact = Int(exactly: double) else { return nil }
            self = exact
        }
    }
}

extension Double: Leaf {
    static var title: String { "a number" }
    init?(wire text: String) {
        switch text.trimmed {
        case "NaN": self = .nan
        case "Infinity": self = .infinity
        case "-Infinity": self = -.infinity
        case let text: self.init(text)
        }
    }
    init?(wire value: JSONValue) {
        switch value {
        case .number(let text): self.init(text)
        case .string(let text): self.init(wire: text)
        default: return nil
        }
    }
}

extension Bool: Leaf {
    static var title: String { "true or false" }
    init?(wire text: String) { self.init(text.trimmed) }
    init?(wire value: JSONValue) {
        guard case .bool(let bool) = value else { return nil }
        self = bool
    }
}

extension Date: Leaf {
    static var title: String { "a time" }
    init?(wire text: String) {
        guard let time = WireTime.read(text.trimmed) else { return nil }
        self = time
    }
    init?(wire value: JSONValue) {
        switch value {
        case .number(let text):
            guard let seconds = Double(text), seconds.isFinite else { return nil }
            self.init(timeIntervalSince1970: seconds)
        case .string(let text): self.init(wire: text)
        default: return nil
        }
    }
}

extension XMLNode {
    /// The value of a member; `nil` when it is absent.
    func value<Value: Leaf>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(AnswerFault) -> Value? {
        guard let child = child(name) else { return nil }
        return try child.leaf()
    }

    /// The value of a member that no answer lacks.
    func need<Value: Leaf>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(AnswerFault) -> Value {
        guard let value: Value = try value(name) else {
            throw .missing(name, in: self.name)
        }
        return value
    }

    /// The value of this element itself.
    func leaf<Value: Leaf>(as type: Value.Type = Value.self) throws(AnswerFault) -> Value {
        guard let value = Value(wire: text) else { throw .unreadable(name, Value.title) }
        return value
    }

    /// A member's text, where empty says the same as absent: tokens of pages.
    func token(_ name: String) -> String? {
        guard let text = child(name)?.text, !text.isEmpty else { return nil }
        return text
    }
}

extension JSONValue {
    /// The value of a member; `nil` when it is absent or null.
    func value<Value: Leaf>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(AnswerFault) -> Value? {
        guard let child = self[name] else { return nil }
        guard let value = Value(wire: child) else { throw .unreadable(name, Value.title) }
        return value
    }

    /// The value of a member that no answer lacks.
    func need<Value: Leaf>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(AnswerFault) -> Value {
        guard let value: Value = try value(name) else { throw .missing(name, in: "answer") }
        return value
    }
}
