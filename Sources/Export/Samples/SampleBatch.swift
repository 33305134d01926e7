// Samples in the form in which they are sent, as many as make one request.

/// Encoded samples, one behind the other.
struct SampleBatch: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each of them ends.
    private var ends: [Int] = []

    var count: Int { ends.count }
    var isEmpty: Bool { ends.isEmpty }

    /// Adds one item, which `write` puts at the end of the bytes.
    mutating func append(_ write: (inout [UInt8]) throws -> Void) rethrows {
        try write(&bytes)
        ends.append(bytes.count)
    }

    /// The items at these places, which grow.
    func picking(_ places: [Int]) -> SampleBatch {
        var picked = SampleBatch()
        for place in places {
            let start = place == 0 ? 0 : ends[place - 1]
            picked.append { $0 += bytes[start..<ends[place]] }
        }
        return picked
    }

    /// What one request may hold.
    struct Limits: Sendable {
        var items = 5000
        var bytes = 5 << 20
    }

    /// Whether one more item would be too much.
    func isFull(_ limits: Limits) -> Bool {
        count >= limits.items || bytes.count >= limits.bytes
    }
}
