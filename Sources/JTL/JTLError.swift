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
    case intervals(source: String, reason: String)

    /// Intervals can't tell the samples of one second apart, which a stretch of time would need.
    case finerThanSecond

    /// Intervals don't hold the order of samples, which a window of the last ones would need.
    case windowOfIntervals

    /// One line saying what happened and where.
    public var message: String {
        switch self {
        case .notAJTL(let source, let found, _): "\(source) is not a CSV JTL: \(found)"
        case .missingColumn(let name, let source): "\(source) has no column \(name) in its header"
        case .timestampPattern(let pattern, let unknown):
            "cannot read the time stamp pattern '\(pattern)': \(unknown)"
        case .intervals(let source, let reason): "cannot read intervals from \(source): \(reason)"
        case .finerThanSecond: "intervals can be cut at whole seconds only"
        case .windowOfIntervals: "intervals do not tell which samples of a label were the last"
        }
    }

    /// What to do about it.
    public var hint: String? {
        switch self {
        case .notAJTL(_, _, let hint): hint
        case .missingColumn(let name, _):
            "save results with the column \(name); JMeter's defaults write it"
        case .intervals: "fetch or copy the file again, or make it again from the samples"
        case .finerThanSecond:
            "give times on a whole second, or the samples (JTL) instead of intervals"
        case .windowOfIntervals:
            "give the samples (JTL) instead of intervals, or leave out the window"
        case .timestampPattern:
            "use the letters y M d H h a m s S X Z, and 'text' for anything else"
        }
    }
}
