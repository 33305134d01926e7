// Header fields in their order. Names compare without case, as RFC 9110 has it; a description
// leaves out the values in which credentials travel.

/// The header fields of a request or an answer.
package struct HTTPHeaders: Sendable, Hashable {
    /// One line of a header.
    package struct Field: Sendable, Hashable {
        /// The name as given.
        package let name: String
        /// The value without the space around it.
        package let value: String

        /// A field.
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// All fields in their order.
    package private(set) var fields: [Field]

    /// Headers of the given fields.
    package init(_ fields: [Field] = []) { self.fields = fields }

    /// The value of a field: several of one name joined by `, `; setting one replaces them all.
    package subscript(name: String) -> String? {
        get {
            let values = values(of: name)
            return values.isEmpty ? nil : values.joined(separator: ", ")
        }
        set {
            remove(name)
            if let newValue { add(name, newValue) }
        }
    }

    /// The values of all fields of that name.
    package func values(of name: String) -> [String] {
        fields.filter { Self.areEqual($0.name, name) }.map(\.value)
    }

    /// Adds a field after those that are there.
    package mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// Removes all fields of these names.
    package mutating func remove(_ names: String...) {
        // What is removed is mostly added anew: room for it saves growing again.
        var kept: [Field] = []
        kept.reserveCapacity(fields.count + names.count + 1)
        for field in fields where !names.contains(where: { Self.areEqual(field.name, $0) }) {
            kept.append(field)
        }
        fields = kept
    }

    /// The first field that cannot be sent: no token as its name, or a line break in its value.
    package var invalidField: Field? {
        for field in fields where !Self.canBeSent(field) { return field }
        return nil
    }

    private static func canBeSent(_ field: Field) -> Bool {
        !field.name.isEmpty && field.name.utf8.allSatisfy(isToken)
            && (least(of: field.value) > 0x0d
                || !field.value.utf8.contains { $0 == 0 || $0 == 0x0a || $0 == 0x0d })
    }

    /// The least byte: a loop without a way out, which takes many bytes at a time.
    private static func least(of text: String) -> UInt8 {
        let bytes = text.utf8Span.span
        var least = UInt8.max
        for index in bytes.indices { least = min(least, bytes[index]) }
        return least
    }

    private static func areEqual(_ one: String, _ other: String) -> Bool {
        guard one.utf8.count == other.utf8.count else { return false }
        return one == other
            || zip(one.utf8, other.utf8).allSatisfy { lowered($0) == lowered($1) }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    /// RFC 9110 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        byte < 128 && tokens[Int(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    /// A bit for each character of ASCII that a name may have.
    private static let tokens: InlineArray<2, UInt64> = {
        let letters = "abcdefghijklmnopqrstuvwxyz"
        var bits: InlineArray<2, UInt64> = [0, 0]
        for byte in (letters + letters.uppercased() + "0123456789!#$%&'*+-.^_`|~").utf8 {
            bits[Int(byte >> 6)] |= 1 << (byte & 63)
        }
        return bits
    }()
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    /// Headers as written down, in that order.
    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }
}

extension HTTPHeaders: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The fields as they describe themselves, one a line.
    package var description: String { fields.map(\.description).joined(separator: "\n") }

    /// The same as ``description``.
    package var debugDescription: String { description }

    /// Nothing inside, since `dump` would print it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension HTTPHeaders.Field: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The name, and the value where no secret travels under it; any other becomes `…`.
    ///
    /// A list of what may be shown, not of what may not: nobody can forget a name on it.
    package var description: String {
        "\(name): \(Self.shown.contains(name.lowercased()) ? value : "…")"
    }

    /// The same as ``description``.
    package var debugDescription: String { description }

    /// Nothing inside, since `dump` would print it.
    package var customMirror: Mirror { Mirror(self, children: []) }

    private static let shown: Set<String> = [
        "accept", "accept-ranges", "age", "connection", "content-length", "content-range",
        "content-type", "date", "etag", "host", "if-match", "if-none-match", "last-modified",
        "range", "retry-after", "server", "transfer-encoding", "user-agent", "x-amz-bucket-region",
        "x-amz-content-sha256", "x-amz-date", "x-amz-id-2", "x-amz-request-id",
        "x-amz-retry-after", "x-amz-target", "x-amzn-requestid",
    ]
}
