// The value of a gate: a number with or without a unit, or a duration of several units (1m30s).

import Units

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

    /// A duration as it is written everywhere else, in ms.
    private static func duration(_ text: String) -> Double? {
        guard let (seconds, attoseconds) = try? Quantity.duration(text).components else {
            return nil
        }
        return Double(seconds) * 1000 + Double(attoseconds) / 1e15
    }
}
