import Foundation
import LoadfleetTesting
import Store
import Testing

@Suite struct FolderStoreTests {
    private let scratch: TemporaryFolder
    private let store: FolderStore
    private var folder: String { scratch.path + "/store" }

    init() throws {
        scratch = try TemporaryFolder()
        store = try FolderStore(at: scratch.path + "/store")
    }

    private func key(_ path: String) throws -> StoreKey { try StoreKey(checking: path) }

    @Test func `gives back what was written, and nil where nothing is`() async throws {
        try await store.write(Data("one".utf8), to: key("a/b/c"))
        try await store.write(Data("two".utf8), to: key("a/b/c"))
        #expect(try await store.read(key("a/b/c")) == Data("two".utf8))
        #expect(try await store.read(key("a/b/d")) == nil)
        #expect(try await store.read(key("a/b/c/d")) == nil)
    }

    @Test func `of many creators exactly one wins`() async throws {
        let target = try key("lock.json")
        let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask { try await store.create(Data("\(number)".utf8), at: target) }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wins == 1)
        #expect(try await store.list(prefix: "").map(\.key) == [target])
    }

    @Test func `lists by prefix, in order, and forgets what was deleted`() async throws {
        for path in ["runs/2/x", "runs/10/x", "runs/1/y/z", "fleets/f"] {
            try await store.write(Data("12345".utf8), to: key(path))
        }
        let listed = try await store.list(prefix: "runs/1")
        #expect(listed.map(\.key.path) == ["runs/1/y/z", "runs/10/x"])
        #expect(listed.map(\.size) == [5, 5])
        try await store.delete(key("runs/1/y/z"))
        try await store.delete(key("runs/1/y/z"))
        #expect(try await store.list(prefix: "runs/1/").isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder + "/runs/1"))
        #expect(try await store.list(prefix: "none/").isEmpty)
    }

    @Test func `copies files in and out`() async throws {
        let source = folder + "-in"
        let target = folder + "-out"
        let bytes = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try bytes.write(to: URL(filePath: source))
        try await store.upload(file: source, to: key("big"))
        #expect(try await store.download(key("big"), to: target))
        #expect(try Data(contentsOf: URL(filePath: target)) == bytes)
        #expect(try await !store.download(key("absent"), to: target))
    }

    @Test(arguments: ["", "/a", "a//b", "../a", "a/..", "a/./b", "a\0b"])
    func `refuses a key that leads elsewhere`(path: String) {
        #expect(throws: StoreError.badKey(path)) { _ = try StoreKey(checking: path) }
    }

    @Test func `says what cannot be written`() async throws {
        try await store.write(Data(), to: key("file"))
        let error = try await #require(throws: StoreError.self) {
            try await store.write(Data(), to: key("file/below"))
        }
        #expect(error.message.contains(folder))
    }

    @Test func `a log hands out whole lines only, and goes on where it was`() async throws {
        let log = store.liveLog(of: "r1")
        #expect(try await log.read(after: 0).lines.isEmpty)
        try await log.append(["a", "b"])
        let first = try await log.read(after: 0)
        #expect(first.lines == ["a", "b"])
        try await log.append(["c"])
        let handle = try #require(FileHandle(forWritingAtPath: folder + "/runs/r1/live.jsonl"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("half".utf8))
        let second = try await log.read(after: first.position)
        #expect(second.lines == ["c"])
        try handle.write(contentsOf: Data(" line\n".utf8))
        #expect(try await log.read(after: second.position).lines == ["half line"])
    }
}
