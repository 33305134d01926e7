// The words of an Open Model schedule, by the rules of JMeter 5.6's own tokenizer: words in any
// case, numbers without sign and exponent, units by their beginning, comments as in Java.

/// Takes a schedule apart.
struct OpenModelScanner {
    /// One `name(…)`.
    struct Step {
        enum Kind {
            /// A rate: its number, and the unit of time as written.
            case rate(String, unit: String)
            /// Iterations start for so many seconds.
            case arrivals(Double)
            case pause(Double)
        }

        var kind: Kind
        /// Where it stands in the schedule.
        var range: Range<String.Index>
        /// Where a rate's number stands.
        var number: Range<String.Index>?
    }

    private let text: String
    private var position: String.Index

    private init(_ text: String) {
        self.text = text
        position = text.startIndex
    }

    /// The steps; nil when JMeter would refuse the schedule.
    static func steps(of text: String) -> [Step]? {
        var scanner = OpenModelScanner(text)
        var steps: [Step] = []
        while scanner.skipBlanks() {
            guard let step = scanner.step() else { return nil }
            steps.append(step)
        }
        return steps
    }

    /// A unit of time in seconds, by its beginning; nil when it is none.
    static func known(_ unit: String) -> Double? {
        let unit = unit.lowercased()
        if unit == "ms" { return 0.001 }
        if unit == "s" || unit.hasPrefix("sec") { return 1 }
        if unit == "m" || unit.hasPrefix("min") { return 60 }
        if unit == "h" || unit.hasPrefix("hour") { return 3600 }
        return unit == "d" || unit.hasPrefix("day") ? 86_400 : nil
    }

    /// A unit that ``known(_:)`` has let pass.
    static func seconds(_ unit: String) -> Double { known(unit) ?? 1 }

    private mutating func step() -> Step? {
        let start = position
        guard let name = word()?.lowercased(), take("("), skipBlanks() else { return nil }
        var step = Step(kind: .pause(0), range: start..<start)
        switch name {
        case "rate":
            guard let number = number() else { return nil }
            step.number = number
            let value = String(text[number])
            guard let unit = unit(isZero: Double(value) == 0) else { return nil }
            step.kind = .rate(value, unit: unit)
        case "random_arrivals", "even_arrivals", "pause":
            guard let seconds = duration() else { return nil }
            step.kind = name == "pause" ? .pause(seconds) : .arrivals(seconds)
        default: return nil
        }
        guard take(")") else { return nil }
        step.range = start..<position
        return step
    }

    /// `/sec` or `per sec`; 0 is the same in every unit and needs none.
    private mutating func unit(isZero: Bool) -> String? {
        if isZero && isNext(")") { return "sec" }
        guard take("/") || word()?.lowercased() == "per" else { return nil }
        guard let unit = word(), Self.known(unit) != nil else { return nil }
        return unit
    }

    /// `1 min 30 s` in seconds.
    private mutating func duration() -> Double? {
        var sum = 0.0
        repeat {
            guard let range = number(), let value = Double(text[range]) else { return nil }
            if value == 0 && isNext(")") { break }
            guard let unit = word(), let seconds = Self.known(unit) else { return nil }
            sum += value * seconds
        } while !isNext(")")
        return sum
    }

    // MARK: - Tokens

    private mutating func take(_ character: Character) -> Bool {
        guard isNext(character) else { return false }
        position = text.index(after: position)
        return true
    }

    private mutating func isNext(_ character: Character) -> Bool {
        skipBlanks() && text[position] == character
    }

    private mutating func word() -> String? {
        guard skipBlanks(), text[position].isASCII, text[position].isLetter else { return nil }
        let word = text[position...].prefix {
            $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber)
        }
        position = word.endIndex
        return String(word)
    }

    private mutating func number() -> Range<String.Index>? {
        guard skipBlanks() else { return nil }
        let rest = text[position...]
        let whole = rest.prefix { ("0"..."9").contains($0) }
        var end = whole.endIndex
        if rest[end...].first == "." {
            let fraction = rest[end...].dropFirst().prefix { ("0"..."9").contains($0) }
            if !fraction.isEmpty { end = fraction.endIndex }
        }
        guard end > position else { return nil }
        defer { position = end }
        return position..<end
    }

    /// Goes on to what is no blank or comment; false at the end of the schedule.
    @discardableResult
    private mutating func skipBlanks() -> Bool {
        while position < text.endIndex {
            let rest = text[position...]
            if rest.hasPrefix("//") {
                position = rest.firstIndex(where: \.isNewline) ?? text.endIndex
            } else if rest.hasPrefix("/*"), let end = Self.endOfComment(rest) {
                position = end
            } else if rest.first?.isWhitespace == true {
                position = text.index(after: position)
            } else {
                return true
            }
        }
        return false
    }

    private static func endOfComment(_ text: Substring) -> Substring.Index? {
        var end = text.index(text.startIndex, offsetBy: 2)
        while end < text.endIndex {
            if text[end...].hasPrefix("*/") { return text.index(end, offsetBy: 2) }
            end = text.index(after: end)
        }
        return nil
    }
}
