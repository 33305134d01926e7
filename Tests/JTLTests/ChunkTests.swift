// However a file is cut into chunks, the figures are the same; and wherever it is cut short, the
// reader survives and accounts for what it could not use.

import JTL
import Testing

@Suite struct `Chunks` {
    @Test(
        .enabled(if: SharedCases.arePresent),
        arguments: SharedCases.names.filter { $0 != "s03-large-60k-window-default" })
    func `of one byte and of odd sizes give the figures of one piece`(name: String) throws {
        let bytes = try SharedCases.input(name)
        let whole = result(bytes, chunk: nil)
        for size in [1, 7, 4096] { #expect(result(bytes, chunk: size) == whole, "\(size) bytes") }
    }

    @Test(.enabled(if: SharedCases.arePresent), arguments: SharedCases.names)
    func `of a file cut anywhere never crash the reader`(name: String) throws {
        let bytes = try SharedCases.input(name)
        var random = SplitMix(state: 7)
        for _ in 0..<20 where !bytes.isEmpty {
            let end = Int(random.next() % UInt64(bytes.count))
            let cut = Array(bytes[0..<min(end, 50_000)])
            #expect(result(cut, chunk: 997) == result(cut, chunk: nil))
        }
    }

    @Test(
        .enabled(if: SharedCases.arePresent),
        arguments: SharedCases.names.filter { $0 != "s03-large-60k-window-default" })
    func `of a file with bytes changed at random give the same figures`(name: String) throws {
        let bytes = try SharedCases.input(name).prefix(20_000)
        let odd = Array("\",;\n\r\0\u{FF}-9".utf8)
        var random = SplitMix(state: 23)
        for _ in 0..<20 where !bytes.isEmpty {
            var changed = Array(bytes)
            for _ in 0..<Int.random(in: 1...30, using: &random) {
                let place = Int.random(in: 0..<changed.count, using: &random)
                changed[place] = odd.randomElement(using: &random) ?? 0
            }
            let whole = result(changed, chunk: nil)
            for size in [1, 13] { #expect(result(changed, chunk: size) == whole) }
        }
    }

    @Test func `may end at every byte of a file with quotes and line ends of all kinds`() throws {
        let text =
            "\u{FEFF}\(header)\r\n1,2,\"a\"\"b\r\nc\",200,\"x,\ny\",true,1,2,3\r"
            + "4,5,é,404,\"\",false,1,2,3\n\n6,7,\"z\",,,true,1,2,3"
        let bytes = Array(text.utf8)
        let whole = Figures(try statistics(bytes))
        #expect(whole.labels == ["a\"b\r\nc", "é", "z"])
        for size in 1...bytes.count {
            #expect(Figures(try statistics(bytes, chunk: size)) == whole, "\(size) bytes")
        }
    }

    @Test func `of a file cut at every byte lose at most the row that is cut`() throws {
        let text = file(row(1000, 1, "\"a,\"\"b\""), row(2000, 2, "plain"))
        let bytes = Array(text.utf8)
        let firstRow = header.utf8.count + 1
        for end in firstRow..<bytes.count {
            let found = try statistics(Array(bytes[0..<end]))
            let complete = bytes[firstRow..<end].count { $0 == UInt8(ascii: "\n") }
            let read = found.total.samples
            // The row that is cut is used if it happens to be whole, else it is accounted for.
            #expect(read == complete || read == complete + 1, "cut at \(end)")
            let hasRest = bytes[end - 1] != UInt8(ascii: "\n")
            #expect(read + found.unusable.count == complete + (hasRest ? 1 : 0), "cut at \(end)")
        }
    }

    private func result(_ bytes: [UInt8], chunk: Int?) -> Result<Figures, JTLError> {
        do {
            let collecting = StatisticsOptions(intervals: true)
            return .success(
                Figures(try statistics(bytes, chunk: chunk, collecting: collecting)))
        } catch let error as JTLError {
            return .failure(error)
        } catch {
            Issue.record(error)
            return .failure(.missingColumn("\(error)", source: ""))
        }
    }
}
