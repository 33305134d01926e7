// The first line: which files are read, how, and which are refused with what words.

import JTL
import Testing

@Suite struct `Headers` {
    @Test(arguments: [",", ";", "\t", "|", "~"])
    func `tell the delimiter`(delimiter: String) throws {
        let text = file(row()).split(separator: ",", omittingEmptySubsequences: false)
            .joined(separator: delimiter)
        #expect(try statistics(text).total.bytes == 100)
    }

    @Test func `may name columns in any order, and others that nobody knows`() throws {
        let found = try statistics("mine,success,\"label\",label,elapsed\nx,true,var,real,7\n")
        #expect(found.labels.map(\.label) == ["real"])
        #expect(found.total.elapsedSum == 7)
    }

    @Test func `without a time stamp leave the times unknown`() throws {
        let total = try statistics("elapsed,label,success\n5,a,true\n").total
        #expect(total.samples == 1)
        #expect(total.untimed == 1)
        #expect(total.span == nil)
    }

    @Test(arguments: [
        "1000,7,L,200,OK,T,text,true,,100,50,1,3,null,5,0,1",
        "1000,7,L,200,OK,T,text,true,,100,50,1,3,5,0,1", "1000,7,L,200,OK,T,text,true,,100,1,3,5,0",
        "1000,7,L,200,OK,T,text,true,100,1,3,5",
    ])
    func `may be absent in the layout of every JMeter, and no sample is lost`(row: String) throws {
        let total = try statistics("\(row)\n\(row)\n").total
        #expect(total.samples == 2)
        #expect(total.bytes == 200)
        #expect(total.latencySum == 10)
        #expect(total.maxThreads == 3)
        #expect(total.errors == 0)
    }

    @Test func `of concatenated files may have different columns`() throws {
        let text = file(row()) + "label,success,elapsed\nM,false,3\n"
        let found = try statistics(text)
        #expect(found.labels.map(\.label) == ["L", "M"])
        #expect(found.total.errors == 1)
        #expect(found.unusable.counts == [.repeatedHeader: 1])
    }

    @Test(arguments: ["elapsed", "label", "success"])
    func `without a needed column are refused by its name`(column: String) throws {
        let names = header.split(separator: ",").filter { $0 != column }.joined(separator: ",")
        #expect(throws: JTLError.missingColumn(column, source: "input")) {
            _ = try statistics(names + "\n")
        }
    }

    @Test(arguments: [
        ("<html>\n<head>", "it begins like XML"),
        ("\u{0}\u{1}\u{2}PNG\n\u{0}", "its first line holds binary data"),
        ("hello, world\n", "its first line is neither a header nor a sample: \"hello, world\""),
    ])
    func `that are none say what the file seems to be`(text: String, found: String) throws {
        let error = #expect(throws: JTLError.self) { _ = try statistics(text) }
        guard case .notAJTL(_, found, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.hint != nil)
    }

    @Test func `that never end are refused before memory runs out`() throws {
        var reader = SampleReader()
        var collected = Statistics()
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        #expect(throws: JTLError.self) {
            for _ in 0..<3 { try reader.consume(chunk, into: &collected) }
        }
    }
}
