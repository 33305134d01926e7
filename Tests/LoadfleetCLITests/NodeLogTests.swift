// Logs of nodes on their way to the reader, larger ones than a store's answer in memory.
import Foundation
import LoadfleetTesting
import Store
import Testing

@testable import LoadfleetCLI

@Suite struct NodeLogTests {
    private let key = StoreKey(unchecked: "runs/r/nodes/worker-1/files/jmeter.log")

    @Test func `a log of 20 MB comes whole from S3`() async throws {
        let store = try await SimulatedCloud.running().makeStore()
        let scratch = try TemporaryFolder()
        let lines = (0..<200_000).map { "\($0) " + String(repeating: "ü", count: 50) }
        let text = lines.joined(separator: "\n") + "\n"
        try scratch.write("log", text)
        try await store.upload(file: scratch.path + "/log", to: key)
        var shown = ""
        let isThere = try await NodeLog.fetch(key, from: store) { log in
            try log.lines { shown += $0 + "\n" }
            let (end, omitted) = try log.end(of: 1 << 20)
            #expect(text.utf8.count == omitted + end.utf8.count)
            #expect(end.utf8.count <= 1 << 20)
            #expect(text.hasSuffix(end) && lines.contains(String(end.prefix { $0 != "\n" })))
        }
        #expect(isThere)
        #expect(shown == text)
    }

    @Test(arguments: ["", "a", "a\n", "\n", "a\n\nb", "a\nb\n"])
    func `small logs are shown as they are`(text: String) async throws {
        let scratch = try TemporaryFolder()
        let store = try FolderStore(at: scratch.path + "/store")
        try await store.write(Data(text.utf8), to: key)
        var shown = ""
        _ = try await NodeLog.fetch(key, from: store) { log in
            try log.lines { shown += $0 + "\n" }
            let whole = try log.end(of: 100)
            #expect(whole == (text, 0))
        }
        #expect(shown == (text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"))
        #expect(try await !NodeLog.fetch(StoreKey(unchecked: "none"), from: store) { _ in })
    }
}
