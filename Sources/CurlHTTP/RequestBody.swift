// The body on its way out: libcurl asks for a piece at a time, and a file is never held in memory.

internal import Glibc
internal import HTTP

/// What is left of a body to send.
struct RequestBody: ~Copyable {
    private let count: Int64
    private var sent: Int64 = 0
    private var bytes: [UInt8] = []
    private var file: Descriptor?
    private var path = ""
    private var offset: Int64 = 0

    init(_ body: HTTPBody) throws(HTTPError) {
        count = body.count
        switch body {
        case .none: break
        case .bytes(let given): bytes = given
        case .file(let path, let offset, _):
            file = try Descriptor(reading: path)
            self.path = path
            self.offset = offset
        }
    }

    /// Puts the next piece at `target`; 0 when all is sent.
    mutating func next(
        into target: UnsafeMutableRawPointer, capacity: Int
    ) throws(HTTPError) -> Int {
        let wanted = Int(min(Int64(capacity), count - sent))
        guard wanted > 0 else { return 0 }
        if let got = try unsafe file?.read(into: target, count: wanted, at: offset + sent) {
            guard got > 0 else {
                throw .file(path: path, operation: "send", reason: "it is shorter than said")
            }
            sent += Int64(got)
            return got
        }
        unsafe bytes.withUnsafeBytes { all in
            // Safe: an array of `count` bytes, of which `sent + wanted` at most are asked for.
            if let start = all.baseAddress {
                unsafe memcpy(target, start.advanced(by: Int(sent)), wanted)
            }
        }
        sent += Int64(wanted)
        return wanted
    }
}
