// Makes valid UTF-8 of any bytes exactly as Java's decoder does, because JMeter's labels are Java
// strings: two labels that differ only in broken bytes are one label there. Java replaces each
// longest broken piece by one U+FFFD; it differs from the Unicode recommendation in that a whole
// encoded surrogate (ED A0..BF xx) is one such piece.

/// `bytes` with each malformed piece replaced by U+FFFD.
func repairedUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
        let (length, isValid) = sequence(bytes, at: index)
        if isValid {
            result += bytes[index..<index + length]
        } else {
            result += [0xEF, 0xBF, 0xBD]
        }
        index += length
    }
    return result
}

/// The length of the sequence at `index`, or of the malformed piece there.
private func sequence(
    _ bytes: UnsafeBufferPointer<UInt8>, at index: Int
) -> (length: Int, isValid: Bool) {
    let first = bytes[index]
    if first < 0x80 { return (1, true) }
    guard let count = expectedLength(first) else { return (1, false) }
    for offset in 1..<count {
        guard index + offset < bytes.count else { return (offset, false) }
        let byte = bytes[index + offset]
        let allowed = offset == 1 ? secondByte(after: first) : 0x80...0xBF
        guard allowed.contains(byte) else { return (offset, false) }
    }
    let isSurrogate = first == 0xED && bytes[index + 1] >= 0xA0
    return (count, !isSurrogate)
}

private func expectedLength(_ first: UInt8) -> Int? {
    switch first {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: nil
    }
}

/// The second bytes that keep a sequence shortest and within Unicode.
private func secondByte(after first: UInt8) -> ClosedRange<UInt8> {
    switch first {
    case 0xE0: 0xA0...0xBF
    case 0xF0: 0x90...0xBF
    case 0xF4: 0x80...0x8F
    default: 0x80...0xBF
    }
}
