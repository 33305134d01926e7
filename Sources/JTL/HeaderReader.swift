// The first line decides how all others are read: which byte separates fields, and which column
// holds what. Each possible delimiter is tried; the one under which the line makes sense wins.
// A line that makes sense under none means that the file is something else.

/// Reads the first line of a file.
enum HeaderReader {
    /// How many bytes a first line may have.
    static let limit = 1 << 20

    /// What the first line told.
    struct Start {
        let delimiter: UInt8
        let plan: ColumnPlan
        /// False where the first line is a sample already.
        let isHeader: Bool
    }

    /// The length of the first line, or nil while its end has not come.
    ///
    /// The delimiter is not known yet, so quotes are only counted: a line end behind an odd number
    /// of them lies inside a field.
    static func firstLine(of bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool) -> Int? {
        var isInside = false
        for (index, byte) in bytes.prefix(limit).enumerated() {
            if byte == quote { isInside.toggle() }
            if isLineEnd(byte), !isInside { return index }
        }
        return atEnd || bytes.count >= limit ? min(bytes.count, limit) : nil
    }

    static func read(
        _ line: UnsafeBufferPointer<UInt8>, options: ReaderOptions
    ) throws(JTLError) -> Start {
        let delimiters = options.delimiter.map { [$0] } ?? likelyDelimiters(of: line)
        for delimiter in delimiters {
            let names = split(line, by: delimiter)
            guard HeaderName.isHeader(names) else { continue }
            let plan = ColumnPlan(header: names)
            if let column = plan.missing {
                throw .missingColumn(column.rawValue, source: options.source)
            }
            return Start(delimiter: delimiter, plan: plan, isHeader: true)
        }
        for delimiter in delimiters {
            let fields = split(line, by: delimiter)
            guard let plan = ColumnPlan.layout(fields: fields.count),
                isRow(fields, plan, options.timestamps)
            else { continue }
            return Start(delimiter: delimiter, plan: plan, isHeader: false)
        }
        throw refusal(of: line, options: options)
    }

    /// The usual delimiters, and what follows the first word: any byte may be configured.
    private static func likelyDelimiters(of line: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let usual = Array(",;\t|".utf8)
        let first = line.first { byte in
            let character = Character(Unicode.Scalar(byte))
            return byte > 0x20 && byte < 0x7F && byte != quote && !character.isLetter
                && !character.isNumber
        }
        guard let first, !usual.contains(first) else { return usual }
        return usual + [first]
    }

    /// The fields of a line as text.
    static func split(_ line: UnsafeBufferPointer<UInt8>, by delimiter: UInt8) -> [HeaderName] {
        var scanner = RecordScanner(delimiter: delimiter)
        if scanner.advance(over: line) == nil { _ = scanner.endOfInput(in: line) }
        return scanner.fields.map { field in
            HeaderName(
                text: trimmed(String(decoding: line[field.start..<field.end], as: UTF8.self)),
                isQuoted: field.isQuoted)
        }
    }

    private static func trimmed(_ text: String) -> String {
        var kept = text.drop { $0 == " " }
        while kept.last == " " { kept.removeLast() }
        return String(kept)
    }

    /// Whether a line without known names can be a sample: a time, a duration and a truth value.
    private static func isRow(
        _ fields: [HeaderName], _ plan: ColumnPlan, _ format: TimestampFormat
    ) -> Bool {
        var time = Array(fields[plan[.timeStamp]].text.utf8)
        var elapsed = Array(fields[plan[.elapsed]].text.utf8)
        var timestamps = TimestampReader(format: format)
        let hasTime = time.withUnsafeMutableBufferPointer {
            timestamps.read(UnsafeBufferPointer($0)) != nil
        }
        let hasElapsed = elapsed.withUnsafeMutableBufferPointer {
            parseLong(UnsafeBufferPointer($0)) != nil
        }
        return hasTime && hasElapsed
    }
}

// MARK: - Refusing

extension HeaderReader {
    /// The error for a first line that makes no sense, saying what the file seems to be.
    private static func refusal(
        of line: UnsafeBufferPointer<UInt8>, options: ReaderOptions
    ) -> JTLError {
        let start = line.prefix(64)
        if start.drop(while: { $0 <= 0x20 }).first == UInt8(ascii: "<") {
            return .notAJTL(
                source: options.source, found: "it begins like XML",
                hint: "save results as CSV: jmeter.save.saveservice.output_format=csv")
        }
        let controls = start.count { $0 < 0x20 && $0 != UInt8(ascii: "\t") }
        if controls > 0 {
            return .notAJTL(
                source: options.source, found: "its first line holds binary data",
                hint: "give a results file written by JMeter as CSV, plain, .gz or .zst")
        }
        let quoted = visible(String(decoding: start, as: UTF8.self))
        return .notAJTL(
            source: options.source,
            found: "its first line is neither a header nor a sample: \"\(quoted)\"",
            hint: "a JTL begins with a header such as timeStamp,elapsed,label,...; "
                + "name another separator with --delimiter")
    }

    /// Text that can be shown on a terminal: characters that control it are left out.
    private static func visible(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
            ))
    }
}
