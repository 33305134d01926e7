// RFC 3986 percent-coding, with upper-case digits and with nothing but the unreserved characters
// left alone, as AWS's signatures want it. Forms and browsers code otherwise; this is not theirs.

/// Percent-coding of paths and queries.
package enum PercentCoding {
    /// Which characters stay as they are.
    package enum Part: Sendable {
        /// Letters, digits, `-._~`.
        case component
        /// The same and slashes.
        case path
    }

    /// Codes a text's UTF-8.
    package static func encode(_ text: String, as part: Part = .component) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        append(text, as: part, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Codes a text's UTF-8 onto the end of bytes.
    package static func append(_ text: String, as part: Part = .component, to bytes: inout [UInt8])
    {
        append(text.utf8, as: part, to: &bytes)
    }

    /// Codes bytes onto the end of others.
    package static func append(
        _ source: some Sequence<UInt8>, as part: Part = .component, to bytes: inout [UInt8]
    ) {
        for byte in source {
            if isUnreserved(byte) || (byte == UInt8(ascii: "/") && part == .path) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(digit(byte >> 4))
                bytes.append(digit(byte & 15))
            }
        }
    }

    /// The bytes that a coded text stands for; a percent sign without two digits stays one.
    package static func decode(_ text: some Sequence<UInt8>) -> [UInt8] {
        let source = Array(text)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "%"), index + 2 < source.count,
                let high = value(source[index + 1]), let low = value(source[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        return bytes
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
