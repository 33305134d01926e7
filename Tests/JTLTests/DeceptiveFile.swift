// Random files that look worse than any that JMeter writes: rows inside quotes across every place
// where a thread may begin, quotes where none may be, all line ends, all layouts, odd numbers.

@testable import JTL

/// Makes files to deceive a reader.
struct DeceptiveFile {
    private var random: SplitMix
    private var bytes: [UInt8] = []
    private let delimiter: Character
    private let lineEnd: String
    private var columns: [String]
    private let isTidy: Bool
    private let stamps: Int

    static func make(_ random: inout SplitMix) -> [UInt8] {
        var file = DeceptiveFile(random)
        file.write()
        random = file.random
        return file.bytes
    }

    private init(_ source: SplitMix) {
        random = source
        delimiter = Bool.random(using: &random) ? "," : ";\t|".randomElement(using: &random) ?? ","
        lineEnd = ["\n", "\n", "\n", "\r\n", "\r"].randomElement(using: &random) ?? "\n"
        isTidy = Int.random(in: 0..<3, using: &random) > 0
        stamps = Int.random(in: 0..<6, using: &random)
        columns = [
            "timeStamp", "elapsed", "label", "responseCode", "responseMessage", "threadName",
            "dataType", "success", "failureMessage", "bytes", "sentBytes", "grpThreads",
            "allThreads", "URL", "Latency", "IdleTime", "Connect",
        ]
        shuffleColumns()
    }

    private mutating func shuffleColumns() {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: columns.shuffle(using: &random)
        case 1:
            let optional = columns.filter { !["elapsed", "label", "success"].contains($0) }
            for name in optional where Int.random(in: 0..<4, using: &random) == 0 {
                columns.removeAll { $0 == name }
            }
            if Bool.random(using: &random) { columns.append("myVariable") }
        default: break
        }
    }

    private mutating func write() {
        if Int.random(in: 0..<10, using: &random) == 0 { bytes += "\u{FEFF}".utf8 }
        if Int.random(in: 0..<10, using: &random) == 0 { bytes += lineEnd.utf8 }
        if Int.random(in: 0..<8, using: &random) > 0 { add(columns.joined(by: delimiter)) }
        for _ in 0..<Int.random(in: 0...60, using: &random) { add(record()) }
        if Int.random(in: 0..<3, using: &random) == 0, !bytes.isEmpty {
            bytes.removeLast(Int.random(in: 0...min(bytes.count, 40), using: &random))
        }
        guard !isTidy, !bytes.isEmpty else { return }
        let odd = Array("\",;\n\r\0\u{FF}-9N".utf8)
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] = odd.randomElement(using: &random) ?? 0
        }
    }

    private mutating func add(_ line: String) {
        bytes += line.utf8
        let ends = isTidy ? [lineEnd] : [lineEnd, lineEnd, lineEnd, "\n", "\r\n", "\r"]
        bytes += (ends.randomElement(using: &random) ?? "\n").utf8
    }

    private mutating func record() -> String {
        switch isTidy ? 99 : Int.random(in: 0..<60, using: &random) {
        case 0: return ""
        case 1: return columns.joined(by: delimiter)
        case 2:
            columns.shuffle(using: &random)
            return columns.joined(by: delimiter)
        case 3: return "x" + plainRow()
        case 4: return plainRow() + String(delimiter)
        default: return plainRow()
        }
    }

    private mutating func plainRow() -> String {
        columns.map { field($0) }.joined(by: delimiter)
    }

    private mutating func field(_ column: String) -> String {
        switch column {
        case "timeStamp": return stamp()
        case "label": return text(label())
        case "success": return oneOf(["true", "true", "true", "false", "TRUE", "no", "truex"])
        case "responseCode":
            return text(oneOf(["200", "200", "200", "500", "302", "", "Non HTTP, code: x.y.Z"]))
        case "responseMessage", "failureMessage": return text(message())
        case "elapsed", "bytes", "sentBytes", "allThreads", "Latency", "Connect": return number()
        default: return text(oneOf(["a", "", "http://host/path?x=1", "1-1"]))
        }
    }

    private mutating func stamp() -> String {
        // Sometimes a row of a second that is long over, which a reader may have put away.
        let late = Int.random(in: 0..<10, using: &random) == 0
        let time =
            1_767_225_599_000 + Int.random(in: 0..<3000, using: &random)
            - (late ? Int.random(in: 0..<40_000, using: &random) : 0)
        let part = "\(time % 1000 + 1000)".dropFirst()
        switch stamps {
        case 0: return "2025/12/31 23:59:5\(time / 1000 % 10).\(part)"
        case 1: return "2025-12-31T23:59:5\(time / 1000 % 10).\(part)Z"
        case 2: return oneOf(["\(time)", " \(time)", "+\(time)", "-5", "99", "\(time)0"])
        default: return isTidy ? "\(time)" : oneOf(["\(time)", "\(time)", "\(time)", "\(time)x"])
        }
    }

    private mutating func number() -> String {
        let usual = "\(Int.random(in: 0..<3000, using: &random))"
        guard Int.random(in: 0..<40, using: &random) == 0 else { return usual }
        return oneOf([
            "-7", " 12", "12 ", "+3", "99999999", "100000000", "9223372036854775807",
            "9223372036854775808", "1.5", "", "00000000012", "16384", "70000", "\"5\"", "\"\"",
        ])
    }

    private mutating func label() -> String {
        oneOf([
            "A", "B", "a, b", "say \"hi\"", "", "é", "e\u{301}",
            "GET /api/v1/products/{id}/reviews",
            String(repeating: "long ", count: 20), "12345678901234567890123456789012", "\"",
            "label \(Int.random(in: 0..<40, using: &random))",
        ])
    }

    private mutating func message() -> String {
        oneOf([
            "OK", "OK", "", "Not Found", "Number of samples in transaction : 3, failing : 0",
            "Number of samples in transaction : 0, failing : 0", "a\nb", "a\r\nb,c", "\"quoted\"",
            // A row inside a field, which a thread that begins here takes for a record.
            "x\n" + columns.map { $0 == "elapsed" ? "7" : "true" }.joined(by: delimiter) + "\n",
            "y\n1767225599000,5,FAKE,200,OK,t,text,true,,1,2,3,4,null,5,6,7\n",
        ])
    }

    /// A field as JMeter writes it: quoted if it must be, sometimes without need.
    private mutating func text(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let mustQuote = scalars.contains { "\",;\t|\n\r".unicodeScalars.contains($0) }
        guard mustQuote || Int.random(in: 0..<12, using: &random) == 0 else { return text }
        var quoted = "\""
        for scalar in scalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    private mutating func oneOf(_ choices: [String]) -> String {
        choices.randomElement(using: &random) ?? ""
    }
}

extension [String] {
    fileprivate func joined(by delimiter: Character) -> String {
        joined(separator: String(delimiter))
    }
}
