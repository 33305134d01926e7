// JMeter's XML: which elements are samples, what their attributes say, and what becomes of files
// that are damaged, cut, or no XML by the standard.

import Testing

@testable import JTL

@Suite struct `XML` {
    private let start =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testResults version=\"1.2\">\n"

    private func sample(_ label: String, _ more: String = "", elapsed: Int = 7) -> String {
        #"<sample t="\#(elapsed)" lt="2" ct="1" ts="1000" s="true" lb="\#(label)" rc="200" "#
            + #"rm="OK" by="30" sby="20" ng="1" na="4"\#(more)"#
    }

    @Test(.enabled(if: SharedCases.arePresent))
    func `written by JMeter gives top-level samples and the first assertion's message`() throws {
        let found = try statistics(try SharedCases.input("r08-xml-real"))
        #expect(found.labels.map(\.label) == ["J<&>\"é", "home", "jt"])
        #expect(found.unusable.count == 0)
        #expect(found.total.errors == 2)
        #expect(found.total.elapsedSum == 2311 + 288 + 10)
        #expect(found.total.firstStart == 1_795_224_929_634)
        #expect(found.total.bytes == 5 + 578)
        #expect(found.total.sentBytes == 377)
        #expect(found.total.latencySum == 86)
        #expect(found.total.connectSum == 68)
        let missing = "http://127.0.0.1:8765/missing.png code:404 message:Not Found, "
        let failures = found.labels.map { $0.samples.failures.counts.map(\.text) }
        #expect(
            failures == [["500/m"], ["200/Embedded resource download error:" + missing], []])
    }

    @Test(.enabled(if: SharedCases.arePresent))
    func `may hold control characters that XML forbids`() throws {
        let found = try statistics(try SharedCases.input("r09-xml-control-characters-real"))
        #expect(
            found.labels.map(\.label) == ["ctl \u{1}\0\u{1B}\u{FFFE} end", "lone surrogate ? x"])
        let raw = try statistics(start + sample("a\u{1}\0b") + "/>\n</testResults>\n")
        #expect(raw.labels.map(\.label) == ["a\u{1}\0b"])
    }

    @Test func `takes a success code's failure from the first assertion that has a message`() throws
    {
        let assertions = """
              <assertionResult>
                <name>none</name>
                <failure>false</failure>
              </assertionResult>
              <assertionResult>
                <failureMessage>expected &lt;x&gt;&#xa;but</failureMessage>
              </assertionResult>
              <assertionResult><failureMessage>second</failureMessage></assertionResult>
              <responseData class="java.lang.String">failureMessage &lt;sample t=</responseData>

            """
        let text = sample("a", ">\n" + assertions + "</sample>\n")
            .replacing("s=\"true\"", with: "s=\"false\"")
        let found = try statistics(start + text + "</testResults>")
        #expect(found.total.failures.counts.map(\.text) == ["expected <x>\nbut"])
    }

    @Test func `knows transaction controllers by JMeter's mark`() throws {
        let mark = "rm=\"Number of samples in transaction : 2, number of failing samples : 0\""
        let text = sample("tc").replacing("rm=\"OK\"", with: mark) + ">\n  " + sample("in") + "/>\n"
        let found = try statistics(start + text + "</sample>\n" + sample("a") + "/>\n")
        #expect(found.labels.map(\.label) == ["tc", "a"])
        #expect(found.labels.map(\.isController) == [true, false])
        #expect(found.total.samples == 1)
    }

    @Test func `cut at every byte loses no sample that is whole, and says what is cut`() throws {
        let first = sample("a", ">\n  <responseData>x</responseData>\n</sample>\n")
        let second = sample("b", "/>\n")
        let bytes = Array((start + first + second + "\n</testResults>\n").utf8)
        let firstEnd = start.utf8.count + first.utf8.count - 1
        let secondStart = firstEnd + 1
        let secondEnd = secondStart + second.utf8.count - 1
        for end in start.utf8.count..<bytes.count {
            let found = try statistics(Array(bytes[..<end]))
            let whole = (end >= firstEnd ? 1 : 0) + (end >= secondEnd ? 1 : 0)
            #expect(found.total.samples == whole, "cut at \(end)")
            let isCut =
                end > start.utf8.count && end < firstEnd || end > secondStart && end < secondEnd
            let rest = bytes[secondEnd..<max(secondEnd, end)].filter { $0 > 0x20 }
            let isEndCut = !rest.isEmpty && rest.last != UInt8(ascii: ">")
            #expect(found.unusable.counts[.cutLastLine, default: 0] == (isCut || isEndCut ? 1 : 0))
        }
    }

    @Test func `continued behind a cut sample loses that sample only`() throws {
        let nested = "\n  " + sample("inner", "/>") + "\n"
        let whole = sample("a", ">" + nested + "</sample>\n")
        let next = sample("b", "/>\n") + sample("c", "/>\n") + "</testResults>\n"
        for cut in ["<sample t=\"1\" lb=\"x", sample("x", ">\n"), sample("x", ">" + nested)] {
            for restart in ["", start] {
                let found = try statistics(start + whole + cut + restart + next)
                #expect(found.labels.map(\.label) == ["a", "b", "c"], "\(cut)")
                #expect(found.unusable.counts == [.brokenTag: 1], "\(cut)")
            }
        }
    }

    @Test func `of several files in one is read to the end`() throws {
        let one = start + sample("a", "/>\n") + "\n</testResults>\n"
        let found = try statistics(one + "<!-- <sample t='1'/> -->" + one)
        #expect(found.total.samples == 2)
        #expect(found.unusable.count == 0)
    }

    @Test(arguments: [
        ("<?xml version=\"1.0\"?>\n\n<html lang=\"en\">", "of <html>"),
        ("<?xml version=\"1.0\"?><testResults>\n<sample t=\"1\" s=\"true\"/>", "no column lb"),
        ("<html>\n", "begins like XML"),
    ])
    func `of something else is refused`(text: String, problem: String) {
        let error = #expect(throws: JTLError.self) { _ = try statistics(text) }
        #expect(error?.message.contains(problem) == true)
    }

    @Test func `with bad numbers says which samples it could not use`() throws {
        let bad = sample("b", "/>\n").replacing("t=\"7\"", with: "t=\"7.5\"")
        let absent = sample("c", "/>\n").replacing(" lb=\"c\"", with: "")
        let found = try statistics(start + sample("a", "/>\n") + bad + absent)
        #expect(found.total.samples == 1)
        #expect(found.unusable.counts == [.badNumber: 1, .columnCount: 1])
        #expect(found.unusable.examples.map(\.position.line) == [4, 5])
    }

    @Test func `takes bounded memory for a tag without end and for bodies`() throws {
        var options = ReaderOptions()
        options.recordLimit = 1000
        let body = String(repeating: "x", count: 5000)
        let text =
            start + sample("a", ">\n <responseData>\(body)</responseData>\n</sample>\n")
            + sample(body, "/>\n") + sample("b", "/>\n")
        for chunk in [1, 100, 100_000] {
            let found = try statistics(Array(text.utf8), chunk: chunk, options: options)
            #expect(found.labels.map(\.label) == ["a", "b"])
            #expect(found.unusable.counts == [.brokenTag: 1])
        }
    }
}
