// The schedule language of JMeter's Open Model Thread Group, as far as its rates go.
//
// `rate(10/sec) random_arrivals(1 min) rate(600 per hour)`: only the numbers after `rate(` are
// rates; all else is time, which is the same for every worker.

enum OpenModelSchedule {
    /// The schedule with every rate divided; nil when a rate is no number.
    static func divided(_ schedule: String, by workers: Int) -> String? {
        var result = ""
        var rest = schedule[...]
        while let first = rest.first {
            if let comment = comment(at: rest) {
                result += comment
                rest = rest.dropFirst(comment.count)
            } else if rest.hasPrefix("rate"), let opening = rest.firstIndex(of: "("),
                rest[..<opening].dropFirst(4).allSatisfy(\.isWhitespace)
            {
                let inside = rest[opening...].dropFirst()
                let lead = inside.prefix(while: \.isWhitespace)
                let digits = inside.dropFirst(lead.count).prefix {
                    $0.isNumber || ".eE+".contains($0)
                }
                guard let rate = Double(digits) else { return nil }
                result += rest[..<opening] + "(" + lead + shortest(rate / Double(workers))
                rest = inside.dropFirst(lead.count + digits.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func comment(at text: Substring) -> Substring? {
        if text.hasPrefix("//") { return text.prefix { !$0.isNewline } }
        guard text.hasPrefix("/*") else { return nil }
        var end = text.index(text.startIndex, offsetBy: 2)
        while end < text.endIndex, !text[end...].hasPrefix("*/") { end = text.index(after: end) }
        return text[..<end]
    }
}

/// A number as short as it can be written, without exponent and without `.0`.
func shortest(_ number: Double) -> String {
    let text = "\(number)"
    if text.hasSuffix(".0") { return String(text.dropLast(2)) }
    guard let exponent = text.firstIndex(of: "e"), let shift = Int(text[exponent...].dropFirst()),
        shift < 0
    else { return text }
    // 1.25e-06: the digits move to the right of as many zeros.
    let digits = text[..<exponent].filter { $0 != "." }
    return "0." + String(repeating: "0", count: -shift - 1) + digits
}
