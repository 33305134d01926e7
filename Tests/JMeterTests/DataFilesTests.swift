// Which files a plan needs, where they are found, and what the workers call them.
import FoundationEssentials
import JMeter
import Testing

/// A folder for one test, removed when the test ends.
final class Scratch {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/loadfleet-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file, making its folders, and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let file = "\(path)/\(name)"
        let folder = file.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(
            atPath: "/" + folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }

    /// The text of a file.
    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(path)/\(name)")), as: UTF8.self)
    }
}

struct DataFilesTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func files(
        _ body: String, properties: [String: String] = [:],
        policies: [String: DataFile.Policy] = [:]
    ) throws -> (plan: Plan, files: [DataFile]) {
        let plan = try PlanText.read(PlanText.plan(body), path: "\(scratch.path)/plans/plan.jmx")
        let files = try plan.dataFiles(
            properties: properties, workingFolder: scratch.path, policies: policies)
        return (plan, files)
    }

    @Test func `CSV files are found beside the plan, then in the working folder, and split`() throws
    {
        try scratch.write("plans/data/users.csv", "a\n")
        try scratch.write("items.csv", "a\n")
        let found = try files(
            PlanText.csv("data/users.csv") + PlanText.csv("${__P(items,items.csv)}"))
        #expect(found.files.map(\.name) == ["data/users.csv", "items.csv"])
        #expect(
            found.files.map(\.path) == [
                "\(scratch.path)/plans/data/users.csv", "\(scratch.path)/items.csv",
            ])
        #expect(found.files.map(\.policy) == [.split, .split])
        #expect(found.files[0].csv?.hasHeader == true)
    }

    @Test func `A missing file is an error that names element, line and places`() {
        let error = fault { _ = try files(PlanText.csv("users.csv")) }
        #expect(error?.cause == .data)
        #expect(error?.line == 11)
        #expect(error?.message.contains("CSVDataSet 'csv users.csv' reads users.csv") == true)
        #expect(error?.hint?.contains("\(scratch.path)/plans/users.csv") == true)
    }

    @Test func `Absolute names and names with dots get a place in the bundle, without collisions`()
        throws
    {
        try scratch.write("users.csv", "a\n")
        try scratch.write("other/users.csv", "b\n")
        try scratch.write("plans/data/users.csv", "c\n")
        let absolute = "\(scratch.path)/other/users.csv"
        let found = try files(
            PlanText.group("g", threads: "1")
                + PlanText.csv("data/users.csv") + PlanText.csv("../users.csv")
                + PlanText.csv(absolute))
        #expect(
            found.files.map(\.bundleName) == [
                "data/users.csv", "data/2-users.csv", "data/3-users.csv",
            ])
        let shared = try found.plan.shared(ShareOut(workers: 1), worker: 0, files: found.files)
        let text = String(decoding: shared.bytes, as: UTF8.self)
        #expect(text.contains("<stringProp name=\"filename\">data/2-users.csv<"))
        #expect(text.contains("<stringProp name=\"filename\">data/3-users.csv<"))
        #expect(!text.contains(absolute))
    }

    @Test func `Uploads and files of functions are copied; names that vary are warned about`()
        throws
    {
        try scratch.write("plans/photo.png", "x")
        try scratch.write("plans/words.txt", "x")
        let upload = { (path: String) in
            PlanText.element(
                "HTTPSamplerProxy", "send",
                """
                <elementProp name="HTTPsampler.Files" elementType="HTTPFileArgs">
                <collectionProp name="HTTPFileArgs.files">
                <elementProp name="f" elementType="HTTPFileArg">
                <stringProp name="File.path">\(path)</stringProp></elementProp>
                </collectionProp></elementProp>
                """)
        }
        let found = try files(
            upload("photo.png") + upload("${fromCSV}.png")
                + PlanText.sampler("${__CSVRead(words.txt,0)}"))
        #expect(found.files.map(\.name) == ["photo.png", "words.txt"])
        #expect(found.files.map(\.policy) == [.copy, .copy])
        #expect(found.plan.warnings.count { $0.text.contains("${fromCSV}.png") } == 1)
    }

    @Test func `Policies are taken by name or base name, and strays are errors`() throws {
        try scratch.write("plans/data/users.csv", "a\n")
        let body = PlanText.csv("data/users.csv")
        #expect(try files(body, policies: ["users.csv": .copy]).files.map(\.policy) == [.copy])
        #expect(try files(body, policies: ["data/users.csv": .copy]).files.map(\.policy) == [.copy])
        let stray = fault { _ = try files(body, policies: ["user.csv": .copy]) }
        #expect(stray?.message.contains("reads no file user.csv") == true)
        #expect(stray?.hint == "it reads: data/users.csv")
    }

    @Test func `A file that every thread reads as a whole is copied unless asked otherwise`() throws
    {
        try scratch.write("plans/users.csv", "a\n")
        let body = PlanText.csv("users.csv", share: "shareMode.thread")
        #expect(try files(body).files.map(\.policy) == [.copy])
        #expect(try files(body, policies: ["users.csv": .split]).files.map(\.policy) == [.split])
    }

    @Test func `A split on disk gives every worker the header and its records`() throws {
        try scratch.write("plans/users.csv", "user,word\r\na,\"1\r\n1\"\r\nb,2\r\nc,3")
        let file = try #require(try files(PlanText.csv("users.csv")).files.first)
        let paths = (0..<2).map { "\(scratch.path)/shard-\($0)" }
        #expect(try file.split(to: paths, weights: [1, 1]) == [2, 1])
        #expect(try scratch.read("shard-0") == "user,word\r\na,\"1\r\n1\"\r\nc,3")
        #expect(try scratch.read("shard-1") == "user,word\r\nb,2\r\n")
        let error = fault {
            _ = try file.split(to: (0..<4).map { "\(scratch.path)/s\($0)" }, weights: [1, 1, 1, 1])
        }
        #expect(error?.message.contains("3 records can't be split over 4 workers") == true)
    }

    @Test func `A block for each worker has as many neighbours as its threads ask for`() throws {
        try scratch.write("plans/users.csv", (1...9).map { "user\($0)\n" }.joined())
        let found = try files(
            PlanText.group(
                "g", threads: "3", children: PlanText.csv("users.csv", names: "user")),
            policies: ["users.csv": .uniqueBlock])
        let file = try #require(found.files.first)
        let dealt = try found.plan.dealt(ShareOut(workers: 2))
        let paths = (0..<2).map { "\(scratch.path)/block-\($0)" }
        #expect(try file.split(to: paths, weights: dealt.threads(reading: file)) == [6, 3])
        #expect(try dealt.records(of: file).records == [6, 3])
        #expect(try scratch.read("block-1") == "user7\nuser8\nuser9\n")
        // A node writes its own part only.
        try scratch.write("block-1", "")
        #expect(try file.split(to: [paths[0], nil], weights: [2, 1]) == [6, 3])
        #expect(try scratch.read("block-1") == "")
    }

    @Test(arguments: [DataFile.Policy.split, .uniqueBlock, .copy])
    func `Records too few for the threads are counted where reading does not start over`(
        policy: DataFile.Policy
    ) throws {
        try scratch.write("plans/users.csv", "a\nb\nc\nd\n")
        func shortage(_ threads: Int, recycle: Bool, share: String = "shareMode.all") throws
            -> String?
        {
            let csv = PlanText.csv("users.csv", names: "u", recycle: recycle, share: share)
            let found = try files(
                PlanText.group("g", threads: "\(threads)", children: csv),
                policies: ["users.csv": policy])
            let file = try #require(found.files.first)
            return try found.plan.dealt(ShareOut(workers: 2)).records(of: file).shortage?.text
        }
        #expect(try shortage(7, recycle: true) == nil)
        #expect(try shortage(7, recycle: false, share: "shareMode.thread") == nil)
        #expect(try shortage(4, recycle: false) == nil)
        let missing = try #require(try shortage(9, recycle: false))
        // Nine threads are 5 and 4: with a copy for each, only the first worker lacks one.
        let expected = policy == .copy ? "1 record too few" : "5 records too few"
        #expect(missing.contains(expected), "\(missing)")
        #expect(missing.contains("worker 1 gets \(policy == .copy ? 4 : 2) for 5 threads"))
        #expect(missing.hasSuffix("read <EOF>"))
    }
}
