// This room takes results to where people look at them: a search, a time series, a bucket. It knows
// summaries, samples and servers; it must never know fleets, stores or the terminal.

internal import HTTP

/// What of a run is sent.
package enum ExportedPart: String, CaseIterable, Sendable {
    /// Figures and verdict.
    case summary
    /// Each sample by itself.
    case samples
    /// The two together.
    case both

    /// Whether samples belong to it.
    package var hasSamples: Bool { self != .summary }
    /// Whether figures and verdict belong to it.
    package var hasSummary: Bool { self != .samples }
}

/// Where results go, as said by `--to kind=URL`.
package struct ExportTarget: Sendable {
    /// What is spoken there.
    package enum Kind: String, CaseIterable, Sendable {
        case opensearch, pushgateway, influx, s3

        /// What is sent there unless something else is asked for.
        package var usualPart: ExportedPart {
            switch self {
            case .opensearch, .s3: .both
            // A sample by itself is no metric, and is rarely wanted as a point in time.
            case .pushgateway, .influx: .summary
            }
        }
    }

    /// The place itself.
    package enum Place: Sendable {
        case openSearch(Server)
        case pushgateway(Server)
        /// Its URL is the one to write to.
        case influx(Server)
        /// A prefix, empty or ending with a slash, in a bucket.
        case bucket(String, prefix: String)
    }

    package let kind: Kind
    package let place: Place

    /// Reads a target; `variables` may hold what the server wants to know who asks.
    ///
    /// - Throws: ``ExportError/target(_:hint:)``.
    package init(_ text: String, variables: [String: String]) throws(ExportError) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let kind = Kind(rawValue: parts[0]) else {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            // What stands behind may be a password.
            let head = text.prefix { $0 != "=" && $0 != ":" }
            throw ExportError.target(
                "'\(head)…' is nothing that results can be sent to",
                hint: "write KIND=URL, where KIND is one of \(known)")
        }
        self.kind = kind
        place =
            switch kind {
            case .s3: try Self.bucket(parts[1])
            case .opensearch: .openSearch(try Server(parts[1], of: kind, in: variables))
            case .pushgateway: .pushgateway(try Server(parts[1], of: kind, in: variables))
            case .influx:
                .influx(try InfluxExport.checked(Server(parts[1], of: kind, in: variables)))
            }
    }

    private static func bucket(_ text: String) throws(ExportError) -> Place {
        guard text.hasPrefix("s3://") else {
            throw .target("'\(text)' is no place in S3", hint: "write it like s3://bucket/prefix")
        }
        let parts = text.dropFirst(5).split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bucket = parts.first, !bucket.isEmpty else {
            throw .target("'\(text)' names no bucket", hint: "write it like s3://bucket/prefix")
        }
        let prefix = parts.count > 1 ? String(parts[1]) : ""
        return .bucket(
            String(bucket), prefix: prefix.isEmpty || prefix.hasSuffix("/") ? prefix : prefix + "/")
    }

    /// What of a run is sent here, where `wish` is what was asked for.
    ///
    /// - Throws: ``ExportError/target(_:hint:)`` where nothing would be left.
    package func part(wish: ExportedPart?) throws(ExportError) -> ExportedPart {
        guard let wish else { return kind.usualPart }
        guard kind == .pushgateway, wish.hasSamples else { return wish }
        guard wish.hasSummary else {
            throw .target(
                "a Pushgateway takes no samples", hint: "leave --what out, or send a summary there")
        }
        return .summary
    }
}

extension ExportTarget: CustomStringConvertible {
    /// The place without what may be secret in it.
    package var description: String {
        switch place {
        case .openSearch(let server), .pushgateway(let server), .influx(let server):
            "\(kind.rawValue) at \(server.url.authority)"
        case .bucket(let bucket, let prefix): "s3://\(bucket)/\(prefix)"
        }
    }
}
