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

    @Test func `leaves no folder behind that has nothing in it`() async throws {
        try await store.write(Data(), to: key("runs/1/y/z"))
        try await store.delete(key("runs/1/y/z"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/runs"))
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
        #expect(try await log.read(after: .start).lines.isEmpty)
        try await log.append(["a", "b"])
        let first = try await log.read(after: .start)
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

    @Test func `a store that is away knows nothing, and nothing is put in its place`() async throws
    {
        let log = store.liveLog(of: "r1")
        try await log.append(["a"])
        try await store.write(Data("x".utf8), to: key("runs/r1/x"))
        let away = folder + ".away"
        try FileManager.default.moveItem(atPath: folder, toPath: away)
        let calls: [() async throws -> Void] = [
            { _ = try await store.read(key("runs/r1/x")) },
            { _ = try await store.list(prefix: "runs/") },
            { _ = try await store.create(Data(), at: key("runs/r1/y")) },
            { _ = try await store.replace(key("runs/r1/x"), with: Data(), ifTagged: "t") },
            { _ = try await store.download(key("runs/r1/x"), to: scratch.path + "/x") },
            { try await store.write(Data(), to: key("top")) },
            { try await store.delete(key("runs/r1/x")) },
            { _ = try await log.read(after: .start) },
            { try await log.append(["b"]) },
        ]
        for call in calls {
            let error = try await #require(throws: StoreError.self) { try await call() }
            #expect(error.mayPass && error.message.contains(folder), "\(error)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder))
        try FileManager.default.moveItem(atPath: away, toPath: folder)
        #expect(try await store.read(key("runs/r1/x")) == Data("x".utf8))
        #expect(try await store.read(key("runs/r1/none")) == nil)
        #expect(try await log.read(after: .start).lines == ["a"])
    }
}
