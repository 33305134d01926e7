// Samples one by one: the same whatever the chunks, and as many as are counted.

import Testing

@testable import JTL

struct `Samples one by one` {
    private let text = """
        timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,failureMessage,\
        bytes,sentBytes,allThreads,URL,Latency,Connect
        1700000000000,12,"a ""b""\nc",200,OK,Users 1-1,true,,10,20,3,http://h/?x=1,8,2
        ,,broken
        1700000000001,30,TC,200,"Number of samples in transaction : 2, number of failing \
        samples : 0",Users 1-1,true,,0,0,3,null,8,2
        1700000000002,0,TC,200,"Number of samples in transaction : 0, number of failing \
        samples : 0",Users 1-1,true,,0,0,3,null,0,0
        1700000000003,5,d,500,no,Users 1-2,false,expected 200,1,2,3,http://h/,1,0

        """

    private func rows(chunk: Int) throws -> (rows: [SampleRow], unusable: Int) {
        var reader = SampleRowReader()
        var rows: [SampleRow] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            let piece = Array(bytes[start..<min(start + chunk, bytes.count)])
            rows += try piece.withUnsafeBytes { try reader.rows(in: $0) }
        }
        rows += try reader.rest()
        return (rows, reader.unusable.count)
    }

    @Test(arguments: [1, 7, 100, 4096])
    func `are whole and numbered, whatever the chunks`(chunk: Int) throws {
        let (rows, unusable) = try rows(chunk: chunk)
        #expect(unusable == 1)
        #expect(rows.map(\.number) == [0, 1, 2])
        #expect(rows.map(\.label) == ["a \"b\"\nc", "TC", "d"])
        #expect(rows.map(\.isController) == [false, true, false])
        #expect(
            rows.first
                == SampleRow(
                    number: 0, startMs: 1_700_000_000_000, elapsedMs: 12, latencyMs: 8,
                    connectMs: 2, isSuccess: true, isController: false, label: "a \"b\"\nc",
                    responseCode: "200", responseMessage: "OK", failureMessage: "",
                    threadName: "Users 1-1", url: "http://h/?x=1", receivedBytes: 10, sentBytes: 20,
                    activeThreads: 3))
        #expect(rows.last?.failureMessage == "expected 200")
    }

    @Test func `are those that statistics count`() throws {
        var reader = SampleReader()
        var statistics = Statistics()
        try reader.consume(Array(text.utf8), into: &statistics)
        try reader.finish(into: &statistics)
        let counted = statistics.labels.map(\.all.samples).reduce(0, +)
        #expect(try rows(chunk: 64).rows.count == counted)
    }
}
