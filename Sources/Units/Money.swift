// Money as whole billionths of a dollar: spot prices have up to seven digits after the point, and
// sums of many of them must not drift. What does not fit is the largest amount there is, which
// every budget refuses.

/// An amount of US dollars, exact to a billionth.
package struct Money: Sendable, Hashable, Comparable {
    /// Billionths of a dollar.
    package let nanodollars: Int64

    package static let zero = Money(nanodollars: 0)

    package init(nanodollars: Int64) { self.nanodollars = nanodollars }

    /// An amount as settings hold it, exact to a millionth of a dollar.
    package init(dollars: Double) {
        nanodollars = Int64((dollars * 1_000_000).rounded()).multiplied(by: 1_000)
    }

    /// An amount as AWS writes it: `0.0416000`; `nil` for anything but digits and a point.
    ///
    /// Digits behind the ninth are dropped.
    package init?(decimal text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : ""
        let digits = { (part: Substring) in part.utf8.allSatisfy { (48...57).contains($0) } }
        guard let head = parts.first, !head.isEmpty, digits(head), digits(fraction),
            let whole = Int64(head)
        else { return nil }
        let padded = String(fraction.prefix(9)) + String(repeating: "0", count: 9)
        guard let rest = Int64(padded.prefix(9)) else { return nil }
        nanodollars = whole.multiplied(by: 1_000_000_000).added(to: rest)
    }

    package static func < (a: Self, b: Self) -> Bool { a.nanodollars < b.nanodollars }
    package static func + (a: Self, b: Self) -> Self {
        Money(nanodollars: a.nanodollars.added(to: b.nanodollars))
    }
    package static func * (a: Self, count: Int) -> Self {
        Money(nanodollars: a.nanodollars.multiplied(by: Int64(count)))
    }

    /// What a price for an hour comes to in a time, rounded up to a billionth.
    package func anHour(for time: Duration) -> Money {
        let seconds =
            Int128(max(0, time.components.seconds)) + (time.components.attoseconds > 0 ? 1 : 0)
        let total = (Int128(nanodollars) * seconds + 3_599) / 3_600
        return Money(nanodollars: Int64(clamping: total))
    }

    /// How long a price for an hour can be paid from this amount, in whole seconds.
    package func lasts(at anHour: Money) -> Duration {
        guard anHour > .zero else { return .seconds(Int64.max / 4) }
        return .seconds(
            Int64(clamping: Int128(nanodollars) * 3_600 / Int128(anHour.nanodollars)))
    }
}

extension Money: CustomStringConvertible {
    /// In cents from a dollar on, in hundredths of a cent below: `12.50usd`, `0.0416usd`.
    package var description: String {
        let digits: Int64 = nanodollars >= 1_000_000_000 ? 2 : 4
        let step: Int64 = digits == 2 ? 10_000_000 : 100_000
        let steps = nanodollars.added(to: step / 2) / step
        let scale: Int64 = digits == 2 ? 100 : 10_000
        let fraction = String(steps % scale)
        let zeros = String(repeating: "0", count: Int(digits) - fraction.count)
        return "\(steps / scale).\(zeros)\(fraction)usd"
    }
}

extension Int64 {
    fileprivate func added(to other: Int64) -> Int64 {
        Int64(clamping: Int128(self) + Int128(other))
    }

    fileprivate func multiplied(by other: Int64) -> Int64 {
        Int64(clamping: Int128(self) * Int128(other))
    }
}
