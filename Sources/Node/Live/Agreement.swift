// Makes what was seen live of a node agree with what arrived of it. The final figures are made from
// the samples in the store, so at the end that is what the live figures have to come to, to the last
// sample: what a lost node told of and did not deliver is taken out, and what it delivered and could
// not tell of any more is counted from the samples themselves.

internal import Compression
internal import FoundationEssentials
internal import JTL
internal import Store

/// The agreement on one node.
struct Agreement {
    /// A delivered part: the bytes of the JTL that it holds.
    private struct Piece {
        let key: StoreKey
        let bytes: Range<Int64>
    }

    private let part: RunPart
    private let merge: LiveMerge
    private let node: String

    init(_ part: RunPart, _ merge: LiveMerge, _ node: String) {
        self.part = part
        self.merge = merge
        self.node = node
    }

    /// Settles what is in the figures, for a node that has an outcome or, without one, is lost.
    ///
    /// - Returns: The bytes of its JTL that are in them: all that is delivered by now.
    /// - Throws: errors of the store, or of samples that cannot be read; then call it again.
    func settle(_ outcome: NodeOutcome?) async throws -> Int64 {
        let pieces = try await pieces(outcome)
        let delivered = pieces.last?.bytes.upperBound ?? 0
        guard let settlement = merge.settle(node, delivered: delivered) else {
            throw NodeError("its figures go back too far")
        }
        guard delivered > settlement.counted else { return delivered }
        let unseen = try await count(pieces, from: settlement.counted)
        merge.add(unseen: unseen, of: node, upTo: delivered)
        return delivered
    }

    /// What there is of the node's samples, in order, as far as there is no gap.
    private func pieces(_ outcome: NodeOutcome?) async throws -> [Piece] {
        let keys = part.keys.node(node)
        var pieces: [Piece] = []
        var end: Int64 = 0
        func add(_ key: StoreKey, upTo next: Int64) {
            if next > end { pieces.append(Piece(key: key, bytes: end..<next)) }
            end = max(end, next)
        }
        if let outcome {
            for delivered in outcome.parts {
                let next = end + delivered.bytes
                add(keys.part(delivered.number, end: next), upTo: next)
            }
            return pieces
        }
        for object in try await part.store.list(prefix: keys.partsPrefix) {
            guard let next = keys.part(at: object.key)?.end else { continue }
            add(object.key, upTo: next)
        }
        return pieces
    }

    /// Counts the samples from a byte on, which is the beginning of a line.
    private func count(_ pieces: [Piece], from begin: Int64) async throws -> PackedStatistics {
        var statistics = Statistics()
        var reader = SampleReader()
        if begin > 0, let first = pieces.first {
            // The first line says what the columns are.
            let bytes = try await content(of: first)
            let line = bytes.firstIndex(of: UInt8(ascii: "\n")).map { bytes[...$0] } ?? bytes[...]
            try reader.consume(Array(line), into: &statistics)
        }
        for piece in pieces where piece.bytes.upperBound > begin {
            let bytes = try await content(of: piece)
            let skipped = Int(max(0, begin - piece.bytes.lowerBound))
            try reader.consume(Array(bytes.dropFirst(skipped)), into: &statistics)
        }
        try reader.finish(into: &statistics)
        return PackedStatistics(statistics)
    }

    private func content(of piece: Piece) async throws -> [UInt8] {
        guard let data = try await part.store.read(piece.key) else {
            throw NodeError("\(piece.key.path) is gone")
        }
        var bytes: [UInt8] = []
        var decompressor = try Decompressor(.zstd, source: piece.key.path)
        try Array(data).withUnsafeBytes { data in
            try decompressor.decompress(data) { bytes += $0 }
        }
        try decompressor.finish()
        return bytes
    }
}
