// Compression: what goes in comes out, whatever the pieces, and what is cut or damaged is an error.

import Compression
import FoundationEssentials
import JTL
import Testing

@testable import Results

@Suite struct `Compressed bytes` {
    private let plain = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }

    @Test(arguments: [1, 1000, 1 << 20])
    func `of zstd come back in pieces of any size`(size: Int) throws {
        let frames = try compressed(plain) + compressed(Array("second frame".utf8))
        #expect(try decompressed(frames, .zstd, pieces: size) == plain + Array("second frame".utf8))
    }

    @Test(arguments: [CompressionFormat.zstd, .gzip])
    func `that end too early are an error wherever they end`(format: CompressionFormat) throws {
        let bytes = format == .zstd ? try compressed(Array("some text".utf8)) : gzip
        for end in 1..<bytes.count {
            #expect(throws: CompressionError.truncated(source: "x"), "cut at \(end)") {
                _ = try decompressed(Array(bytes[0..<end]), format, pieces: 3)
            }
        }
    }

    @Test(arguments: [CompressionFormat.zstd, .gzip])
    func `that are damaged are an error`(format: CompressionFormat) throws {
        var bytes = format == .zstd ? try compressed(plain) : gzip
        bytes[bytes.count - 2] ^= 0xFF
        #expect(throws: CompressionError.self) {
            _ = try decompressed(bytes, format, pieces: 1 << 20)
        }
    }

    @Test(arguments: [1, 5, 1 << 20])
    func `of gzip come back, member after member`(size: Int) throws {
        #expect(try decompressed(gzip + gzip, .gzip, pieces: size) == Array("hello\nhello\n".utf8))
    }

    @Test(arguments: [1, 7, 100])
    func `of gzip may be filled up with zeros, as gzip itself has it`(size: Int) throws {
        let padding = [UInt8](repeating: 0, count: 50)
        #expect(try decompressed(gzip + padding, .gzip, pieces: size) == Array("hello\n".utf8))
        #expect(throws: CompressionError.self) {
            try decompressed(gzip + padding + [7], .gzip, pieces: size)
        }
    }

    @Test func `of files are told by their first bytes and not by their names`() throws {
        let folder = try TemporaryFolder()
        let text = Array("elapsed,label,success\n5,a,true\n".utf8)
        let source = try folder.write(text, to: "plain.zst")
        let target = folder.path + "/packed.jtl"
        try ZstdFile.compress(from: source, to: target)
        #expect(try Array(Data(contentsOf: URL(filePath: target))).starts(with: [0x28, 0xB5]))
        #expect(try SampleFiles.read([source, target]).total.samples == 2)
        try ZstdFile.decompress(from: target, to: source)
        #expect(try Array(Data(contentsOf: URL(filePath: source))) == text)
    }

    @Test func `leave no half file where the source fails`() throws {
        let folder = try TemporaryFolder()
        let broken = try folder.write(try compressed(plain).dropLast(5), to: "broken")
        #expect(throws: CompressionError.self) {
            try ZstdFile.decompress(from: broken, to: folder.path + "/target")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["broken"])
    }

    @Test(arguments: ["/nowhere/x.jtl", "/"])
    func `of files that can't be read are named in the error`(path: String) {
        let error = #expect(throws: ResultsError.self) { _ = try SampleFiles.read([path]) }
        #expect(error?.message.contains(path) == true)
    }

    /// Made by `printf 'hello\n' | gzip -n`.
    private let gzip: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9,
        0xE7, 0x02, 0x00, 0x20, 0x30, 0x3A, 0x36, 0x06, 0x00, 0x00, 0x00,
    ]

    private func compressed(_ bytes: [UInt8]) throws -> [UInt8] { try ZstdFrame.compressed(bytes) }

    private func decompressed(
        _ bytes: [UInt8], _ format: CompressionFormat, pieces: Int
    ) throws -> [UInt8] {
        var decompressor = try Decompressor(format, source: "x")
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            let piece = Array(bytes[start..<min(start + pieces, bytes.count)])
            try piece.withUnsafeBytes { try decompressor.decompress($0) { result += Array($0) } }
        }
        try decompressor.finish()
        return result
    }
}
