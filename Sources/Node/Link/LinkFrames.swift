// Frames: what is sent over a link, cut into pieces that are whole or do not count.
//
//   4 bytes length of what follows, the lowest first; the payload; 16 bytes of its code
//
// The code covers the frame's number in its direction, so a frame that was repeated, left out or
// changed ends the connection. The first frames of each side have no code: they agree on the keys.

/// Why a connection is not to be believed any further.
struct LinkFault: Error, Equatable {
    let message: String
    init(_ message: String) { self.message = message }
}

/// Frames of one direction, with the key of that direction.
struct FrameSeal: Sendable {
    private let secret: LinkSecret
    private var number: UInt64 = 0

    /// Bytes of a code that go with a frame.
    static let codeLength = 16

    init(_ secret: LinkSecret) { self.secret = secret }

    /// The code of the next frame.
    mutating func code(_ payload: [UInt8]) -> ArraySlice<UInt8> {
        let head = LinkNumbers.bytes(number) + LinkNumbers.bytes(UInt64(payload.count))
        number += 1
        return secret.code(head + payload).prefix(Self.codeLength)
    }
}

/// Cuts a stream of bytes into frames.
struct FrameReader: Sendable {
    private var buffer: [UInt8] = []
    private var start = 0
    private var seal: FrameSeal?
    private var limit: Int

    /// A reader of frames of at most `limit` bytes, which have no codes yet.
    init(limit: Int) { self.limit = limit }

    /// From here on frames have codes, and may be as long as `limit`.
    mutating func begin(_ seal: FrameSeal, limit: Int) {
        self.seal = seal
        self.limit = limit
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0, start * 2 > buffer.count {
            buffer.removeFirst(start)
            start = 0
        }
        buffer += bytes
    }

    /// The next whole frame's payload; nil until more bytes come.
    ///
    /// - Throws: ``LinkFault`` for a frame that is too long or whose code is wrong.
    mutating func next() throws(LinkFault) -> [UInt8]? {
        guard buffer.count - start >= 4 else { return nil }
        let length = Int(LinkNumbers.uint32(buffer[start..<(start + 4)]))
        guard length <= limit else { throw LinkFault("a frame of \(length) bytes") }
        let codeLength = seal == nil ? 0 : FrameSeal.codeLength
        let end = start + 4 + length
        guard buffer.count >= end + codeLength else { return nil }
        let payload = Array(buffer[(start + 4)..<end])
        if let code = seal?.code(payload) {
            guard LinkSecret.match(code, buffer[end..<(end + codeLength)]) else {
                throw LinkFault("a frame with a wrong code")
            }
        }
        start = end + codeLength
        return payload
    }
}

/// A frame as bytes.
enum LinkFrame {
    static func bytes(_ payload: [UInt8], _ seal: inout FrameSeal) -> [UInt8] {
        plain(payload) + seal.code(payload)
    }

    static func plain(_ payload: [UInt8]) -> [UInt8] {
        LinkNumbers.bytes(UInt32(payload.count)) + payload
    }
}

/// Numbers with a fixed number of bytes, the lowest first.
enum LinkNumbers {
    static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    static func uint32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func int64(_ bytes: ArraySlice<UInt8>) -> Int64 {
        Int64(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
}
