// SHA-256 and HMAC over OpenSSL. The algorithm is fetched once for the process: looking it up
// costs OpenSSL 3 more than hashing a request does.

private import COpenSSL
internal import Glibc

/// A digest that is being fed; with its end it begins anew.
///
/// Safe: OpenSSL's context has one owner and goes with it; no thread is special to it.
@safe struct SHA256: ~Copyable, @unchecked Sendable {
    /// A digest: 32 bytes, kept without an allocation.
    typealias Digest = InlineArray<32, UInt8>

    /// OpenSSL's handle of the algorithm, which is never freed and so is valid for all threads.
    @safe private struct Algorithm: @unchecked Sendable {
        // Safe: an EVP_MD does not change after it was fetched; OpenSSL lets threads share it.
        let handle: OpaquePointer?
    }
    private static let algorithm = unsafe Algorithm(handle: EVP_MD_fetch(nil, "SHA256", nil))

    private let context: OpaquePointer

    init() throws(SigningError) {
        guard let handle = unsafe Self.algorithm.handle else { throw .library("SHA-256") }
        guard let context = unsafe EVP_MD_CTX_new() else { throw .library("memory") }
        guard unsafe EVP_DigestInit_ex2(context, handle, nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            throw .library("SHA-256")
        }
        unsafe self.context = unsafe context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    mutating func update(_ bytes: ArraySlice<UInt8>) throws(SigningError) {
        let done = unsafe bytes.withUnsafeBytes {
            unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count)
        }
        guard done == 1 else { throw .library("SHA-256") }
    }

    mutating func update(
        _ text: borrowing ByteText, _ part: Range<Int>
    ) throws(SigningError) {
        let done = unsafe text.read(part) {
            unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count)
        }
        guard done == 1 else { throw .library("SHA-256") }
    }

    mutating func update(_ digest: Digest) throws(SigningError) {
        let done = unsafe digest.span.withUnsafeBytes {
            unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count)
        }
        guard done == 1 else { throw .library("SHA-256") }
    }

    /// The digest of what came since the last one.
    mutating func end() throws(SigningError) -> Digest {
        var digest = Digest(repeating: 0)
        var span = digest.mutableSpan
        let done = unsafe span.withUnsafeMutableBytes { target in
            // Safe: a SHA-256 is as long as a digest.
            unsafe EVP_DigestFinal_ex(
                context, target.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        guard done == 1, unsafe EVP_DigestInit_ex2(context, nil, nil) == 1 else {
            throw .library("SHA-256")
        }
        return digest
    }

    /// Adds a part of a file, read in pieces.
    mutating func update(
        file path: String, offset: Int64, count: Int64
    ) throws(SigningError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw unsafe .file(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        var done: Int64 = 0
        while done < count {
            let wanted = Int(min(Int64(piece.count), count - done))
            let got = unsafe pread(descriptor, &piece, wanted, off_t(offset + done))
            if got < 0, errno == EINTR { continue }
            guard got > 0 else {
                let reason =
                    unsafe got < 0 ? String(cString: strerror(errno)) : "it is shorter than said"
                throw .file(path: path, reason: reason)
            }
            try update(piece[..<got])
            done += Int64(got)
        }
    }
}

/// A key of HMAC-SHA256 (RFC 2104), made ready once for any number of messages.
struct AuthenticationKey: Sendable, Equatable, CustomReflectable {
    private let inner: [UInt8]
    private let outer: [UInt8]

    init(_ key: [UInt8], with hash: inout SHA256) throws(SigningError) {
        let block = 64
        var pad = key
        if key.count > block {
            try hash.update(key[...])
            pad = try hash.end().bytes
        }
        pad += [UInt8](repeating: 0, count: block - pad.count)
        inner = pad.map { $0 ^ 0x36 }
        outer = pad.map { $0 ^ 0x5c }
    }

    /// Nothing inside, since `dump` would print it.
    var customMirror: Mirror { Mirror(self, children: []) }

    /// The code of a message, which `hash` is borrowed for.
    func authenticate(
        _ text: borrowing ByteText, _ message: Range<Int>, with hash: inout SHA256
    ) throws(SigningError) -> SHA256.Digest {
        try hash.update(inner[...])
        try hash.update(text, message)
        let digest = try hash.end()
        try hash.update(outer[...])
        try hash.update(digest)
        return try hash.end()
    }
}

extension SHA256.Digest {
    /// The digest's bytes in an array.
    var bytes: [UInt8] { indices.map { self[$0] } }

    /// Its lower-case hexadecimal digits.
    var hex: String {
        var text = ByteText(capacity: 64)
        text.appendHex(self)
        return text.string(0..<text.count)
    }
}
