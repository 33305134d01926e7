// What can be wrong with a written quantity. The message says what was read, the hint how it
// should have been written.

/// The kinds of quantity, for messages.
package enum QuantityKind: String, Sendable {
    case duration
    case bytes = "size"
    case percent = "percentage"
    case money = "amount"

    /// A well-formed example of the kind.
    package var example: String {
        switch self {
        case .duration: "500ms, 30s or 1h30m"
        case .bytes: "512MiB or 2GiB"
        case .percent: "5% or 99.9%"
        case .money: "5usd"
        }
    }
}

/// A quantity that can't be read.
package struct QuantityError: Error, Equatable {
    /// What exactly is wrong.
    package enum Cause: Sendable, Equatable {
        case empty
        case number
        case negative
        case unitMissing([String])
        case unitUnknown(String, [String])
        case order
        case trailing
        case tooLarge
        case tooFine
        case over100
    }

    /// The text as it was given.
    package let text: String
    /// The kind of quantity it should have been.
    package let kind: QuantityKind
    /// What is wrong with it.
    package let cause: Cause

    /// One line that says what is wrong.
    package var message: String {
        let article = kind.rawValue.first.map("aeiou".contains) == true ? "an" : "a"
        let subject = "'\(text)' is not \(article) \(kind.rawValue)"
        return switch cause {
        case .empty: "the \(kind.rawValue) is empty"
        case .number: "\(subject): a number was expected"
        case .negative: "\(subject): it can't be negative"
        case .unitMissing: "\(subject): the unit is missing"
        case .unitUnknown(let unit, _): "\(subject): there is no unit '\(unit)'"
        case .order: "\(subject): units must go from large to small, each once"
        case .trailing: "\(subject): there is text after the unit"
        case .tooLarge: "\(subject): the value is too large"
        case .tooFine: "\(subject): it has more digits than the unit can hold"
        case .over100: "\(subject): it is over 100%"
        }
    }

    /// What to write instead.
    package var hint: String? {
        let example = "write it like \(kind.example)"
        switch cause {
        case .unitMissing(let known):
            return "\(example); units: \(known.joined(separator: ", "))"
        case .unitUnknown(let unit, let known):
            let units = "units: \(known.joined(separator: ", "))"
            guard let near = Self.unit(near: unit, in: known) else { return units }
            return "did you mean '\(near)'? \(units)"
        default:
            return example
        }
    }

    /// The unit a person probably meant: same letters in another case, a longer form, a typo.
    private static func unit(near unit: String, in known: [String]) -> String? {
        let folded = unit.lowercased()
        let habits = [
            "k": "KiB", "m": "MiB", "g": "GiB", "t": "TiB", "sec": "s", "secs": "s", "second": "s",
            "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "hr": "h",
            "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "msec": "ms",
            "percent": "%", "$": "usd", "dollars": "usd",
        ]
        if let match = known.first(where: { $0.lowercased() == folded }) { return match }
        if let habit = habits[folded], known.contains(habit) { return habit }
        return Suggestion.nearest(to: unit, in: known)
    }
}
