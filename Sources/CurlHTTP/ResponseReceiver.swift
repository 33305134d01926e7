// The answer on its way in: header lines first, then the body, which goes into a file when it is
// the one that was asked for, and into memory within a limit when it is anything else.

internal import HTTP

/// What has come of an answer.
struct ResponseReceiver: ~Copyable {
    private let url: HTTPURL
    private let sink: HTTPSink
    private var status = 0
    private var fields: [HTTPHeaders.Field] = []
    private var headerBytes = 0
    private var bytes: [UInt8] = []
    private var file: Descriptor?
    private var fileStart: Int64 = 0
    /// The bytes of the body so far.
    private(set) var received: Int64 = 0

    /// More than AWS sends by far; a limit of libcurl's own counts for a single line.
    private static let headerLimit = 256 << 10
    /// The limit for an answer that was to go into a file and does not, being an error.
    private static let errorLimit = 1 << 20

    init(of url: HTTPURL, to sink: HTTPSink) {
        self.url = url
        self.sink = sink
    }

    /// Whether the header is complete enough to be an answer's.
    var hasBegun: Bool { status >= 200 }

    /// The answer so far.
    var response: HTTPResponse {
        HTTPResponse(status: status, headers: HTTPHeaders(fields), body: bytes)
    }

    // MARK: - Header

    /// Takes a line with its line break.
    mutating func takeHeader(_ line: UnsafeRawBufferPointer) throws(HTTPError) {
        headerBytes += line.count
        guard headerBytes <= Self.headerLimit else {
            throw .notHTTP(url, reason: "its header is longer than \(Self.headerLimit) bytes")
        }
        let text = unsafe String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // A status line begins anew: what came before was an interim answer such as 100.
            let code = text.split(separator: " ").dropFirst().first?.prefix(3) ?? ""
            status = UInt16(code).map(Int.init) ?? 0
            fields = []
        } else if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
            // A bare CR or NUL in a value reads as a space (RFC 9110 5.5).
            let value = text[text.index(after: colon)...].utf8.map { byte in
                byte == 0 || byte == 0x0a || byte == 0x0d ? 0x20 : byte
            }
            fields.append(
                HTTPHeaders.Field(name: String(text[..<colon]), value: Self.trimmed(value)))
        }
    }

    private static func trimmed(_ bytes: [UInt8]) -> String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = bytes.drop(while: isSpace)
        let end = start.lastIndex { !isSpace($0) } ?? start.startIndex - 1
        return String(decoding: start[..<(end + 1)], as: UTF8.self)
    }

    // MARK: - Body

    /// Takes a piece of the body.
    mutating func take(_ piece: UnsafeRawBufferPointer) throws(HTTPError) {
        switch sink {
        case .file(let path, let offset) where isForFile:
            try openFile(path, offset)
            try unsafe file?.write(piece, at: fileStart + received)
        case .file:
            // What is beyond the limit of an error's text tells nobody anything.
            unsafe bytes += piece.prefix(Self.errorLimit - bytes.count)
        case .bytes(let limit):
            guard bytes.count + piece.count <= limit else { throw .tooLong(url, limit: limit) }
            unsafe bytes += piece
        }
        received += Int64(piece.count)
    }

    /// Ends the answer; a file exists even for an empty body.
    mutating func end() throws(HTTPError) {
        if case .file(let path, let offset) = sink, isForFile { try openFile(path, offset) }
    }

    private var isForFile: Bool { status == 200 || status == 206 }

    private mutating func openFile(_ path: String, _ offset: Int64) throws(HTTPError) {
        guard file == nil else { return }
        // 200 is the whole, even where a part was asked for.
        fileStart = status == 206 ? offset : 0
        file = try Descriptor(writing: path, emptied: status == 200)
    }
}
