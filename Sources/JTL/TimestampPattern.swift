// The subset of Java's SimpleDateFormat that has one numeric reading: letters y M d H h a m s S,
// zones X and Z, quoted and unquoted literals. A stamp without a zone is taken at the offset that
// the caller states, because the file does not say where it was written.

/// A time stamp pattern such as `yyyy/MM/dd HH:mm:ss.SSS`.
public struct TimestampPattern: Equatable, Sendable {
    private enum Part: Equatable {
        /// A run of one letter; `isLast` in a run of digits means that it may be of any length.
        case number(Character, width: Int, isFixed: Bool)
        case halfDay
        case zone
        case literal(UInt8)
    }

    private var parts: [Part] = []
    private let offsetSeconds: Int64

    /// The patterns that are recognized without being declared, all of them unambiguous.
    static let common: [TimestampPattern] = [
        "yyyy/MM/dd HH:mm:ss.SSS", "yyyy-MM-dd HH:mm:ss.SSS", "yyyy-MM-dd'T'HH:mm:ss.SSSX",
        "yyyy-MM-dd'T'HH:mm:ss.SSS", "yyyy-MM-dd'T'HH:mm:ssX", "yyyy-MM-dd'T'HH:mm:ss",
        "yyyy/MM/dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss,SSS",
    ].compactMap { try? TimestampPattern($0) }

    /// Reads a pattern; stamps without a zone of their own lie `offsetSeconds` east of UTC.
    ///
    /// - Throws: ``JTLError/timestampPattern(_:unknown:)`` at a letter that is not supported.
    public init(_ pattern: String, offsetSeconds: Int = 0) throws(JTLError) {
        self.offsetSeconds = Int64(offsetSeconds)
        var rest = Array(pattern)[...]
        while let letter = rest.first {
            let run = rest.prefix { $0 == letter }.count
            if letter == "'" {
                try readQuoted(&rest, of: pattern)
                continue
            }
            rest = rest.dropFirst(run)
            try add(letter, run: run, next: rest.first, of: pattern)
        }
        guard parts.contains(where: { if case .number("y", _, _) = $0 { true } else { false } })
        else { throw .timestampPattern(pattern, unknown: "it has no year (y)") }
    }

    private mutating func readQuoted(
        _ rest: inout ArraySlice<Character>, of pattern: String
    ) throws(JTLError) {
        rest = rest.dropFirst()
        if rest.first == "'" {
            parts.append(.literal(UInt8(ascii: "'")))
            rest = rest.dropFirst()
            return
        }
        while let character = rest.first {
            rest = rest.dropFirst()
            if character == "'" {
                guard rest.first == "'" else { return }
                rest = rest.dropFirst()
            }
            parts += String(character).utf8.map(Part.literal)
        }
        throw .timestampPattern(pattern, unknown: "a quote is not closed")
    }

    private mutating func add(
        _ letter: Character, run: Int, next: Character?, of pattern: String
    ) throws(JTLError) {
        switch letter {
        case "M" where run > 2:
            throw .timestampPattern(pattern, unknown: "month names (MMM) are not supported")
        case "y", "M", "d", "H", "h", "m", "s", "S":
            // Digits that another number follows directly have the width of their letters.
            let isFixed = next.map { "yMdHhmsS".contains($0) } ?? false
            parts.append(.number(letter, width: run, isFixed: isFixed))
        case "a": parts.append(.halfDay)
        case "X", "Z": parts.append(.zone)
        case _ where letter.isASCII && letter.isLetter:
            throw .timestampPattern(pattern, unknown: "the letter \(letter) is not supported")
        default:
            for _ in 0..<run { parts += String(letter).utf8.map(Part.literal) }
        }
    }
}

// MARK: - Reading

extension TimestampPattern {
    /// Milliseconds since 1970, or nil where the text does not fit or names no real moment.
    func milliseconds(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var moment = Moment(offsetSeconds: offsetSeconds)
        var rest = text[...]
        for part in parts {
            switch part {
            case .literal(let byte):
                guard rest.first == byte else { return nil }
                rest = rest.dropFirst()
            case .number(let letter, let width, let isFixed):
                guard let (value, digits) = number(&rest, limit: isFixed ? width : 9) else {
                    return nil
                }
                // Java reads a year of two letters and two digits as one near to now.
                let isShortYear = letter == "y" && width <= 2 && digits == 2
                moment.set(letter, isShortYear ? 2000 + value : value)
            case .halfDay:
                guard rest.count >= 2, let first = rest.first else { return nil }
                moment.isAfternoon = first | 0x20 == UInt8(ascii: "p")
                rest = rest.dropFirst(2)
            case .zone:
                guard let offset = zone(&rest) else { return nil }
                moment.offsetSeconds = offset
            }
        }
        return rest.isEmpty ? moment.milliseconds : nil
    }

    private func number(
        _ rest: inout Slice<UnsafeBufferPointer<UInt8>>, limit: Int
    ) -> (value: Int64, digits: Int)? {
        var value: Int64 = 0
        var digits = 0
        while digits < limit, let byte = rest.first, (0x30...0x39).contains(byte) {
            value = value * 10 + Int64(byte - 0x30)
            digits += 1
            rest = rest.dropFirst()
        }
        return digits > 0 ? (value, digits) : nil
    }

    /// `Z`, `+02`, `+0200` or `+02:00`, in seconds.
    private func zone(_ rest: inout Slice<UnsafeBufferPointer<UInt8>>) -> Int64? {
        guard let sign = rest.first else { return nil }
        rest = rest.dropFirst()
        if sign == UInt8(ascii: "Z") { return 0 }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        guard let (hours, digits) = number(&rest, limit: 2), digits == 2 else { return nil }
        if rest.first == UInt8(ascii: ":") { rest = rest.dropFirst() }
        let minutes = number(&rest, limit: 2)?.value ?? 0
        let seconds = hours * 3600 + minutes * 60
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }
}

/// The fields of a date while they are gathered.
private struct Moment {
    var offsetSeconds: Int64
    var isAfternoon: Bool?
    private var year: Int64 = 1970
    private var month: Int64 = 1
    private var day: Int64 = 1
    private var hour: Int64 = 0
    private var minute: Int64 = 0
    private var second: Int64 = 0
    private var millisecond: Int64 = 0

    init(offsetSeconds: Int64) {
        self.offsetSeconds = offsetSeconds
    }

    mutating func set(_ letter: Character, _ value: Int64) {
        switch letter {
        case "y": year = value
        case "M": month = value
        case "d": day = value
        case "H", "h": hour = value
        case "m": minute = value
        case "s": second = value
        default: millisecond = value
        }
    }

    var milliseconds: Int64? {
        guard (1...12).contains(month), (1...daysInMonth).contains(day), hour < 24, minute < 60,
            second < 61, millisecond < 1000
        else { return nil }
        var hour = hour
        if let isAfternoon { hour = hour % 12 + (isAfternoon ? 12 : 0) }
        let seconds = daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second
        return (seconds - offsetSeconds) * 1000 + millisecond
    }

    private var daysInMonth: Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return lengths[Int(month) - 1]
    }

    /// Counts in years that begin in March, so that the leap day is the last of its year.
    private var daysSince1970: Int64 {
        let years = month > 2 ? year : year - 1
        let monthsSinceMarch = (month + 9) % 12
        let dayOfYear = (153 * monthsSinceMarch + 2) / 5 + day - 1
        let leapDays = years / 4 - years / 100 + years / 400
        return years * 365 + leapDays + dayOfYear - 719_468
    }
}
