// Quantities and suggestions: what is read, what is refused with which words, and that writing
// and reading are inverse.
import Testing

@testable import Units

struct DurationTests {
    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("1h30m", .seconds(5400)),
        ("1.5h", .seconds(5400)), ("2d", .seconds(172_800)), ("0s", .zero),
        ("0.25s", .milliseconds(250)), ("1m1s1ms", .milliseconds(61_001)),
        ("1us", .microseconds(1)), ("1.50s", .milliseconds(1500)),
    ])
    func `reads durations exactly`(text: String, expected: Duration) throws {
        #expect(try Quantity.duration(text) == expected)
    }

    @Test(arguments: [
        ("30", "the unit is missing"), ("", "is empty"), ("s", "a number was expected"),
        ("30 s", "no unit ' s'"), ("-3s", "can't be negative"), ("1m1h", "large to small"),
        ("1s1s", "large to small"), ("99999999999999999999s", "too large"),
        ("106752d", "too large"), ("1.s", "a number was expected"), ("5x", "no unit 'x'"),
        ("0.1ns", "more digits"), ("0.0000000001h", "more digits"), ("1h30", "the unit is missing"),
    ])
    func `refuses other text and says why`(text: String, reason: String) throws {
        let error = try #require(throws: QuantityError.self) { try Quantity.duration(text) }
        #expect(error.message.contains(reason))
        #expect(!error.message.contains("\n"))
        #expect(error.hint != nil)
    }

    @Test func `names the unit that was probably meant`() throws {
        let minutes = try #require(throws: QuantityError.self) { try Quantity.duration("5min") }
        #expect(minutes.hint?.hasPrefix("did you mean 'm'?") == true)
        let heap = try #require(throws: QuantityError.self) { try Quantity.bytes("512m") }
        #expect(heap.hint?.hasPrefix("did you mean 'MiB'?") == true)
        let folded = try #require(throws: QuantityError.self) { try Quantity.bytes("2gib") }
        #expect(folded.hint?.hasPrefix("did you mean 'GiB'?") == true)
    }

    @Test func `writes what it reads`() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<1_000 {
            let nanoseconds = Int64.random(in: 0...(1 << 52), using: &generator)
            let scale = [Int64(1), 1_000, 1_000_000][Int.random(in: 0...2, using: &generator)]
            let duration = Duration.nanoseconds(nanoseconds / scale * scale)
            let text = Quantity.text(duration)
            #expect(try Quantity.duration(text) == duration, "\(text)")
        }
        #expect(Quantity.text(.seconds(5400)) == "1h30m")
        #expect(Quantity.text(.zero) == "0s")
        #expect(Quantity.text(.milliseconds(-1500)) == "-1s500ms")
    }
}

struct SizeAndShareTests {
    @Test(arguments: [
        ("2GiB", Int64(2) << 30), ("512MiB", 512 << 20), ("1.5KiB", 1536), ("1MB", 1_000_000),
        ("7B", 7), ("0B", 0), ("1kB", 1000),
    ])
    func `reads sizes`(text: String, expected: Int64) throws {
        #expect(try Quantity.bytes(text) == expected)
    }

    @Test(arguments: ["0.1B", "1.55KiB", "1.0000000001GiB"])
    func `refuses a fraction of a byte`(text: String) {
        #expect(throws: QuantityError.self) { try Quantity.bytes(text) }
    }

    @Test func `writes sizes in the largest exact unit`() {
        #expect(Quantity.text(bytes: 2 << 30) == "2GiB")
        #expect(Quantity.text(bytes: 1536 << 20) == "1536MiB")
        #expect(Quantity.text(bytes: 1000) == "1000B")
        #expect(Quantity.text(bytes: 0) == "0B")
    }

    @Test func `reads percentages from 0 to 100 and money`() throws {
        #expect(try Quantity.percent("99.9%") == 99.9)
        #expect(try Quantity.percent("0%") == 0)
        #expect(throws: QuantityError.self) { try Quantity.percent("100.1%") }
        #expect(throws: QuantityError.self) { try Quantity.percent("5") }
        #expect(throws: QuantityError.self) { try Quantity.percent("5%%") }
        #expect(try Quantity.dollars("0.25usd") == 0.25)
        #expect(Quantity.text(percent: 99.9) == "99.9%")
        #expect(Quantity.text(dollars: 5) == "5usd")
    }
}

struct SuggestionTests {
    @Test(arguments: [
        ("kitten", "sitting", 3), ("workers", "wrokers", 1), ("", "abc", 3), ("abc", "", 3),
        ("abc", "abc", 0), ("ca", "abc", 3),
    ])
    func `counts edits with swaps`(first: String, second: String, expected: Int) {
        #expect(Suggestion.distance(first, second) == expected)
        #expect(Suggestion.distance(second, first) == expected)
    }

    @Test func `suggests only what is near`() {
        let keys = ["workers", "mode", "lease", "provider"]
        #expect(Suggestion.nearest(to: "wrokers", in: keys) == "workers")
        #expect(Suggestion.nearest(to: "Lease", in: keys) == "lease")
        #expect(Suggestion.nearest(to: "zebra", in: keys) == nil)
        #expect(Suggestion.nearest(to: "x", in: ["y"]) == nil)
    }
}
