// The value of a gate: a number with or without a unit, or a duration of several units (1m30s).

/// A number and what it is of.
struct GateValue: Equatable {
    /// What the number counts.
    enum Unit {
        case none, milliseconds, percent, perSecond
    }

    /// Durations in ms, shares in percent.
    let number: Double
    let unit: Unit

    /// Reads a value; nil where it is none.
    init?(_ text: String) {
        let words = text.filter { !$0.isWhitespace }
        if let plain = Self.decimal(words) {
            (number, unit) = (plain, .none)
        } else if words.hasSuffix("%"), let share = Self.decimal(words.dropLast()) {
            (number, unit) = (share, .percent)
        } else if words.hasSuffix("/s"), let rate = Self.decimal(words.dropLast(2)) {
            (number, unit) = (rate, .perSecond)
        } else if let time = Self.duration(words) {
            (number, unit) = (time, .milliseconds)
        } else {
            return nil
        }
    }

    /// Digits with at most one point: no exponent, no "nan", no "inf".
    private static func decimal(_ text: some StringProtocol) -> Double? {
        guard text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }) else {
            return nil
        }
        return Double(String(text))
    }

    private static func duration(_ text: String) -> Double? {
        let factors: [String: Double] = [
            "us": 0.001, "µs": 0.001, "ms": 1, "s": 1000, "m": 60_000, "min": 60_000,
            "h": 3_600_000,
        ]
        var rest = text[...]
        var sum = 0.0
        repeat {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !$0.isNumber }
            rest = rest.dropFirst(unit.count)
            guard let value = decimal(digits), let factor = factors[String(unit)] else {
                return nil
            }
            sum += value * factor
        } while !rest.isEmpty
        return sum
    }
}
