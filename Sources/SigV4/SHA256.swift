// SHA-256 and HMAC over OpenSSL. The algorithm is fetched once for the process: looking it up
// costs OpenSSL 3 more than hashing a request does.

private import COpenSSL
internal import Glibc

/// A digest that is being fed; with its end it begins anew.
struct SHA256: ~Copyable {
    /// A digest: 32 bytes, kept without an allocation.
    typealias Digest = InlineArray<32, UInt8>

    /// OpenSSL's handle of the algorithm, which is never freed and so is valid for all threads.
    private struct Algorithm: @unchecked Sendable {
        // Safe: an EVP_MD does not change after it was fetched; OpenSSL lets threads share it.
        let handle: OpaquePointer?
    }
    private static let algorithm = Algorithm(handle: EVP_MD_fetch(nil, "SHA256", nil))

    private let context: OpaquePointer

    init() throws(SigningError) {
        guard let handle = Self.algorithm.handle else { throw .library("SHA-256") }
        guard let context = EVP_MD_CTX_new() else { throw .library("memory") }
        guard EVP_DigestInit_ex2(context, handle, nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw .library("SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    mutating func update(_ bytes: ArraySlice<UInt8>) throws(SigningError) {
        let done = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        guard done == 1 else { throw .library("SHA-256") }
    }

    mutating func update(_ digest: Digest) throws(SigningError) {
        let done = digest.span.withUnsafeBytes {
            EVP_DigestUpdate(context, $0.baseAddress, $0.count)
        }
        guard done == 1 else { throw .library("SHA-256") }
    }

    /// The digest of what came since the last one.
    mutating func end() throws(SigningError) -> Digest {
        var digest = Digest(repeating: 0)
        var span = digest.mutableSpan
        let done = span.withUnsafeMutableBytes { target in
            // Safe: a SHA-256 is as long as a digest.
            EVP_DigestFinal_ex(
                context, target.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        guard done == 1, EVP_DigestInit_ex2(context, nil, nil) == 1 else {
            throw .library("SHA-256")
        }
        return digest
    }

    /// The digest of bytes that are there.
    static func digest(_ bytes: [UInt8]) throws(SigningError) -> Digest {
        var hash = try SHA256()
        try hash.update(bytes[...])
        return try hash.end()
    }

    /// The digest of a part of a file, read in pieces.
    static func digest(
        file path: String, offset: Int64, count: Int64
    ) throws(SigningError) -> Digest {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .file(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var hash = try SHA256()
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        var done: Int64 = 0
        while done < count {
            let wanted = Int(min(Int64(piece.count), count - done))
            let got = pread(descriptor, &piece, wanted, off_t(offset + done))
            if got < 0, errno == EINTR { continue }
            guard got > 0 else {
                let reason = got < 0 ? String(cString: strerror(errno)) : "it is shorter than said"
                throw .file(path: path, reason: reason)
            }
            try hash.update(piece[..<got])
            done += Int64(got)
        }
        return try hash.end()
    }
}

/// A key of HMAC-SHA256 (RFC 2104), made ready once for any number of messages.
struct AuthenticationKey: Sendable, Equatable {
    private let inner: [UInt8]
    private let outer: [UInt8]

    init(_ key: [UInt8]) throws(SigningError) {
        let block = 64
        var pad = key.count > block ? Hex.array(try SHA256.digest(key)) : key
        pad += [UInt8](repeating: 0, count: block - pad.count)
        inner = pad.map { $0 ^ 0x36 }
        outer = pad.map { $0 ^ 0x5c }
    }

    /// The code of a message, which `hash` is borrowed for.
    func authenticate(
        _ message: [UInt8], with hash: inout SHA256
    ) throws(SigningError) -> SHA256.Digest {
        try hash.update(inner[...])
        try hash.update(message[...])
        let digest = try hash.end()
        try hash.update(outer[...])
        try hash.update(digest)
        return try hash.end()
    }
}

/// Lower-case hexadecimal digits, which signatures are written in.
enum Hex {
    static func append(_ digest: SHA256.Digest, to bytes: inout [UInt8]) {
        var text = InlineArray<64, UInt8>(repeating: 0)
        for index in digest.indices {
            text[index * 2] = digit(digest[index] >> 4)
            text[index * 2 + 1] = digit(digest[index] & 15)
        }
        text.span.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    static func text(_ digest: SHA256.Digest) -> String {
        String(unsafeUninitializedCapacity: 64) { target in
            // Safe: two digits for each of 32 bytes.
            for index in digest.indices {
                target[index * 2] = digit(digest[index] >> 4)
                target[index * 2 + 1] = digit(digest[index] & 15)
            }
            return 64
        }
    }

    /// The digest's bytes as they are.
    static func array(_ digest: SHA256.Digest) -> [UInt8] {
        digest.indices.map { digest[$0] }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
