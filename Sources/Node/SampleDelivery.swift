// Brings samples to the store while they are being made, so that the loss of a node costs seconds.
//
// A part is a range of the JTL's bytes, cut after a line end and compressed as a zstd frame of its
// own: the parts in their order, one after another, are the whole file again. Parts are cut where the
// seconds of the interval log are, so what arrived of a node that is lost is so many whole seconds.

internal import Compression
internal import FoundationEssentials
internal import Glibc
internal import Store

/// Delivers a growing JTL in parts.
struct SampleDelivery {
    private let path: String
    private let store: any ObjectStore
    private let keys: NodeRunKeys
    /// The bytes of the JTL that are in the store.
    private(set) var delivered: Int64 = 0
    /// Where a part ends that was tried and may have arrived: the next attempt is the same part.
    private var tried: Int64?
    private(set) var parts: [DeliveredPart] = []

    /// No part is larger than this many bytes before compression.
    private static let partLimit = 16 << 20

    init(path: String, store: any ObjectStore, keys: NodeRunKeys) {
        self.path = path
        self.store = store
        self.keys = keys
    }

    /// Delivers what there is before a byte of the file, which is the beginning of a line; without
    /// one everything.
    ///
    /// - Throws: when the store does not take it; nothing is lost, call it again.
    mutating func deliver(upTo end: Int64?) async throws {
        while let bytes = nextPart(upTo: tried ?? end), !bytes.isEmpty {
            let number = parts.count + 1
            let next = delivered + Int64(bytes.count)
            let frame = try Self.frame(bytes)
            tried = next
            try await store.write(frame, to: keys.part(number, end: next))
            tried = nil
            delivered = next
            parts.append(DeliveredPart(number: number, bytes: Int64(bytes.count)))
        }
    }

    private static func frame(_ bytes: [UInt8]) throws -> Data {
        var compressor = try ZstdCompressor()
        let body = try compressor.compress(bytes)
        return Data(body + (try compressor.finish()))
    }

    private func nextPart(upTo end: Int64?) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        let limit = min(Int64(status.st_size), end ?? .max)
        guard limit > delivered else { return nil }
        let size = min(Self.partLimit, Int(limit - delivered))
        var bytes = [UInt8](repeating: 0, count: size)
        let count = pread(descriptor, &bytes, bytes.count, Int(delivered))
        guard count > 0 else { return nil }
        bytes.removeLast(bytes.count - count)
        // Of more than fits into one part, this one ends with a line.
        if delivered + Int64(count) < limit, let end = bytes.lastIndex(of: UInt8(ascii: "\n")) {
            bytes.removeLast(bytes.count - end - 1)
        }
        return bytes
    }
}
