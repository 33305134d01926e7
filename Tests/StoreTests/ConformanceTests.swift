// What every store does, whatever it is made of.
import Foundation
import LoadfleetTesting
import Store
import Testing

@Suite(.serialized) struct ConformanceTests {
    @Test(arguments: StoreKind.allCases)
    func `gives back what was written, and nil where nothing is`(kind: StoreKind) async throws {
        let tested = try await kind.make()
        let store = tested.store
        try await store.write(Data("one".utf8), to: tested.key("a/b/c"))
        try await store.write(Data("two".utf8), to: tested.key("a/b/c"))
        #expect(try await store.read(tested.key("a/b/c")) == Data("two".utf8))
        #expect(try await store.read(tested.key("a/b/d")) == nil)
        #expect(try await store.read(tested.key("a/b/c/d")) == nil)
        try await store.write(Data(), to: tested.key("empty"))
        #expect(try await store.read(tested.key("empty")) == Data())
    }

    @Test(arguments: StoreKind.allCases)
    func `of many creators exactly one wins`(kind: StoreKind) async throws {
        let tested = try await kind.make()
        let target = try tested.key("lock.json")
        let wins = try await count(20) { number in
            try await tested.store.create(Data("\(number)".utf8), at: target)
        }
        #expect(wins == 1)
        #expect(try await tested.store.list(prefix: "").map(\.key) == [target])
    }

    @Test(arguments: StoreKind.allCases)
    func `of many that replace the same object exactly one wins`(kind: StoreKind) async throws {
        let tested = try await kind.make()
        let (store, target) = (tested.store, try tested.key("x/lock.json"))
        #expect(try await !store.replace(target, with: Data(), ifTagged: "\"none\""))
        try await store.write(Data("first".utf8), to: target)
        let first = try #require(try await store.readTagged(target))
        #expect(try await store.list(prefix: "x/").map(\.tag) == [first.tag])
        let wins = try await count(20) { number in
            try await store.replace(target, with: Data("\(number)".utf8), ifTagged: first.tag)
        }
        #expect(wins == 1)
        let second = try #require(try await store.readTagged(target))
        #expect(second.tag != first.tag)
        #expect(try await store.replace(target, with: Data("last".utf8), ifTagged: second.tag))
        #expect(try await store.read(target) == Data("last".utf8))
        try await store.delete(target)
        #expect(try await !store.replace(target, with: Data(), ifTagged: second.tag))
    }

    @Test(arguments: StoreKind.allCases)
    func `lists by prefix, in order, and forgets what was deleted`(kind: StoreKind) async throws {
        let tested = try await kind.make()
        let store = tested.store
        for path in ["runs/2/x", "runs/10/x", "runs/1/y/z", "fleets/f"] {
            try await store.write(Data("12345".utf8), to: tested.key(path))
        }
        let listed = try await store.list(prefix: "runs/1")
        #expect(listed.map(\.key.path) == ["runs/1/y/z", "runs/10/x"])
        #expect(listed.map(\.size) == [5, 5])
        #expect(listed.allSatisfy { abs($0.modified.timeIntervalSinceNow) < 60 })
        try await store.delete(tested.key("runs/1/y/z"))
        try await store.delete(tested.key("runs/1/y/z"))
        #expect(try await store.list(prefix: "runs/1/").isEmpty)
        #expect(try await store.list(prefix: "none/").isEmpty)
        try await store.delete(["runs/2/x", "runs/10/x", "not/there"].map(tested.key))
        #expect(try await store.list(prefix: "").map(\.key.path) == ["fleets/f"])
    }

    @Test(arguments: StoreKind.allCases)
    func `keys of any characters come back as they are, in the order of their bytes`(
        kind: StoreKind
    ) async throws {
        let tested = try await kind.make()
        let keys = [
            "plain", "with space", "a+b", "a%25b", "a%2Fb", "ünï/😀", "?q=1&r", "#hash", "Z", "a",
            "semi;colon,comma", "\"quoted\"'<&>", "tilde~star*(1)!", "=@:$", "back\\slash", ".dot",
        ]
        for key in keys {
            try await tested.store.write(Data(key.utf8), to: tested.key("odd/" + key))
        }
        let listed = try await tested.store.list(prefix: "odd/")
        let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(listed.map(\.key.path) == sorted.map { "odd/" + $0 })
        for object in listed {
            #expect(
                try await tested.store.read(object.key) == Data(object.key.path.utf8.dropFirst(4)))
        }
        try await tested.store.delete(listed.map(\.key))
        #expect(try await tested.store.list(prefix: "").isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `lists more objects than a page holds, and removes them`(kind: StoreKind) async throws {
        let tested = try await kind.make()
        let names = (0..<1_205).map { "many/\($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for start in 0..<16 {
                group.addTask {
                    for index in stride(from: start, to: names.count, by: 16) {
                        try await tested.store.write(Data(), to: tested.key(names[index]))
                    }
                }
            }
            try await group.waitForAll()
        }
        let listed = try await tested.store.list(prefix: "many/").map(\.key)
        #expect(listed == names.map(StoreKey.init(unchecked:)).sorted())
        try await tested.store.delete(listed)
        #expect(try await tested.store.list(prefix: "").isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `copies files in and out`(kind: StoreKind) async throws {
        let tested = try await kind.make()
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try tested.scratch.write("in", bytes: bytes)
        let target = tested.scratch.path + "/out"
        try await tested.store.upload(file: tested.scratch.path + "/in", to: tested.key("x/big"))
        #expect(try await tested.store.download(tested.key("x/big"), to: target))
        #expect(try Data(contentsOf: URL(filePath: target)) == Data(bytes))
        #expect(try await !tested.store.download(tested.key("absent"), to: target))
        let error = try await #require(throws: StoreError.self) {
            try await tested.store.upload(file: target + "-none", to: tested.key("none"))
        }
        #expect(error.message.contains(tested.store.location + "/none"))
    }

    @Test(arguments: StoreKind.allCases)
    func `a log gives each writer's lines once and in order, to whoever reads along`(
        kind: StoreKind
    ) async throws {
        let tested = try await kind.make()
        #expect(try await tested.store.liveLog(of: "r").read(after: .start).lines.isEmpty)
        let writing = Task {
            try await count(2) { writer in
                for number in 0..<40 {
                    // Each line by a log of its own, as writers that come and go have it.
                    try await tested.store.liveLog(of: "r")
                        .append(["\(writer) \(number) a", "\(writer) \(number) b"])
                }
                return true
            }
        }
        var lines: [String] = []
        var position = LogPosition.start
        let deadline = ContinuousClock.now + .seconds(60)
        while lines.count < 160, ContinuousClock.now < deadline {
            let news = try await tested.store.liveLog(of: "r").read(after: position)
            lines += news.lines
            position = try Self.stored(news.position)
            try await Task.sleep(for: .milliseconds(20))
        }
        _ = try await writing.value
        for writer in 0..<2 {
            let own = lines.filter { $0.hasPrefix("\(writer) ") }
            let expected = (0..<40).flatMap { ["\(writer) \($0) a", "\(writer) \($0) b"] }
            #expect(own == expected)
        }
        let late = try await tested.store.liveLog(of: "r").read(after: .start)
        #expect(late.lines.count == 160)
        #expect(try await tested.store.liveLog(of: "other").read(after: .start).lines.isEmpty)
    }

    /// A position as it comes back from a file.
    private static func stored(_ position: LogPosition) throws -> LogPosition {
        try JSONDecoder().decode(LogPosition.self, from: JSONEncoder().encode(position))
    }
}
