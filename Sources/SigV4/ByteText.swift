// Text being written byte by byte. An array would ask at every byte whether someone else holds it,
// which took longer than writing; a text has one owner, so there is nothing to ask.

internal import Glibc

/// Bytes that grow at their end, and parts of them known by their ranges.
@safe struct ByteText: ~Copyable, Sendable {
    // Safe: allocated here, freed with the one owner, and reached only through the checks below.
    private nonisolated(unsafe) var storage: UnsafeMutableBufferPointer<UInt8>
    /// How many bytes there are.
    private(set) var count = 0

    init(capacity: Int = 2048) { unsafe storage = .allocate(capacity: capacity) }

    deinit { unsafe storage.deallocate() }

    mutating func removeAll() { count = 0 }

    mutating func removeLast(_ number: Int) {
        precondition(0...count ~= number)
        count -= number
    }

    subscript(index: Int) -> UInt8 {
        get {
            precondition(0..<count ~= index)
            return unsafe storage[index]
        }
        set {
            precondition(0..<count ~= index)
            unsafe storage[index] = newValue
        }
    }

    // MARK: - Writing

    mutating func append(_ byte: UInt8) {
        makeRoom(for: 1)
        unsafe storage[count] = byte
        count += 1
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { unsafe append($0) }
    }

    mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append($0) }
    }

    /// Writes a part of the text once more.
    mutating func append(_ part: Range<Int>) {
        makeRoom(for: part.count)
        unsafe append(bytes(part))
    }

    /// Writes a digest's lower-case hexadecimal digits, which signatures are written in.
    mutating func appendHex(_ digest: SHA256.Digest) {
        makeRoom(for: 64)
        let end = unsafe UnsafeMutableBufferPointer(rebasing: storage[count..<(count + 64)])
        for index in 0..<32 {
            let byte = digest[index]
            unsafe end[2 * index] = Self.digit(byte >> 4)
            unsafe end[2 * index + 1] = Self.digit(byte & 15)
        }
        count += 64
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        // From 10 on the 6 carries over and leads from the digits to the letters: a branch would
        // be guessed wrongly for every other digit.
        UInt8(ascii: "0") &+ value &+ ((value &+ 6) >> 4) &* 39
    }

    private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        makeRoom(for: bytes.count)
        if let end = unsafe storage.baseAddress?.advanced(by: count) {
            // Safe: there is room, and what is written lies behind all that is read.
            unsafe end.update(from: start, count: bytes.count)
            count += bytes.count
        }
    }

    private mutating func makeRoom(for number: Int) {
        guard unsafe count + number > storage.count else { return }
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 2 * (count + number))
        _ = unsafe larger.update(fromContentsOf: storage[..<count])
        unsafe storage.deallocate()
        unsafe storage = larger
    }

    // MARK: - Reading

    /// Reads a part of the text, in place.
    func read<Result>(
        _ part: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        unsafe body(UnsafeRawBufferPointer(bytes(part)))
    }

    func string(_ part: Range<Int>) -> String {
        unsafe String(decoding: bytes(part), as: UTF8.self)
    }

    /// Whether a part has a space or a control character.
    func hasSpace(_ part: Range<Int>) -> Bool {
        // The least of all bytes: a loop without a way out, many bytes at a time.
        unsafe bytes(part).reduce(UInt8.max) { min($0, $1) } <= UInt8(ascii: " ")
    }

    func isEqual(_ part: Range<Int>, _ other: [UInt8]) -> Bool {
        unsafe part.count == other.count && bytes(part).elementsEqual(other)
    }

    func areEqual(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        one.count == other.count && order(one, other) == 0
    }

    /// Whether one part comes before another, byte by byte.
    func precedes(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        let order = order(one, other)
        return order < 0 || order == 0 && one.count < other.count
    }

    private func order(_ one: Range<Int>, _ other: Range<Int>) -> Int32 {
        guard let first = unsafe bytes(one).baseAddress,
            let second = unsafe bytes(other).baseAddress
        else { return 0 }
        // Safe: both have so many bytes.
        return unsafe memcmp(first, second, min(one.count, other.count))
    }

    private func bytes(_ part: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        precondition(0 <= part.lowerBound && part.upperBound <= count)
        return unsafe UnsafeBufferPointer(rebasing: storage[part])
    }
}
