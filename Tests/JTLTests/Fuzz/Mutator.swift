// Changes a file in the ways that matter to a reader of JTLs: lines, fields, quotes, numbers and
// line ends rather than bits. What it makes is mostly still a JTL, and wrong in one or two places.

/// Makes wrong files of right ones.
struct Mutator {
    var random: SplitMix
    /// Other files, of which pieces are taken.
    let others: [[UInt8]]

    private static let odd = Array("\",;\t|\n\r\0\u{1}-9 <".utf8) + [0xFF, 0xC3, 0xED, 0xEF]
    /// Fields that are seldom or never right, separated by what occurs in none of them.
    private static let fields: [[UInt8]] = """
        |0|-1|7|99999999|100000000|16383|16384|4294967296|1e3| 12 |00000000000012|200|404|é|\
        9223372036854775807|9223372036854775808|-9223372036854775808|1767225600000|\
        2025/12/31 23:59:59.999|true|false|TRUE|truex|null|timeStamp|label|Non HTTP, code|\
        "|""|"a""b"|"a\nb"|"a\r\n"|"\n1767225599000,5,FAKE,200,OK,t,text,true,,1,2,3,4,x,5,6,7\n"|\
        Number of samples in transaction : 0, number of failing samples : 0|\
        Number of samples in transaction : 2, number of failing samples : 1
        """.utf8.split(separator: 0x7C, omittingEmptySubsequences: false).map(Array.init)
        + [[0xFF, 0x80], [0xED, 0xA0, 0x80], Array(repeating: 0x78, count: 300)]

    /// Makes up to eight changes, each at a random place.
    mutating func mutate(_ bytes: inout [UInt8]) {
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            guard !bytes.isEmpty else { return }
            switch Int.random(in: 0..<14, using: &random) {
            case 0, 1: bytes[place(in: bytes)] = oddByte()
            case 2: bytes.insert(oddByte(), at: place(in: bytes))
            case 3: remove(from: &bytes)
            case 4, 5, 6: changeField(&bytes)
            case 7: quoteField(&bytes)
            case 8: repeatLine(&bytes)
            case 9: bytes.removeSubrange(line(of: bytes))
            case 10: changeLineEnd(&bytes)
            case 11: addHeader(&bytes)
            case 12: splice(&bytes)
            default: bytes.removeSubrange(place(in: bytes)...)
            }
        }
    }

    private mutating func place(in bytes: [UInt8]) -> Int {
        Int.random(in: 0..<bytes.count, using: &random)
    }

    private mutating func oddByte() -> UInt8 {
        Int.random(in: 0..<8, using: &random) == 0
            ? UInt8.random(in: 0...255, using: &random)
            : Self.odd.randomElement(using: &random) ?? 0
    }

    private mutating func remove(from bytes: inout [UInt8]) {
        let start = place(in: bytes)
        let count = Int.random(in: 1...20, using: &random)
        bytes.removeSubrange(start..<min(bytes.count, start + count))
    }

    private mutating func changeField(_ bytes: inout [UInt8]) {
        let range = field(of: bytes)
        bytes.replaceSubrange(range, with: Self.fields.randomElement(using: &random) ?? [])
    }

    private mutating func quoteField(_ bytes: inout [UInt8]) {
        let range = field(of: bytes)
        let quoted = bytes[range].flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] }
        bytes.replaceSubrange(range, with: [0x22] + quoted + [0x22])
    }

    private mutating func repeatLine(_ bytes: inout [UInt8]) {
        let text = Array(bytes[line(of: bytes)])
        bytes.insert(contentsOf: text, at: line(of: bytes).lowerBound)
    }

    private mutating func changeLineEnd(_ bytes: inout [UInt8]) {
        let end = line(of: bytes).upperBound
        guard end > 0 else { return }
        let ends = ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\n\r"].map { Array($0.utf8) }
        bytes.replaceSubrange(end - 1..<end, with: ends.randomElement(using: &random) ?? [])
    }

    private mutating func addHeader(_ bytes: inout [UInt8]) {
        let source = others.randomElement(using: &random) ?? bytes
        let header = source.prefix { $0 != 0x0A } + [0x0A]
        bytes.insert(contentsOf: header, at: line(of: bytes).lowerBound)
    }

    private mutating func splice(_ bytes: inout [UInt8]) {
        let source = others.randomElement(using: &random) ?? bytes
        guard !source.isEmpty else { return }
        let piece = source[line(of: source)]
        bytes.insert(contentsOf: piece, at: line(of: bytes).lowerBound)
    }

    /// A random line with its end.
    private mutating func line(of bytes: [UInt8]) -> Range<Int> {
        guard !bytes.isEmpty else { return 0..<0 }
        let middle = place(in: bytes)
        return around(middle, in: bytes, isEnd: { $0 == 0x0A || $0 == 0x0D }, withEnd: true)
    }

    /// A random field without what separates it from others.
    private mutating func field(of bytes: [UInt8]) -> Range<Int> {
        let ends = Set(",;\t|\n\r".utf8)
        return around(place(in: bytes), in: bytes, isEnd: ends.contains, withEnd: false)
    }

    private func around(
        _ middle: Int, in bytes: [UInt8], isEnd: (UInt8) -> Bool, withEnd: Bool
    ) -> Range<Int> {
        let start = bytes[..<middle].lastIndex(where: isEnd).map { $0 + 1 } ?? 0
        let end = bytes[middle...].firstIndex(where: isEnd) ?? bytes.count
        return start..<(withEnd ? min(end + 1, bytes.count) : end)
    }
}
