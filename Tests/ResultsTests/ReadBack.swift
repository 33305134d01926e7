// Obvious readers of our reports, written without a look at how they are made: what each of them
// reads back from one run must be the same figures.

/// The figures of one row by name, as numbers; what is not known is absent.
struct ReadRow: Equatable {
    var label: String
    var figures: [String: Double]
}

enum ReadBack {
    /// RFC 4180.
    static func csv(_ text: String) -> [ReadRow] {
        var records: [[String]] = []
        var record: [String] = []
        var field = String.UnicodeScalarView()
        var isQuoted = false
        var rest = Substring.UnicodeScalarView(text.unicodeScalars)
        while let next = rest.popFirst() {
            switch next {
            case "\"" where isQuoted && rest.first == "\"":
                field.append("\"")
                rest.removeFirst()
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                record.append(String(field))
                field = String.UnicodeScalarView()
            case "\r" where !isQuoted && rest.first == "\n":
                rest.removeFirst()
                records.append(record + [String(field)])
                (record, field) = ([], String.UnicodeScalarView())
            default: field.append(next)
            }
        }
        let head = records.removeFirst()
        return records.map { record in
            var row = ReadRow(label: unarmed(record[0]), figures: [:])
            for (name, text) in zip(head, record).dropFirst(2) where text != "" {
                row.figures[name] = Double(text)
            }
            return row
        }
    }

    /// Takes back the apostrophe before what a spreadsheet would run.
    private static func unarmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard scalars.first == "'", let second = scalars.dropFirst().first,
            "=+-@\t\r\n".unicodeScalars.contains(second)
        else { return text }
        return String(String.UnicodeScalarView(scalars.dropFirst()))
    }

    /// The cells of the table in a Markdown report, the total last.
    static func markdown(_ text: String) -> [[String]] {
        let lines = text.split(separator: "\n").prefix { $0.hasPrefix("|") }.dropFirst(2)
        return lines.map { line in
            var cells: [String] = [""]
            var isEscaped = false
            for character in line.dropFirst(2).dropLast(2) {
                if character == "|", !isEscaped {
                    cells.append("")
                } else {
                    cells[cells.count - 1].append(character)
                }
                isEscaped = character == "\\" && !isEscaped
            }
            return cells.map { $0.trimmed }
        }
    }

    /// Names and values of the elements of one kind in XML that has no other text.
    static func attributes(_ element: String, in text: String) -> [[String: String]] {
        text.split(separator: "<\(element) ").dropFirst().map { part in
            var attributes: [String: String] = [:]
            var rest = part.prefix { $0 != ">" }
            while let equals = rest.firstIndex(of: "=") {
                let name = String(rest[..<equals]).trimmed
                let value = rest[equals...].dropFirst(2).prefix { $0 != "\"" }
                attributes[name] = unescaped(String(value))
                rest = rest[value.endIndex...].dropFirst()
            }
            return attributes
        }
    }

    static func unescaped(_ text: String) -> String {
        text.replacing("&#10;", with: "\n").replacing("&lt;", with: "<")
            .replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
            .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
    }

    /// The lines of OpenMetrics: name, labels, value.
    static func metrics(_ text: String) -> [(name: String, labels: [String: String], value: Double)]
    {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            var rest = Substring.UnicodeScalarView(line.unicodeScalars)
            let name = take(&rest) { $0 == "{" || $0 == " " }
            var labels: [String: String] = [:]
            while rest.first == "{" || rest.first == "," {
                rest.removeFirst()
                let key = take(&rest) { $0 == "=" }
                rest.removeFirst(2)
                var value = String.UnicodeScalarView()
                while let next = rest.popFirst(), next != "\"" {
                    guard next == "\\", let kind = rest.popFirst() else {
                        value.append(next)
                        continue
                    }
                    value.append(kind == "n" ? "\n" : kind)
                }
                labels[key] = String(value)
            }
            if rest.first == "}" { rest.removeFirst() }
            return (name, labels, Double(String(rest).trimmed) ?? .nan)
        }
    }

    /// The lines of InfluxDB's protocol: measurement, tags, fields.
    static func influx(
        _ text: String
    ) -> [(measurement: String, tags: [String: String], fields: [String: String])] {
        text.split(separator: "\n").map { line in
            let parts = split(String(line), at: " ")
            let head = split(parts[0], at: ",")
            let pairs = { (list: ArraySlice<String>) in
                Dictionary(
                    uniqueKeysWithValues: list.map { pair in
                        let sides = split(pair, at: "=")
                        return (plain(sides[0]), plain(sides.dropFirst().joined(separator: "=")))
                    })
            }
            return (head[0], pairs(head.dropFirst()), pairs(split(parts[1], at: ",")[...]))
        }
    }

    /// Splits where the separator has no backslash before it.
    private static func split(_ text: String, at separator: Unicode.Scalar) -> [String] {
        var parts = [String.UnicodeScalarView()]
        var before: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            if scalar == separator, before != "\\" {
                parts.append(String.UnicodeScalarView())
            } else {
                parts[parts.count - 1].append(scalar)
            }
            before = scalar
        }
        return parts.map { String($0) }
    }

    private static func plain(_ text: String) -> String {
        text.replacing("\\ ", with: " ").replacing("\\,", with: ",").replacing("\\=", with: "=")
    }

    private static func take(
        _ rest: inout Substring.UnicodeScalarView, until isEnd: (Unicode.Scalar) -> Bool
    ) -> String {
        var text = String.UnicodeScalarView()
        while let next = rest.first, !isEnd(next) { text.append(rest.removeFirst()) }
        return String(text)
    }
}

extension String {
    var trimmed: String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
