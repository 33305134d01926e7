// The lines a reader could not use: how many of which kind, and where the first ones are, so that
// a figure is never quietly made from less than the file holds.

/// Where a record begins.
public struct LinePosition: Hashable, Sendable {
    /// The physical line, counted from 1; line ends inside quotes count.
    public var line = 1

    /// The offset of the record's first byte in the (decompressed) file.
    public var byteOffset = 0
}

/// What a reader had to skip.
public struct UnusableLines: Equatable, Sendable {
    /// Why a line could not be used.
    public enum Kind: String, CaseIterable, Codable, Sendable {
        /// Nothing between two line ends.
        case blankLine = "blank line"
        /// The file ends in the middle of this line.
        case cutLastLine = "cut last line"
        /// More or fewer fields than the header has.
        case columnCount = "wrong number of columns"
        /// A quote which the file never closes.
        case openQuote = "open quote"
        /// A quote inside a plain field, or text behind a closing quote.
        case misplacedQuote = "misplaced quote"
        /// A number or time stamp that cannot be read.
        case badNumber = "bad number"
        /// The header once more, as left by concatenated files.
        case repeatedHeader = "repeated header"
        /// A sample of an XML file that does not end before the next one begins.
        case brokenTag = "broken XML"
    }

    /// One of the first unusable lines.
    public struct Example: Hashable, Sendable {
        /// The name of the file.
        public let source: String
        /// Where the line begins.
        public let position: LinePosition
        /// Why it was not used.
        public let kind: Kind
    }

    /// How many examples are kept.
    public static let exampleLimit = 10

    /// How many lines of each kind were skipped; kinds that did not occur are absent.
    public private(set) var counts: [Kind: Int] = [:]

    /// The first skipped lines, in reading order.
    public private(set) var examples: [Example] = []

    /// How many lines were skipped in all.
    public var count: Int { counts.values.reduce(0, +) }

    /// No lines.
    public init() {}

    mutating func add(_ kind: Kind, at position: LinePosition, in source: String) {
        counts[kind, default: 0] += 1
        if examples.count < Self.exampleLimit {
            examples.append(Example(source: source, position: position, kind: kind))
        }
    }

    /// Adds what was found in a later stretch of the same file, whose lines count from its start.
    mutating func merge(_ other: UnusableLines, linesBefore: Int) {
        var moved = other
        moved.examples = other.examples.map { example in
            var position = example.position
            position.line += linesBefore
            return Example(source: example.source, position: position, kind: example.kind)
        }
        merge(moved)
    }

    /// Adds what was found elsewhere, with the same result in whatever order that is done.
    mutating func mergeInAnyOrder(_ other: UnusableLines) {
        let isMixed = !examples.isEmpty && !other.examples.isEmpty
        if isMixed {
            examples = Array(
                (examples + other.examples).sorted(by: Self.precedes).prefix(Self.exampleLimit))
        } else {
            examples += other.examples
        }
        for (kind, count) in other.counts { counts[kind, default: 0] += count }
    }

    private static func precedes(_ left: Example, _ right: Example) -> Bool {
        let (a, b) = (left.position, right.position)
        if !left.source.utf8.elementsEqual(right.source.utf8) {
            return left.source.utf8.lexicographicallyPrecedes(right.source.utf8)
        }
        return (a.line, a.byteOffset, left.kind.rawValue)
            < (b.line, b.byteOffset, right.kind.rawValue)
    }

    /// What an intervals file says.
    init(counts: [Kind: Int], examples: [Example]) {
        self.counts = counts
        self.examples = examples
    }

    mutating func merge(_ other: UnusableLines) {
        for (kind, count) in other.counts { counts[kind, default: 0] += count }
        examples += other.examples.prefix(Self.exampleLimit - examples.count)
    }
}
