// Brings samples to the store while they are being made, so that the loss of a node costs seconds.
//
// A part is a range of the JTL's bytes, cut after a line end and compressed as a zstd frame of its
// own: the parts in their order, one after another, are the whole file again.

internal import Compression
internal import FoundationEssentials
internal import Glibc
internal import Store

/// Delivers a growing JTL in parts.
struct SampleDelivery {
    private let path: String
    private let store: any ObjectStore
    private let keys: NodeRunKeys
    private var delivered: Int64 = 0
    private(set) var parts: [DeliveredPart] = []

    /// No part is larger than this many bytes before compression.
    private static let partLimit = 16 << 20

    init(path: String, store: any ObjectStore, keys: NodeRunKeys) {
        self.path = path
        self.store = store
        self.keys = keys
    }

    /// Delivers what is complete: whole lines, or at the end everything.
    ///
    /// - Throws: when the store does not take it; nothing is lost, call it again.
    mutating func deliver(atEnd: Bool) async throws {
        while let bytes = nextPart(atEnd: atEnd), !bytes.isEmpty {
            let number = parts.count + 1
            try await store.write(try Self.frame(bytes), to: keys.part(number))
            delivered += Int64(bytes.count)
            parts.append(DeliveredPart(number: number, bytes: Int64(bytes.count)))
        }
    }

    private static func frame(_ bytes: [UInt8]) throws -> Data {
        var compressor = try ZstdCompressor()
        let body = try compressor.compress(bytes)
        return Data(body + (try compressor.finish()))
    }

    private func nextPart(atEnd: Bool) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Int64(status.st_size) > delivered else { return nil }
        let size = min(Self.partLimit, Int(Int64(status.st_size) - delivered))
        var bytes = [UInt8](repeating: 0, count: size)
        let count = pread(descriptor, &bytes, bytes.count, Int(delivered))
        guard count > 0 else { return nil }
        bytes.removeLast(bytes.count - count)
        if !(atEnd && count < Self.partLimit), let end = bytes.lastIndex(of: UInt8(ascii: "\n")) {
            bytes.removeLast(bytes.count - end - 1)
        } else if !atEnd {
            return nil
        }
        return bytes
    }
}
