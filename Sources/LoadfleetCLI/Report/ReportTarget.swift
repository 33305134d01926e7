// One `-o`: which report, and where to.
import ArgumentParser

/// A report and its destination.
package struct ReportTarget: ExpressibleByArgument, Equatable, Sendable {
    /// The reports there are.
    package enum Format: String, CaseIterable, Sendable {
        case table, json, csv, markdown, junit, html, statistics, openmetrics, influx
    }

    package let format: Format
    /// The file to write; nil for stdout.
    package let path: String?

    /// A report on stdout.
    init(_ format: Format) {
        self.format = format
        path = nil
    }

    /// Reads `format` or `format=path`.
    package init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let format = Format(rawValue: String(parts[0])) else { return nil }
        self.format = format
        path = parts.count > 1 ? String(parts[1]) : nil
        if path == "" { return nil }
    }

    package static var allValueStrings: [String] { Format.allCases.map(\.rawValue) }
}
