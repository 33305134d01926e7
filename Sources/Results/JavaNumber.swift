// Numbers as Java prints them, for files that must equal JMeter's own digit for digit. Swift finds
// the same shortest digits; only the notation differs: Java always shows a decimal point, and
// writes 1.0E7 from ten million on and 9.9E-4 below a thousandth.

/// Java's notation of floating-point numbers.
enum JavaNumber {
    /// What `Double.toString` gives.
    static func text(_ value: Double) -> String {
        notation(value.description, isNegative: value.sign == .minus) ?? special(value)
    }

    /// What `Float.toString` gives.
    static func text(_ value: Float) -> String {
        notation(value.description, isNegative: value.sign == .minus) ?? special(Double(value))
    }

    private static func special(_ value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    }

    /// Java's notation for the digits in Swift's; nil where there are none.
    private static func notation(_ swift: String, isNegative: Bool) -> String? {
        let parts = swift.drop { $0 == "-" }.split(separator: "e")
        guard let mantissa = parts.first, mantissa.first?.isNumber == true else { return nil }
        let pieces = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = pieces.count > 1 ? String(pieces[1]) : ""
        var digits = Array(String(pieces[0]) + fraction)
        var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + pieces[0].count
        // Now the value is 0.digits times ten to the exponent; zeros at both ends say nothing.
        while digits.count > 1, digits[0] == "0" {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.count > 1, digits[digits.count - 1] == "0" { digits.removeLast() }
        if digits == ["0"] { exponent = 1 }
        let sign = isNegative ? "-" : ""
        return sign + (-2...7 ~= exponent ? plain(digits, exponent) : scientific(digits, exponent))
    }

    private static func plain(_ digits: [Character], _ exponent: Int) -> String {
        if exponent <= 0 {
            return "0." + String(repeating: "0", count: -exponent) + String(digits)
        }
        let padded = digits + Array(repeating: "0", count: max(0, exponent + 1 - digits.count))
        return String(padded[..<exponent]) + "." + String(padded[exponent...])
    }

    private static func scientific(_ digits: [Character], _ exponent: Int) -> String {
        let fraction = digits.count > 1 ? String(digits[1...]) : "0"
        return "\(digits[0]).\(fraction)E\(exponent - 1)"
    }
}
