// How records are written: JSON with snake_case names, times in ISO 8601 with milliseconds, and a
// `version` beside the fields, so that an older loadfleet can say that it is too old.

package import FoundationEssentials

/// Something that stands at a key of the store.
package protocol Record: Codable, Sendable {
    /// Raised when a field changes its meaning; new optional fields keep it.
    static var version: Int { get }
}

extension Record {
    package static var version: Int { 1 }
}

private struct Envelope<Content: Record>: Codable {
    let version: Int
    let content: Content

    private enum CodingKeys: String, CodingKey { case version }

    init(_ content: Content) {
        version = Content.version
        self.content = content
    }

    init(from decoder: any Decoder) throws {
        version = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .version)
        content = try Content(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try content.encode(to: encoder)
    }
}

private struct VersionOnly: Decodable { let version: Int }

/// Records to bytes and back.
package enum RecordCoding {
    package static func encoder(pretty: Bool = false) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting =
            pretty
            ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            : [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(milliseconds))
        }
        return encoder
    }

    package static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = try decoder.singleValueContainer().decode(String.self)
            return try Date(text, strategy: milliseconds)
        }
        return decoder
    }

    /// `2026-11-21T03:52:13.123Z`.
    package static let milliseconds = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    package static func data(_ record: some Record) throws -> Data {
        try encoder().encode(Envelope(record))
    }

    /// Reads a record back.
    ///
    /// - Throws: ``StoreError/tooNew(key:version:)`` or ``StoreError/unreadable(key:reason:)``.
    package static func record<R: Record>(_ type: R.Type, from data: Data, at key: StoreKey)
        throws(StoreError) -> R
    {
        do {
            let version = try decoder().decode(VersionOnly.self, from: data).version
            guard version <= R.version else {
                throw StoreError.tooNew(key: key.path, version: version)
            }
            return try decoder().decode(Envelope<R>.self, from: data).content
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unreadable(key: key.path, reason: describe(error))
        }
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            "'\(context.codingPath.map(\.stringValue).joined(separator: "."))': "
                + context.debugDescription
        default: "it is not JSON of the expected form"
        }
    }
}

extension ObjectStore {
    /// The record at a key, or `nil` where there is none.
    package func record<R: Record>(_ type: R.Type, at key: StoreKey) async throws -> R? {
        guard let data = try await read(key) else { return nil }
        return try RecordCoding.record(type, from: data, at: key)
    }

    package func put(_ record: some Record, at key: StoreKey) async throws {
        try await write(RecordCoding.data(record), to: key)
    }

    /// Puts a record only where nothing is yet; `false` if something was.
    package func create(_ record: some Record, at key: StoreKey) async throws -> Bool {
        try await create(RecordCoding.data(record), at: key)
    }

    /// Ends a run for everyone and frees its fleet; the first word on a run's end holds.
    ///
    /// Whoever comes late, such as a controller that was thought lost, changes nothing, least of
    /// all the lock of the run that has the fleet by now.
    package func conclude(_ request: RunRequest, _ outcome: RunOutcome) async throws {
        _ = try await create(outcome, at: RunKeys(request.id).outcome)
        let lock = FleetKeys(request.fleet).run
        if try await record(CurrentRun.self, at: lock)?.run == request.id {
            try await delete(lock)
        }
    }
}
