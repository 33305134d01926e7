// The summary as files that other programs read: JSON and CSV.

package import FoundationEssentials

extension Summary {
    /// The contents of `summary.json`: indented, or on one line.
    ///
    /// - Throws: `EncodingError`, which no summary of this room brings about.
    package func json(indented: Bool = true) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if indented { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Reads the contents of a `summary.json`.
    ///
    /// - Throws: `DecodingError` where it is not one of version 1.
    package init(json: Data) throws {
        self = try JSONDecoder().decode(Summary.self, from: json)
    }
}

/// The summary as comma-separated values (RFC 4180), one line a label and the total last.
package enum CSVReport {
    /// The whole file.
    package static func text(_ summary: Summary) -> String {
        let titles = ["label", "kind"] + RowFigure.all.map(\.name)
        let lines = (summary.labels + [summary.total]).map { fields($0).joined(separator: ",") }
        return ([titles.joined(separator: ",")] + lines).map { $0 + "\r\n" }.joined()
    }

    private static func fields(_ row: SummaryRow) -> [String] {
        [field(row.label), row.kind.rawValue] + RowFigure.all.map { $0.value(row)?.text ?? "" }
    }

    /// A text field; one that a spreadsheet would run as a formula gets an apostrophe in front.
    static func field(_ text: String) -> String {
        let starts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n"]
        let isFormula = text.unicodeScalars.first.map(starts.contains) ?? false
        return quoted(isFormula ? "'" + text : text)
    }

    /// A text field, in quotes where it needs them.
    static func quoted(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
            return text
        }
        return "\"" + text.replacing(scalars: ["\"": "\"\""]) + "\""
    }
}
