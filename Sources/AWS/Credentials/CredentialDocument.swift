// The JSON in which containers, instances, processes and SSO hand over credentials: four
// spellings of the same five fields. Errors say which field is wrong, never what is in it.

internal import FoundationEssentials
internal import SigV4

/// A JSON document with a credential; names count in any case.
struct CredentialDocument {
    private let fields: [String: JSONValue]
    private let source: String

    /// Reads a document.
    ///
    /// - Throws: ``AccessError`` when it is no JSON object.
    init(_ bytes: [UInt8], source: String) throws(AccessError) {
        guard case .object(let members)? = try? JSONValue.read(bytes) else {
            throw AccessError(
                .refused, "\(source): could not parse response: invalid JSON in response")
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
        AccessError(.refused, "\(source): the answer has no `\(name)`")
    }

    /// A time: ISO 8601, or milliseconds since 1970.
    func time(_ name: String) throws(AccessError) -> Date? {
        guard let text = text(name) else { return nil }
        if case .number? = fields[name.lowercased()], let milliseconds = Double(text) {
            return Date(timeIntervalSince1970: milliseconds / 1000)
        }
        guard let time = try? Date(text, strategy: .iso8601) else {
            throw AccessError(.refused, "\(source): `\(name)` of the answer is no time")
        }
        return time
    }

    /// The credential in the document.
    func grant(account: String? = nil) throws(AccessError) -> Grant {
        guard let id = text("AccessKeyId") else { throw missing("AccessKeyId") }
        guard let secret = text("SecretAccessKey") else { throw missing("SecretAccessKey") }
        return Grant(
            Credential(
                accessKeyID: id, secretAccessKey: secret,
                sessionToken: text("SessionToken", "Token")),
            expiration: try time("Expiration"), account: text("AccountId") ?? account,
            source: source)
    }
}
