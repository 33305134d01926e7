// Files that change under the hands of their reader, and XML by every way in.

import Compression
import FoundationEssentials
import Glibc
import JTL
import Testing

@testable import Results

@Suite struct `Sample files` {
    private let header = "timeStamp,elapsed,label,success\n"

    @Test func `that are cut short while they are read give what was there`() throws {
        let folder = try TemporaryFolder()
        let row = "1767225600000,10,a label that makes the row a little longer,true\n"
        let rows = String(repeating: row, count: 500_000)
        let path = try folder.write(Array((header + rows).utf8), to: "big.jtl")
        // Progress is told every 16 MB: by then half of the file has been read.
        let statistics = try SampleFiles.read([path]) { _ in truncate(path, 1000) }
        #expect((1..<500_000).contains(statistics.total.samples))
        #expect(
            try SampleFiles.read([path]).total.samples == (1000 - header.utf8.count)
                / row.utf8.count)
    }

    @Test func `that are deleted while they are read are read to the end`() throws {
        let folder = try TemporaryFolder()
        let row = "1767225600000,10,a label that makes the row a little longer,true\n"
        let rows = String(repeating: row, count: 300_000)
        let path = try folder.write(Array((header + rows).utf8), to: "big.jtl")
        let statistics = try SampleFiles.read([path]) { _ in unlink(path) }
        #expect(statistics.total.samples == 300_000)
    }

    @Test func `may be XML, compressed too`() throws {
        let folder = try TemporaryFolder()
        let sample = #"<sample t="5" ts="1000" s="false" lb="a&amp;&#x1;b" rc="500" rm="no"/>"#
        let text = "<?xml version=\"1.0\"?>\n<testResults>\n\(sample)\n</testResults>\n"
        let plain = try folder.write(Array(text.utf8), to: "plain.jtl")
        let packed = folder.path + "/packed.jtl"
        try ZstdFile.compress(from: plain, to: packed)
        let statistics = try SampleFiles.read([plain, packed])
        #expect(statistics.labels.map(\.label) == ["a&\u{1}b"])
        #expect(statistics.total.errors == 2)
        #expect(statistics.total.failures.counts.map(\.text) == ["500/no"])
    }
}
