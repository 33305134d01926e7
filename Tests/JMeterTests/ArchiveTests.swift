// Packing an installation for nodes, held against tar(1), diff(1) and the packed JMeter itself.
import Foundation
import JMeter
import Testing

@Suite(.enabled(if: fetchedJMeter != nil))
struct ArchiveTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private var cache: String { scratch.path + "/cache" }

    /// Runs a program to its end and returns what it said.
    @discardableResult
    private func run(_ arguments: String..., expecting code: Int32 = 0) async throws -> String {
        let output = scratch.path + "/said-\(UUID().uuidString)"
        let child = try Child(
            arguments, environment: ["PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"],
            folder: scratch.path, output: output)
        #expect(try await child.exitCode(within: 60) == code)
        return try String(contentsOfFile: output, encoding: .utf8)
    }

    /// The least that counts as an installation.
    private func small(_ name: String) throws -> String {
        let home = "\(scratch.path)/\(name)"
        try scratch.write("\(name)/lib/ext/plugin.jar", "a plug-in")
        try scratch.write("\(name)/bin/ApacheJMeter.jar", "the launcher")
        try scratch.write("\(name)/bin/user.properties", "a=b\n")
        let core = "lib/ext/ApacheJMeter_core.jar"
        try FileManager.default.copyItem(
            atPath: try #require(fetchedJMeter).home + "/" + core, toPath: "\(home)/\(core)")
        try scratch.write("\(name)/bin/jmeter", "#!/bin/sh\n")
        chmod("\(home)/bin/jmeter", 0o700)
        return home
    }

    private func pack(_ home: String) async throws -> String {
        try await JMeterArchive.make(of: JMeterInstallation(home: home), in: cache)
    }

    private func refusal(_ home: String) async throws -> JMeterError {
        try await #require(throws: JMeterError.self) { try await pack(home) }
    }

    @Test(.enabled(if: installedJava != nil), .timeLimit(.minutes(15)))
    func `What is unpacked is the installation, and runs`() async throws {
        let installation = try #require(fetchedJMeter)
        let archive = try await JMeterArchive.make(of: installation, in: cache)
        let node = scratch.path + "/node"
        try FileManager.default.createDirectory(atPath: node, withIntermediateDirectories: true)
        try await run("tar", "-xzf", archive, "-C", node, "--strip-components", "1")
        let differences = try await run(
            "diff", "-r", "--exclude=.*", "--exclude=*.log", "--exclude=docs",
            "--exclude=printable_docs", installation.home, node)
        #expect(differences.isEmpty)
        #expect(try JMeterInstallation(home: node).version == installation.version)
        let version = try await run(
            try #require(installedJava).executable, "-jar", "\(node)/bin/ApacheJMeter.jar", "-v")
        #expect(version.contains(installation.version))
    }

    @Test func `Equal installations are equal archives, wherever and whenever`() async throws {
        let first = try await pack(try small("one"))
        let other = try small("elsewhere/two")
        try await run("touch", "-d", "2001-02-03", "\(other)/bin/user.properties", "\(other)/lib")
        let second = try await pack(other)
        #expect(first != second)
        #expect(
            try Data(contentsOf: URL(filePath: first)) == Data(contentsOf: URL(filePath: second)))
        // gzip's time, which is zero, and no name of a file.
        #expect(
            [UInt8](try Data(contentsOf: URL(filePath: first)).prefix(8))[3...] == [0, 0, 0, 0, 0])
    }

    @Test func `Owners, times and rights are the same everywhere, and a script stays one`()
        async throws
    {
        let archive = try await pack(try small("home"))
        let version = try #require(fetchedJMeter).version
        let list = try await run("tar", "--full-time", "-tvzf", archive)
        let lines = list.split(separator: "\n").map { line in
            let words = line.split(separator: " ")
            return [words[0], words[1], words[3], words[4], words[5]].joined(separator: " ")
        }
        let top = "apache-jmeter-\(version)"
        let (folder, plain) = ("drwxr-xr-x root/root", "-rw-r--r-- root/root")
        let time = "1980-01-01 00:00:00"
        #expect(
            lines == [
                "\(folder) \(time) \(top)/", "\(folder) \(time) \(top)/bin/",
                "\(plain) \(time) \(top)/bin/ApacheJMeter.jar",
                "-rwxr-xr-x root/root \(time) \(top)/bin/jmeter",
                "\(plain) \(time) \(top)/bin/user.properties",
                "\(folder) \(time) \(top)/lib/", "\(folder) \(time) \(top)/lib/ext/",
                "\(plain) \(time) \(top)/lib/ext/ApacheJMeter_core.jar",
                "\(plain) \(time) \(top)/lib/ext/plugin.jar",
            ])
    }

    @Test func `Leftovers and keys stay at home, and links bring what they lead to`() async throws {
        let home = try small("home")
        for name in [
            ".git/config", "docs/index.html", "bin/jmeter.log", "bin/old.jtl",
            "bin/java_pid1.hprof", "bin/rmi_keystore.jks",
        ] {
            try scratch.write("home/\(name)", "not for nodes")
        }
        let plugin = try scratch.write("elsewhere.jar", "a linked plug-in")
        try FileManager.default.createSymbolicLink(
            atPath: "\(home)/lib/ext/linked.jar", withDestinationPath: plugin)
        let archive = try await pack(home)
        let node = scratch.path + "/node"
        try FileManager.default.createDirectory(atPath: node, withIntermediateDirectories: true)
        try await run("tar", "-xzf", archive, "-C", node, "--strip-components", "1")
        let files = try await run("find", node, "!", "-type", "d", "-printf", "%y %P\\n")
        #expect(
            files.split(separator: "\n").sorted() == [
                "f bin/ApacheJMeter.jar", "f bin/jmeter", "f bin/user.properties",
                "f lib/ext/ApacheJMeter_core.jar", "f lib/ext/linked.jar", "f lib/ext/plugin.jar",
            ])
        #expect(try scratch.read("node/lib/ext/linked.jar") == "a linked plug-in")
    }

    @Test func `Names and sizes at the format's edges come out of tar as they went in`()
        async throws
    {
        let home = try small("home")
        let top = "apache-jmeter-\(try #require(fetchedJMeter).version)/"
        for length in [99, 100, 101] {
            let name = "bin/" + String(repeating: "n", count: length - top.count - 4)
            try scratch.write("home/\(name)", "")
        }
        for size in [511, 512, 513] {
            try scratch.write("home/bin/\(size)", String(repeating: "x", count: size))
        }
        let long = (1...3).map { _ in String(repeating: "ö", count: 20) }.joined(separator: "/")
        try scratch.write("home/lib/\(long)/\(String(repeating: "l", count: 99))", "deep")
        let archive = try await pack(home)
        let node = scratch.path + "/node"
        try FileManager.default.createDirectory(atPath: node, withIntermediateDirectories: true)
        try await run("tar", "-xzf", archive, "-C", node, "--strip-components", "1")
        #expect(try await run("diff", "-r", home, node).isEmpty)
    }

    @Test func `An archive is made once, and anew after a change that keeps size and time`()
        async throws
    {
        let home = try small("home")
        let first = try await pack(home)
        let before = try Data(contentsOf: URL(filePath: first))
        // What is found is not made again: a mark in its place stays.
        try Data("found".utf8).write(to: URL(filePath: first))
        #expect(try await pack(home) == first)
        #expect(try Data(contentsOf: URL(filePath: first)) == Data("found".utf8))

        let settings = "\(home)/bin/user.properties"
        let time = try FileManager.default.attributesOfItem(atPath: settings)[.modificationDate]
        try scratch.write("home/bin/user.properties", "a=c\n")
        try FileManager.default.setAttributes(
            [.modificationDate: try #require(time)], ofItemAtPath: settings)
        let second = try await pack(home)
        #expect(second != first)
        #expect(try Data(contentsOf: URL(filePath: second)) != before)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: cache).allSatisfy {
                $0.hasSuffix(".tgz")
            })
    }

    @Test func `What can't be packed is an error with its file`() async throws {
        let home = try small("home")
        let odd = "\(home)/lib/odd"
        symlink("/nowhere/at/all", odd)
        var error = try await refusal(home)
        #expect(error.message == "\(odd): JMeter can't be packed: No such file or directory")
        #expect(error.cause == .installation && error.hint != nil)

        unlink(odd)
        symlink("..", odd)
        error = try await refusal(home)
        #expect(error.message.hasPrefix("\(odd): "))
        #expect(error.message.contains("leads back"))

        unlink(odd)
        mkfifo(odd, 0o600)
        error = try await refusal(home)
        #expect(error.message.contains("neither a file nor a folder"))

        unlink(odd)
        let long = "lib/" + String(repeating: "l", count: 120)
        try scratch.write("home/\(long)", "")
        error = try await refusal(home)
        #expect(
            error.message
                == "\(home)/\(long): JMeter can't be packed: its path is too long for an archive")
        unlink("\(home)/\(long)")

        try scratch.write("in-the-way", "")
        error = try await #require(throws: JMeterError.self) {
            try await JMeterArchive.make(
                of: JMeterInstallation(home: home), in: scratch.path + "/in-the-way/cache")
        }
        #expect(error.message.contains("in-the-way/cache"))
    }
}
