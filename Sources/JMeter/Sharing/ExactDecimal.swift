// A decimal number as people write it, and shares of it that add up to it again.
//
// Rates are dealt out in decimal arithmetic: a third of 100 as a Double, times three, need not be
// 100, and what a plan shows should be what its owner would have written.

/// A number of 0 or more with a finite decimal expansion.
struct ExactDecimal: Equatable {
    /// The number is `coefficient` / 10^`places`.
    private let coefficient: Int128
    private let places: Int

    /// Nothing.
    static let zero = ExactDecimal(coefficient: 0, places: 0)

    /// The value nearest to it, for comparing.
    var double: Double { Double(text) ?? 0 }

    /// Whether it is 0.
    var isZero: Bool { coefficient == 0 }

    private init(coefficient: Int128, places: Int) {
        self.coefficient = coefficient
        self.places = places
    }

    /// Reads `12`, `.5`, `0.25` or `1.2e-3`; nil for all else, and beyond 18 digits.
    init?(_ text: String) {
        let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
        guard parts.count <= 2, let exponent = parts.count == 2 ? Int(parts[1]) : 0,
            (-18...18).contains(exponent)
        else { return nil }
        let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let digits = halves.joined()
        guard halves.count <= 2, !digits.isEmpty, digits.utf8.count <= 18,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let read = Int128(digits)
        else { return nil }
        let places = (halves.count == 2 ? halves[1].utf8.count : 0) - exponent
        // With at most 18 digits on either side of the point nothing below can overflow.
        guard (-18...18).contains(places), digits.utf8.count - places <= 18 else { return nil }
        self.init(
            coefficient: places < 0 ? read * Self.power(-places) : read, places: max(0, places))
    }

    /// The number in digits, without an exponent and without zeros that say nothing.
    var text: String {
        var digits = "\(coefficient)"
        guard places > 0 else { return digits }
        digits = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let whole = digits.dropLast(places)
        var fraction = digits.suffix(places)
        while fraction.last == "0" { fraction.removeLast() }
        return fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"
    }

    /// The number times 60, from a second's to a minute's.
    var perMinute: ExactDecimal { ExactDecimal(coefficient: coefficient * 60, places: places) }

    /// Shares in proportion to `weights`, which add up to the number to the last digit.
    ///
    /// A share that has no end in decimals is cut after at least nine digits that count; the
    /// first shares get what is left over. Not all weights may be 0.
    func shares(by weights: [Int]) -> [ExactDecimal] {
        let parts = Int128(weights.reduce(0, +))
        guard !isZero else { return weights.map { _ in self } }
        var units = coefficient
        var unitPlaces = places
        while units < parts * 1_000_000_000 {
            units *= 10
            unitPlaces += 1
        }
        return Dealing.whole(units, by: weights.map { Int128($0) }).map {
            ExactDecimal(coefficient: $0, places: unitPlaces)
        }
    }

    /// `numerator`/`denominator` of the number, cut or raised after at least twelve digits.
    func times(_ numerator: Int, over denominator: Int, roundingUp: Bool) -> ExactDecimal {
        var units = coefficient * Int128(numerator)
        var unitPlaces = places
        while units != 0, units < Int128(denominator) * 1_000_000_000_000 {
            units *= 10
            unitPlaces += 1
        }
        let (quotient, rest) = units.quotientAndRemainder(dividingBy: Int128(denominator))
        return ExactDecimal(
            coefficient: quotient + (roundingUp && rest != 0 ? 1 : 0), places: unitPlaces)
    }

    private static func power(_ exponent: Int) -> Int128 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}
