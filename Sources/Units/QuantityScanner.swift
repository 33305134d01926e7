// Reads "number unit" pairs with integer arithmetic: the fraction `.5` of `1.5h` is exact, and
// whatever does not fit 64 bits is refused instead of rounded.

/// A unit as written, and how many of the smallest steps one of it holds.
struct QuantityUnit {
    let symbol: String
    let scale: Int64
}

extension Quantity {
    /// Steps are nanoseconds.
    static let durationUnits: [QuantityUnit] = [
        .init(symbol: "d", scale: 86_400_000_000_000), .init(symbol: "h", scale: 3_600_000_000_000),
        .init(symbol: "m", scale: 60_000_000_000), .init(symbol: "s", scale: 1_000_000_000),
        .init(symbol: "ms", scale: 1_000_000), .init(symbol: "us", scale: 1_000),
        .init(symbol: "ns", scale: 1),
    ]

    /// Steps are bytes.
    static let byteUnits: [QuantityUnit] = [
        .init(symbol: "B", scale: 1),
        .init(symbol: "KiB", scale: 1 << 10), .init(symbol: "MiB", scale: 1 << 20),
        .init(symbol: "GiB", scale: 1 << 30), .init(symbol: "TiB", scale: 1 << 40),
        .init(symbol: "kB", scale: 1_000), .init(symbol: "MB", scale: 1_000_000),
        .init(symbol: "GB", scale: 1_000_000_000), .init(symbol: "TB", scale: 1_000_000_000_000),
    ]

    /// Steps are millionths of a percent.
    static let percentUnits: [QuantityUnit] = [.init(symbol: "%", scale: 1_000_000)]

    /// Steps are millionths of a dollar.
    static let moneyUnits: [QuantityUnit] = [.init(symbol: "usd", scale: 1_000_000)]
}

/// Walks over the bytes of one quantity.
struct QuantityScanner {
    private let text: String
    private let kind: QuantityKind
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String, kind: QuantityKind) {
        self.text = text
        self.kind = kind
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { position == bytes.count }

    func error(_ cause: QuantityError.Cause) -> QuantityError {
        QuantityError(text: text, kind: kind, cause: cause)
    }

    /// The next number with its unit, as a count of the smallest steps.
    mutating func part(
        units: [QuantityUnit]
    ) throws(QuantityError) -> (amount: Int64, scale: Int64) {
        guard !isAtEnd else { throw error(.empty) }
        if bytes[position] == UInt8(ascii: "-") { throw error(.negative) }
        let whole = digits()
        guard !whole.isEmpty else { throw error(.number) }
        var fraction: ArraySlice<UInt8> = []
        if !isAtEnd, bytes[position] == UInt8(ascii: ".") {
            position += 1
            fraction = digits()
            guard !fraction.isEmpty else { throw error(.number) }
        }
        let symbol = unitSymbol()
        guard !symbol.isEmpty else { throw error(.unitMissing(units.map(\.symbol))) }
        guard let unit = units.first(where: { $0.symbol == symbol }) else {
            throw error(.unitUnknown(symbol, units.map(\.symbol)))
        }
        return (try amount(whole: whole, fraction: fraction, scale: unit.scale), unit.scale)
    }

    /// `whole.fraction` times `scale`, exactly.
    private func amount(
        whole: ArraySlice<UInt8>, fraction: ArraySlice<UInt8>, scale: Int64
    ) throws(QuantityError) -> Int64 {
        let zero = UInt8(ascii: "0")
        let last = fraction.lastIndex { $0 != zero }
        let fraction = last.map { fraction[fraction.startIndex...$0] } ?? []
        // Eighteen digits times the largest scale fit 128 bits with room to spare.
        guard whole.drop(while: { $0 == zero }).count <= 18 else { throw error(.tooLarge) }
        guard fraction.count <= 9 else { throw error(.tooFine) }
        var value: Int128 = 0
        var divisor: Int128 = 1
        for digit in whole { value = value * 10 + Int128(digit - zero) }
        for digit in fraction {
            value = value * 10 + Int128(digit - zero)
            divisor *= 10
        }
        let (steps, rest) = (value * Int128(scale)).quotientAndRemainder(dividingBy: divisor)
        guard rest == 0 else { throw error(.tooFine) }
        guard let amount = Int64(exactly: steps) else { throw error(.tooLarge) }
        return amount
    }

    private mutating func digits() -> ArraySlice<UInt8> {
        take { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private mutating func unitSymbol() -> String {
        let stop = (UInt8(ascii: "0")...UInt8(ascii: "9"))
        return String(decoding: take { !stop.contains($0) }, as: UTF8.self)
    }

    private mutating func take(while matches: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count, matches(bytes[position]) { position += 1 }
        return bytes[start..<position]
    }
}
