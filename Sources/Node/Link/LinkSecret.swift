// What the two ends of a link prove to each other, and what protects each frame between them: HMAC
// with SHA-256 under a key that only the nodes of one run can read in the store.
//
// A link is not encrypted: what goes over it is what anyone sees on a dashboard, and the fleet's own
// network carries it. It must not be forged, repeated or reordered, and that is what the codes are for.

private import COpenSSL
internal import Glibc

/// A key of a link.
struct LinkSecret: Sendable, Equatable, CustomReflectable {
    private let bytes: [UInt8]

    private static let length = 32

    /// A new key from the kernel's random numbers.
    static func random() -> LinkSecret {
        LinkSecret(bytes: LinkNonce.random(length))
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// A key as it stands in the store; nil for what is none.
    init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == Self.length * 2 else { return nil }
        var bytes: [UInt8] = []
        for pair in stride(from: 0, to: digits.count, by: 2) {
            let text = String(decoding: digits[pair..<(pair + 2)], as: UTF8.self)
            guard let byte = UInt8(text, radix: 16) else { return nil }
            bytes.append(byte)
        }
        self.bytes = bytes
    }

    /// As it stands in the store.
    var hex: String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// Nothing inside, since `dump` would print it.
    var customMirror: Mirror { Mirror(self, children: []) }

    /// The code of a message: 32 bytes.
    func code(_ message: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 32
        let done = HMAC(
            EVP_sha256(), bytes, Int32(bytes.count), message, message.count, &code, &length)
        // Without memory there is no code, and none that is right: random bytes match nothing.
        return done == nil ? LinkNonce.random(32) : code
    }

    /// Another key, for one purpose.
    func derived(_ purpose: String, _ context: [UInt8]) -> LinkSecret {
        LinkSecret(bytes: code(Array(purpose.utf8) + [0] + context))
    }

    /// Whether two codes are the same, in a time that does not tell where they differ.
    static func match(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        let (left, right) = (Array(left), Array(right))
        return left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}

/// Bytes that nobody has seen before.
enum LinkNonce {
    static let length = 16

    static func random(_ count: Int = length) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}
