// Plain bytes out of plain, gzip or zstd data, whichever the first bytes say it is. Both formats
// allow several frames (gzip: members) one behind the other; all of them are read.

/// How data is compressed.
package enum CompressionFormat: Equatable, Sendable {
    /// Not at all.
    case plain
    /// gzip, RFC 1952.
    case gzip
    /// zstd, RFC 8878.
    case zstd

    /// How many first bytes are needed to tell.
    package static let magicLength = 4

    /// The format of data that begins with these bytes.
    package init(magic bytes: some Collection<UInt8>) {
        if bytes.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else {
            self = .plain
        }
    }
}

/// Decompresses bytes as they come.
package struct Decompressor: ~Copyable {
    /// Receives plain bytes, which are valid only during the call.
    package typealias Sink = (UnsafeRawBufferPointer) throws -> Void

    private var gzip: GzipStream?
    private var zstd: ZstdStream?
    private let source: String

    /// A decompressor at the beginning of data; `source` names it in errors.
    ///
    /// - Throws: ``CompressionError/library(_:)`` where a library cannot start.
    package init(_ format: CompressionFormat, source: String) throws(CompressionError) {
        self.source = source
        switch format {
        case .plain: break
        case .gzip: gzip = try GzipStream(source: source)
        case .zstd: zstd = try ZstdStream(source: source)
        }
    }

    /// Takes in bytes and hands on what they hold.
    ///
    /// - Throws: ``CompressionError/damaged(source:reason:)``, or what `sink` throws.
    package mutating func decompress(_ bytes: UnsafeRawBufferPointer, _ sink: Sink) throws {
        if zstd != nil {
            try zstd?.decompress(bytes, sink)
        } else if gzip != nil {
            try gzip?.decompress(bytes, sink)
        } else if !bytes.isEmpty {
            try sink(bytes)
        }
    }

    /// Makes sure that the data ended where a frame ended.
    ///
    /// - Throws: ``CompressionError/truncated(source:)``.
    package mutating func finish() throws(CompressionError) {
        let isOpen = (zstd?.isInsideFrame ?? false) || (gzip?.isInsideMember ?? false)
        if isOpen { throw .truncated(source: source) }
    }
}
