// Signs in a JTL that the machine, not the target, refused: no local port was free, or no more file
// could be opened. The rows are only searched, not read: the search costs next to nothing beside
// counting them, and one such sample is enough.

internal import FoundationEssentials
internal import Glibc
internal import Store

/// Searches a growing JTL.
struct SampleSigns: Sendable {
    /// A text that only this machine's own limits bring into a row.
    private struct Sign: Sendable {
        let kind: Saturation.Kind
        let texts: [[UInt8]]
        let words: String
    }

    private static let signs = [
        Sign(
            kind: .ports,
            texts: ["Cannot assign requested address", "java.net.BindException"].map {
                Array($0.utf8)
            },
            words: "no local port was free"),
        Sign(
            kind: .files, texts: ["Too many open files"].map { Array($0.utf8) },
            words: "no more files could be opened"),
    ]

    private var tail: FileTail
    private var unfinished: [UInt8] = []
    private var counts = [Int](repeating: 0, count: signs.count)
    private var firsts = [Date?](repeating: nil, count: signs.count)
    private var lasts = [Date?](repeating: nil, count: signs.count)

    init(path: String) { tail = FileTail(path: path) }

    /// Whether there is a row beyond the header.
    private(set) var hasRows = false
    private var hasHeader = false

    /// Searches what has been added.
    mutating func look() {
        var rest = unfinished
        var found = Array(repeating: 0, count: Self.signs.count)
        tail.readNew { chunk in
            rest += chunk
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return }
            let whole = rest[...end]
            hasRows = hasHeader || whole.firstIndex(of: UInt8(ascii: "\n")) != end
            hasHeader = true
            for (index, sign) in Self.signs.enumerated() {
                // Lines may name both texts; the one with more of them has the number.
                found[index] += sign.texts.map { Self.count($0, in: whole) }.max() ?? 0
            }
            rest.removeSubrange(...end)
        }
        unfinished = rest
        for index in found.indices where found[index] > 0 {
            counts[index] += found[index]
            firsts[index] = firsts[index] ?? .now
            lasts[index] = .now
        }
    }

    /// What was found, at most one of a kind.
    func saturations(of node: String) -> [Saturation] {
        Self.signs.indices.compactMap { index in
            guard let first = firsts[index], let last = lasts[index] else { return nil }
            let sign = Self.signs[index]
            let count = counts[index]
            return Saturation(
                node: node, kind: sign.kind, since: first,
                seconds: max(1, last.timeIntervalSince(first)),
                text: "\(sign.words) for \(count) \(count == 1 ? "sample" : "samples")")
        }
    }

    private static func count(_ text: [UInt8], in bytes: ArraySlice<UInt8>) -> Int {
        guard let first = text.first else { return 0 }
        return bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            var (count, place) = (0, 0)
            while bytes.count - place >= text.count,
                let match = memchr(start + place, Int32(first), bytes.count - place)
            {
                let index = UnsafeRawPointer(match) - start
                let fits = bytes.count - index >= text.count
                if fits, memcmp(start + index, text, text.count) == 0 {
                    count += 1
                    place = index + text.count
                } else {
                    place = index + 1
                }
            }
            return count
        }
    }
}
