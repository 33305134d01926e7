// The JSON in which containers, instances, processes and SSO hand over credentials: four
// spellings of the same five fields. Errors say which field is wrong, never what is in it.

internal import FoundationEssentials
internal import SigV4

/// A JSON document with a credential; names count in any case.
struct CredentialDocument: Discreet {
    private let fields: [String: JSONValue]
    private let source: String

    /// Reads a document.
    ///
    /// - Throws: ``AccessError`` when it is no JSON object.
    init(_ bytes: [UInt8], source: String) throws(AccessError) {
        guard case .object(let members)? = try? JSONValue.read(bytes) else {
            throw AccessError(
                .sourceFailed, "\(source): could not parse response: invalid JSON in response")
        }
        self.init(.object(members), source: source)
    }

    init(_ value: JSONValue, source: String) {
        var fields: [String: JSONValue] = [:]
        if case .object(let members) = value {
            for member in members { fields[member.name.lowercased()] = member.value }
        }
        self.fields = fields
        self.source = source
    }

    /// Whose document it is.
    var description: String { "an answer of \(source)" }

    /// The document in a field.
    func part(_ name: String) throws(AccessError) -> CredentialDocument {
        guard let value = fields[name.lowercased()] else { throw missing(name) }
        return CredentialDocument(value, source: source)
    }

    /// A field's text; blank counts as absent.
    func text(_ names: String...) -> String? {
        for name in names {
            switch fields[name.lowercased()] {
            case .string(let text)? where !text.trimmed.isEmpty: return text
            case .number(let text)?: return text
            default: continue
            }
        }
        return nil
    }

    func missing(_ name: String) -> AccessError {
        AccessError(.sourceFailed, "\(source): the answer has no `\(name)`")
    }

    /// A time: ISO 8601, or milliseconds since 1970.
    func time(_ name: String) throws(AccessError) -> Date? {
        guard let text = text(name) else { return nil }
        var time: Date?
        if case .number? = fields[name.lowercased()] {
            time = Double(text).map { Date(timeIntervalSince1970: $0 / 1000) }
        } else if Double(text) == nil {
            // Older releases of the AWS command line end the times in their cache with UTC.
            time = WireTime.read(text.hasSuffix("UTC") ? text.dropLast(3) + "Z" : text)
        }
        guard let time, Self.years.contains(time.timeIntervalSince1970) else {
            throw AccessError(.sourceFailed, "\(source): `\(name)` of the answer is no time")
        }
        return time
    }

    /// The seconds since 1970 of the years that can be written with four digits.
    private static let years = -62_167_219_200.0..<253_402_300_800.0

    /// The credential in the document.
    func grant(account: String? = nil) throws(AccessError) -> Grant {
        guard let id = try key("AccessKeyId") else { throw missing("AccessKeyId") }
        guard let secret = try key("SecretAccessKey") else { throw missing("SecretAccessKey") }
        let tokens = (try key("SessionToken"), try key("Token"))
        return Grant(
            Credential(
                accessKeyID: id, secretAccessKey: secret, sessionToken: tokens.0 ?? tokens.1),
            expiration: try time("Expiration"), account: text("AccountId") ?? account,
            source: source)
    }

    /// A field that goes into headers: a line break in it would begin another one.
    private func key(_ name: String) throws(AccessError) -> String? {
        guard let text = text(name) else { return nil }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw AccessError(
                .sourceFailed, "\(source): `\(name)` of the answer has characters no key has")
        }
        return text
    }
}
