// Lines: which are used, which are not, and what is said about those.

import Testing

@testable import JTL

@Suite struct `Lines` {
    struct Accident: Sendable, CustomTestStringConvertible {
        let what: String
        let text: String
        let kinds: [UnusableLines.Kind: Int]
        let samples: Int
        let line: Int
        var testDescription: String { what }
    }

    static let accidents: [Accident] = [
        Accident(
            what: "blank in the middle", text: file(row(), "", row()), kinds: [.blankLine: 1],
            samples: 2, line: 3),
        Accident(
            what: "blank at the end", text: file(row(), row(), ""), kinds: [.blankLine: 1],
            samples: 2, line: 4),
        Accident(
            what: "blank before the header", text: "\r\n\n" + file(row()), kinds: [.blankLine: 2],
            samples: 1, line: 1),
        Accident(
            what: "cut within a field", text: file(row()) + "2000,5,L,2", kinds: [.cutLastLine: 1],
            samples: 1, line: 3),
        Accident(
            what: "cut within quotes", text: file(row()) + "2000,5,\"L", kinds: [.openQuote: 1],
            samples: 1, line: 3),
        Accident(
            what: "cut before the last number", text: file(row()) + "2000,5,L,200,OK,true,100,50,",
            kinds: [.cutLastLine: 1], samples: 1, line: 3),
        Accident(
            what: "too many fields", text: file(row() + ",zzz", row()), kinds: [.columnCount: 1],
            samples: 1, line: 2),
        Accident(
            what: "too few fields", text: file(row(), "1,2,3", row()), kinds: [.columnCount: 1],
            samples: 2, line: 3),
        Accident(
            what: "a fraction for elapsed", text: file("1000,5.5,L,200,OK,true,1,1,1", row()),
            kinds: [.badNumber: 1], samples: 1, line: 2),
        Accident(
            what: "an empty number", text: file(row(), "1000,,L,200,OK,true,1,1,1"),
            kinds: [.badNumber: 1], samples: 1, line: 3),
        Accident(
            what: "a number beyond 64 bits",
            text: file(row(), "1000,9223372036854775808,L,200,OK,true,1,1,1"),
            kinds: [.badNumber: 1], samples: 1, line: 3),
        Accident(
            what: "the header again", text: file(row(), header, row()),
            kinds: [.repeatedHeader: 1], samples: 2, line: 3),
        Accident(
            what: "a quote in a plain field", text: file(row(), row(1, 1, "a\"b"), row()),
            kinds: [.misplacedQuote: 1], samples: 2, line: 3),
        Accident(
            what: "text behind a closing quote", text: file(row(), row(1, 1, "\"a\"b"), row()),
            kinds: [.misplacedQuote: 1], samples: 2, line: 3),
        Accident(
            what: "a line end within quotes before it",
            text: file(row(1, 1, "\"a\r\nb\nc\""), "", row()), kinds: [.blankLine: 1], samples: 2,
            line: 5),
    ]

    @Test(arguments: accidents)
    func `that cannot be used are counted by kind and place`(accident: Accident) throws {
        let found = try statistics(accident.text, options: ReaderOptions(source: "some.jtl"))
        #expect(found.total.samples == accident.samples)
        #expect(found.unusable.counts == accident.kinds)
        let first = try #require(found.unusable.examples.first)
        #expect(first.position.line == accident.line)
        #expect(first.source == "some.jtl")
    }

    @Test func `say at which byte they begin`() throws {
        let found = try statistics("\u{FEFF}" + file(row(), "x", row()))
        let place = try #require(found.unusable.examples.first).position
        #expect(place.byteOffset == 3 + header.utf8.count + 1 + row().utf8.count + 1)
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func `may end in any of the three ways, the last in none`(end: String) throws {
        let text = [header, row(), row()].joined(separator: end)
        #expect(try statistics(text).total.samples == 2)
        #expect(try statistics(text + end).total.samples == 2)
        #expect(try statistics(text + end).unusable.count == 0)
    }

    @Test func `are quoted only around whole fields, and doubled quotes are one`() throws {
        let found = try statistics(
            file(row(1, 1, "\"say \"\"hi\"\"\""), row(2, 2, "\"\""), row(3, 3, "\"\"\"\"")))
        #expect(found.labels.map(\.label) == ["say \"hi\"", "", "\""])
    }

    @Test func `behind a quote that is never closed are found again, in bounded memory`() throws {
        let rows = String(repeating: row() + "\n", count: 5000)
        var options = ReaderOptions()
        options.recordLimit = 100_000
        let found = try statistics(
            Array((file(row(), "1,2,\"open") + rows).utf8), chunk: 1 << 12, options: options)
        #expect(found.unusable.counts == [.openQuote: 1])
        #expect(found.total.samples == 5001)
    }

    @Test func `keep only the first ten examples but count all`() throws {
        let found = try statistics(header + "\n" + String(repeating: "\n", count: 500))
        #expect(found.unusable.count == 500)
        #expect(found.unusable.examples.count == 10)
    }

    @Test(
        .enabled(if: SharedCases.arePresent),
        arguments: [
            ("r07-kill9-truncated-real", 644, [.cutLastLine: 1]),
            ("s06-header-only", 0, [:]), ("s07-empty-file", 0, [:]),
            ("s18-truncated-last-line", 4, [.cutLastLine: 1]),
            ("s20-blank-line-middle", 2, [.blankLine: 1]),
            ("s21-blank-line-end", 2, [.blankLine: 1]),
            ("s31-jmeter213-headerless-default", 6, [:]),
            ("s32-columns-reordered", 6, [:]), ("s33-unknown-column", 6, [:]),
            ("s35-ts-formatted-undeclared", 6, [:]), ("s36-no-timestamp-column", 6, [:]),
            ("s37-quote-in-plain-field", 2, [.misplacedQuote: 1]),
            ("s40-float-elapsed", 0, [.badNumber: 1]),
            ("s41-too-many-columns", 1, [.columnCount: 1]), ("s48-secondary-files", 5, [:]),
        ] as [(String, Int, [UnusableLines.Kind: Int])])
    func `of files that JMeter refuses are used where they can be`(
        name: String, samples: Int, unusable: [UnusableLines.Kind: Int]
    ) throws {
        let found = try statistics(try SharedCases.input(name))
        #expect(found.total.samples == samples)
        #expect(found.unusable.counts == unusable)
    }
}
