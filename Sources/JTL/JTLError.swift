// Why a file cannot be read as a JTL at all. Single damaged lines are not errors: see
// `UnusableLines`.

/// The reasons for which a whole file is refused.
public enum JTLError: Error, Equatable, Sendable {
    /// The first line of `source` is neither a JTL header nor a row of a known layout.
    case notAJTL(source: String, found: String, hint: String)

    /// The header of `source` lacks a column without which no figure can be made.
    case missingColumn(String, source: String)

    /// A declared time stamp pattern uses what cannot be read, at the given letter.
    case timestampPattern(String, unknown: String)

    /// Bytes that should be intervals are damaged, or of another version.
    case intervals(reason: String)

    /// One line saying what happened and where.
    public var message: String {
        switch self {
        case .notAJTL(let source, let found, _): "\(source) is not a CSV JTL: \(found)"
        case .missingColumn(let name, let source): "\(source) has no column \(name) in its header"
        case .timestampPattern(let pattern, let unknown):
            "cannot read the time stamp pattern '\(pattern)': \(unknown)"
        case .intervals(let reason): "cannot read intervals: \(reason)"
        }
    }

    /// What to do about it.
    public var hint: String? {
        switch self {
        case .notAJTL(_, _, let hint): hint
        case .missingColumn(let name, _):
            "save results with the column \(name); JMeter's defaults write it"
        case .intervals: "write them again with the version of loadfleet that reads them"
        case .timestampPattern:
            "use the letters y M d H h a m s S X Z, and 'text' for anything else"
        }
    }
}
