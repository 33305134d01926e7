// Numbers with a fixed number of decimal places, for people to read.

/// Decimal notation without exponents.
package enum FixedPoint {
    /// `value` rounded to so many places.
    package static func text(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "-" : value < 0 ? "-∞" : "∞" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (value * scale).rounded()
        // Beyond 2^53 a Double has no decimal places left to show.
        guard scaled.magnitude < 9e15 else { return "\(value)" }
        let digits = String(Int64(scaled.magnitude))
        let sign = scaled < 0 ? "-" : ""
        guard places > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }
}
