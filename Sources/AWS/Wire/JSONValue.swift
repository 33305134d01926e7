// A JSON value: what JSON calls send, and what their answers are read from.
//
// Numbers stay texts, so that no digit is lost on the way, and members keep their order, so that
// what we send is the same bytes each time.

/// A JSON value.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number as it is written.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A name and its value.
    package struct Member: Sendable, Equatable {
        let name: String
        let value: JSONValue
    }

    /// The value of a member; `nil` when it is absent or null, or this is no object.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self,
            let value = members.first(where: { $0.name == name })?.value, value != .null
        else { return nil }
        return value
    }

    /// The items of a list member without nulls; none when it is absent.
    func items(_ name: String) -> [JSONValue] {
        guard case .array(let items)? = self[name] else { return [] }
        return items.filter { $0 != .null }
    }

    /// The values of an object's members, in their order; none when this is no object.
    var values: [JSONValue] {
        guard case .object(let members) = self else { return [] }
        return members.map(\.value)
    }

    /// A list of texts; none when it is absent.
    func texts(_ name: String) throws(AnswerFault) -> [String] {
        var texts: [String] = []
        for item in items(name) {
            guard let text = String(wire: item) else { throw .unreadable(name, String.title) }
            texts.append(text)
        }
        return texts
    }
}

/// Collects the members of a JSON object that are there.
package struct JSONObject {
    private(set) var members: [JSONValue.Member] = []

    /// The object as a value.
    var value: JSONValue { .object(members) }

    /// Adds a member; an absent value adds nothing.
    mutating func set(_ name: String, _ value: JSONValue?) {
        if let value { members.append(.init(name: name, value: value)) }
    }

    mutating func set(_ name: String, _ text: String?) { set(name, text.map(JSONValue.string)) }
    mutating func set(_ name: String, _ number: Int?) {
        set(name, number.map { JSONValue.number(String($0)) })
    }
    mutating func set(_ name: String, _ bool: Bool?) { set(name, bool.map(JSONValue.bool)) }

    /// Adds a list of texts; an empty one adds nothing.
    mutating func set(_ name: String, _ texts: [String]) {
        if !texts.isEmpty { set(name, .array(texts.map(JSONValue.string))) }
    }

    /// Adds a map of texts, sorted by key; an empty one adds nothing.
    mutating func set(_ name: String, _ texts: [String: String]) {
        guard !texts.isEmpty else { return }
        let members = texts.sorted { $0.key < $1.key }
        set(name, .object(members.map { .init(name: $0.key, value: .string($0.value)) }))
    }
}
