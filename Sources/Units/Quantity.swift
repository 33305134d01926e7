// The written form of quantities: `1h30m`, `2GiB`, `99.9%`, `5usd`, the same in flags, variables,
// environment files and gates. A quantity always carries its unit; a bare number is an error, so
// that nobody has to guess what `--lease 30` meant. This room knows text and nothing else.

/// Reads and writes quantities with units.
package enum Quantity {
    /// The length of time that `text` states, as in `500ms`, `30s`, `1h30m`, `1.5h` or `2d`.
    ///
    /// Parts stand in falling order of unit, each at most once. The result is exact to a
    /// nanosecond.
    ///
    /// - Throws: ``QuantityError`` when the number, the unit or the order is wrong.
    package static func duration(_ text: String) throws(QuantityError) -> Duration {
        var scanner = QuantityScanner(text, kind: .duration)
        var nanoseconds: Int64 = 0
        var previous: Int64 = .max
        repeat {
            let part = try scanner.part(units: durationUnits)
            guard part.scale < previous else { throw scanner.error(.order) }
            previous = part.scale
            let (sum, overflow) = nanoseconds.addingReportingOverflow(part.amount)
            guard !overflow else { throw scanner.error(.tooLarge) }
            nanoseconds = sum
        } while !scanner.isAtEnd
        return .nanoseconds(nanoseconds)
    }

    /// The number of bytes that `text` states, as in `512MiB`, `2GiB`, `1.5MB` or `100B`.
    ///
    /// - Throws: ``QuantityError`` when the number or the unit is wrong.
    package static func bytes(_ text: String) throws(QuantityError) -> Int64 {
        try single(text, kind: .bytes, units: byteUnits)
    }

    /// The percentage that `text` states, in percent: `99.9%` is 99.9.
    ///
    /// - Throws: ``QuantityError`` when the sign is missing or the value is not from 0 to 100.
    package static func percent(_ text: String) throws(QuantityError) -> Double {
        let value = Double(try single(text, kind: .percent, units: percentUnits)) / 1_000_000
        guard value <= 100 else { throw QuantityError(text: text, kind: .percent, cause: .over100) }
        return value
    }

    /// The amount of money that `text` states, in US dollars: `5usd`, `0.25usd`.
    ///
    /// - Throws: ``QuantityError`` when the number or the currency is wrong.
    package static func dollars(_ text: String) throws(QuantityError) -> Double {
        Double(try single(text, kind: .money, units: moneyUnits)) / 1_000_000
    }

    /// Reads one number with one unit.
    private static func single(
        _ text: String, kind: QuantityKind, units: [QuantityUnit]
    ) throws(QuantityError) -> Int64 {
        var scanner = QuantityScanner(text, kind: kind)
        let part = try scanner.part(units: units)
        guard scanner.isAtEnd else { throw scanner.error(.trailing) }
        return part.amount
    }
}

// MARK: - Writing

extension Quantity {
    /// The shortest exact form that ``duration(_:)`` reads back: `1h30m`, `500ms`, `0s`.
    ///
    /// Parts below a nanosecond are dropped; a negative duration gets a leading minus, which no
    /// setting can have.
    package static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return "-" + text(.zero - duration) }
        guard seconds > 0 || attoseconds >= 1_000_000_000 else { return "0s" }
        var text = ""
        var rest = seconds
        for (symbol, size) in [("d", Int64(86_400)), ("h", 3_600), ("m", 60), ("s", 1)]
        where rest >= size {
            text += "\(rest / size)\(symbol)"
            rest %= size
        }
        var nanoseconds = attoseconds / 1_000_000_000
        for (symbol, size) in [("ms", Int64(1_000_000)), ("us", 1_000), ("ns", 1)]
        where nanoseconds >= size {
            text += "\(nanoseconds / size)\(symbol)"
            nanoseconds %= size
        }
        return text
    }

    /// The size in the largest binary unit that states it exactly: `2GiB`, `1536MiB`, `100B`.
    package static func text(bytes: Int64) -> String {
        let units: [(String, Int64)] = [
            ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ]
        for (symbol, size) in units where bytes != 0 && bytes % size == 0 {
            return "\(bytes / size)\(symbol)"
        }
        return "\(bytes)B"
    }

    /// The percentage without needless digits: `99.9%`, `5%`.
    package static func text(percent: Double) -> String { number(percent) + "%" }

    /// The amount without needless digits: `5usd`, `0.25usd`.
    package static func text(dollars: Double) -> String { number(dollars) + "usd" }

    /// A number without a fraction of zero.
    private static func number(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
