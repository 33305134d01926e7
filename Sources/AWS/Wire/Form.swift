// The body of a query call: names and values like those of an HTML form, with structure spelled
// into the names (`Filter.1.Value.2`). EC2 numbers its lists right after their name; the other
// services of this kind put `member` in between.

internal import FoundationEssentials
internal import HTTP

/// The members of a query call.
package struct Form {
    /// How lists are spelled.
    enum Lists {
        /// `InstanceId.1`: EC2.
        case flat
        /// `StackPolicy.member.1`: STS and CloudFormation.
        case member
    }

    private let lists: Lists
    private let prefix: String
    private(set) var pairs: [(name: String, value: String)] = []

    /// A form that begins with the action and its version.
    init(action: String, version: String, lists: Lists) {
        self.init(lists: lists, prefix: "")
        set("Action", action)
        set("Version", version)
    }

    private init(lists: Lists, prefix: String) {
        self.lists = lists
        self.prefix = prefix
    }

    /// Adds a member; an absent value adds nothing.
    mutating func set(_ name: String, _ text: String?) {
        if let text { pairs.append((prefix + name, text)) }
    }

    mutating func set(_ name: String, _ number: Int?) { set(name, number.map { String($0) }) }
    mutating func set(_ name: String, _ bool: Bool?) { set(name, bool.map { String($0) }) }
    mutating func set(_ name: String, _ time: Date?) {
        set(name, time.map { WireTime.iso8601($0) })
    }
    mutating func set(_ name: String, _ word: (some RawRepresentable<String>)?) {
        set(name, word?.rawValue)
    }

    /// Adds a list of texts.
    mutating func set(_ name: String, _ texts: [String]) {
        for (index, text) in texts.enumerated() { set(item(name, index), text) }
    }

    /// Adds a structure; an absent one adds nothing.
    mutating func set(_ name: String, _ part: (some FormPart)?) {
        guard let part else { return }
        var inner = Form(lists: lists, prefix: "\(prefix)\(name).")
        part.write(to: &inner)
        pairs += inner.pairs
    }

    /// Adds a list of structures.
    mutating func set(_ name: String, _ parts: [some FormPart]) {
        for (index, part) in parts.enumerated() { set(item(name, index), part) }
    }

    private func item(_ name: String, _ index: Int) -> String {
        lists == .flat ? "\(name).\(index + 1)" : "\(name).member.\(index + 1)"
    }

    /// The form as `application/x-www-form-urlencoded`, sorted by nothing: in its own order.
    var bytes: [UInt8] {
        Array(
            pairs.map { "\(PercentCoding.encode($0.name))=\(PercentCoding.encode($0.value))" }
                .joined(separator: "&").utf8)
    }
}

/// A structure inside a query call.
protocol FormPart: Sendable {
    /// Adds the structure's members.
    func write(to form: inout Form)
}
