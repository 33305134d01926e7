// SHA-256 and HMAC over OpenSSL. The algorithm is fetched once for the process: looking it up
// costs OpenSSL 3 more than hashing a request does.

private import COpenSSL
internal import Glibc

/// A digest that is being fed; its end is taken once.
struct SHA256: ~Copyable {
    /// The length of a digest in bytes.
    static let length = 32

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

    consuming func end() throws(SigningError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Self.length)
        var count: UInt32 = 0
        guard EVP_DigestFinal_ex(context, &digest, &count) == 1 else {
            throw .library("SHA-256")
        }
        return digest
    }

    /// The digest of bytes that are there.
    static func digest(_ bytes: [UInt8]) throws(SigningError) -> [UInt8] {
        var hash = try SHA256()
        try hash.update(bytes[...])
        return try hash.end()
    }

    /// HMAC as of RFC 2104.
    static func authenticate(_ message: [UInt8], key: [UInt8]) throws(SigningError) -> [UInt8] {
        let block = 64
        var pad = key.count > block ? try digest(key) : key
        pad += [UInt8](repeating: 0, count: block - pad.count)
        let inner = try digest(pad.map { $0 ^ 0x36 } + message)
        return try digest(pad.map { $0 ^ 0x5c } + inner)
    }

    /// The digest of a part of a file, read in pieces.
    static func digest(
        file path: String, offset: Int64, count: Int64
    ) throws(SigningError) -> [UInt8] {
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

/// Lower-case hexadecimal digits, which signatures are written in.
enum Hex {
    static func append(_ source: [UInt8], to bytes: inout [UInt8]) {
        for byte in source {
            bytes.append(digit(byte >> 4))
            bytes.append(digit(byte & 15))
        }
    }

    static func text(_ source: [UInt8]) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count * 2)
        append(source, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
