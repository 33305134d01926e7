// The moment of a signature, in whole seconds of UTC, which is all that a signature shows.

/// A moment in the form that signatures have it.
package struct SigningTime: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package let secondsSince1970: Int64

    /// A moment of the years 1 to 9999; one outside becomes the nearest inside.
    package init(secondsSince1970 seconds: Int64) {
        secondsSince1970 = min(max(seconds, -62_135_596_800), 253_402_300_799)
    }

    /// Reads `20150830T123600Z`; `nil` if the text is nothing like it.
    package init?(stamp: String) {
        let bytes = Array(stamp.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z"),
            let date = Self.number(bytes[0..<8]), let time = Self.number(bytes[9..<15]),
            let seconds = Self.seconds(
                year: date / 10_000, month: date / 100 % 100, day: date % 100,
                hour: time / 10_000, minute: time / 100 % 100, second: time % 100)
        else { return nil }
        self.init(secondsSince1970: seconds)
    }

    /// The moment as `20150830T123600Z`.
    package var stamp: String {
        let bytes = stampBytes
        return unsafe String(unsafeUninitializedCapacity: 16) { target in
            // Safe: as many bytes as there is room for.
            for index in bytes.indices { unsafe target[index] = bytes[index] }
            return 16
        }
    }

    /// The number of its day, 0 for 1970-01-01.
    var daysSince1970: Int64 { Self.divided(secondsSince1970, by: 86_400).0 }

    /// The moment as ``stamp`` has it, as ASCII; the first eight are the day.
    var stampBytes: InlineArray<16, UInt8> {
        // Days to a civil date, for eras of 400 years that begin in March: the leap day, if any,
        // is then the last of its year.
        let (days, second) = Self.divided(secondsSince1970, by: 86_400)
        let (era, dayOfEra) = Self.divided(days + 719_468, by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        var bytes = InlineArray<16, UInt8>(repeating: UInt8(ascii: "T"))
        Self.put(year / 100, at: 0, in: &bytes)
        Self.put(year % 100, at: 2, in: &bytes)
        Self.put(month, at: 4, in: &bytes)
        Self.put(day, at: 6, in: &bytes)
        Self.put(second / 3600, at: 9, in: &bytes)
        Self.put(second / 60 % 60, at: 11, in: &bytes)
        Self.put(second % 60, at: 13, in: &bytes)
        bytes[15] = UInt8(ascii: "Z")
        return bytes
    }

    /// The seconds of a civil date and time; `nil` if there is no such moment.
    static func seconds(
        year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64
    ) -> Int64? {
        // 60 is a leap second, which POSIX time counts as the next one.
        guard 1...9999 ~= year, 1...12 ~= month, 1...31 ~= day, 0...23 ~= hour,
            0...59 ~= minute, 0...60 ~= second
        else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = divided(shiftedYear, by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return days * 86_400 + hour * 3600 + minute * 60 + second
    }

    static func number(_ digits: some Collection<UInt8>) -> Int64? {
        guard 1...9 ~= digits.count else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    /// Writes two digits.
    private static func put(_ value: Int64, at index: Int, in bytes: inout InlineArray<16, UInt8>) {
        bytes[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10)
        bytes[index + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10)
    }

    /// Quotient and remainder rounded down, also below zero.
    private static func divided(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
        let remainder = ((value % divisor) + divisor) % divisor
        return ((value - remainder) / divisor, remainder)
    }
}
