// The script that fetches JMeter, run on small archives of our own.
import Foundation
import Testing

struct GetJMeterTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    private static let script = "/\(root)/downloads/get-jmeter"
    private let scratch: Scratch
    private let downloads: String

    init() throws {
        scratch = try Scratch()
        downloads = scratch.path + "/downloads"
    }

    private func run(_ environment: [String: String], _ arguments: [String] = []) async throws -> (
        code: Int32?, text: String
    ) {
        let settings = environment.merging([
            "PATH": environment["PATH"] ?? "/usr/bin:/bin", "LOADFLEET_DOWNLOADS": downloads,
        ]) { first, _ in first }
        let child = try Child(
            ["/bin/bash", Self.script] + arguments,
            environment: settings.map { "\($0.key)=\($0.value)" },
            folder: scratch.path, output: "\(scratch.path)/output")
        return (try await child.exitCode(within: 60), try scratch.read("output"))
    }

    /// A small archive with the parts of a JMeter that the script looks at, and its SHA-512.
    private func archive(version: String = "5.9.9") async throws -> (url: String, sum: String) {
        let home = "apache-jmeter-\(version)"
        for name in ["bin/jmeter", "bin/jmeter-server", "bin/x.sh", "bin/ApacheJMeter.jar"] {
            try scratch.write("\(home)/\(name)", name)
        }
        let make = """
            import hashlib, tarfile, zipfile
            with zipfile.ZipFile("\(home)/core.jar", "w", zipfile.ZIP_DEFLATED) as jar:
                jar.writestr("META-INF/MANIFEST.MF", "Implementation-Version: \(version)\\r\\n")
            import os
            os.makedirs("\(home)/lib/ext")
            os.rename("\(home)/core.jar", "\(home)/lib/ext/ApacheJMeter_core.jar")
            with tarfile.open("a.tgz", "w:gz") as archive:
                archive.add("\(home)")
            print(hashlib.sha512(open("a.tgz", "rb").read()).hexdigest())
            """
        try scratch.write("make.py", make)
        let child = try Child(
            ["/usr/bin/env", "python3", "make.py"],
            environment: ["PATH=/usr/bin:/bin:/usr/local/bin"],
            folder: scratch.path, output: "\(scratch.path)/sum")
        #expect(try await child.exitCode(within: 60) == 0)
        let sum = try scratch.read("sum").trimmingCharacters(in: .whitespacesAndNewlines)
        return ("file://\(scratch.path)/a.tgz", sum)
    }

    private func leftovers() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: downloads).sorted()) ?? []
    }

    @Test func `A verified archive is unpacked under its name, and found again without fetching`()
        async throws
    {
        let (url, sum) = try await archive()
        let settings = ["LOADFLEET_JMETER_URL": url, "LOADFLEET_JMETER_SHA512": sum]
        let first = try await run(settings)
        #expect(first.code == 0, "\(first.text)")
        #expect(first.text.hasSuffix("\(downloads)/apache-jmeter-5.9.9\n"))
        #expect(leftovers() == ["apache-jmeter-5.9.9"])
        let again = try await run(["LOADFLEET_JMETER_URL": "file:///nowhere"])
        #expect(again.code == 0)
        #expect(again.text == "\(downloads)/apache-jmeter-5.9.9\n")
        try scratch.write("downloads/apache-jmeter-5.9.9/bin/ApacheJMeter.jar", "tampered")
        let altered = try await run([:])
        #expect(altered.code == 1)
        #expect(altered.text.contains("was altered after it was unpacked"))
    }

    @Test func `A tampered archive names the step and leaves nothing`() async throws {
        let (url, _) = try await archive()
        let result = try await run([
            "LOADFLEET_JMETER_URL": url,
            "LOADFLEET_JMETER_SHA512": String(repeating: "0", count: 128),
        ])
        #expect(result.code == 1)
        #expect(result.text.contains("step verify: \(url) is not the pinned one"))
        #expect(leftovers().isEmpty)
    }

    @Test func `A failed download names the step and leaves nothing`() async throws {
        let result = try await run(["LOADFLEET_JMETER_URL": "file:///no/such.tgz"])
        #expect(result.code == 1)
        #expect(result.text.contains("step fetch: file:///no/such.tgz could not be fetched"))
        #expect(leftovers().isEmpty)
    }

    @Test func `A missing tool is named with its package`() async throws {
        // A PATH with what the script needs up to fetching, but without curl.
        let tools = scratch.path + "/tools"
        try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
        for tool in ["dirname", "mkdir", "mktemp", "rm"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(tools)/\(tool)", withDestinationPath: "/usr/bin/\(tool)")
        }
        let result = try await run(["PATH": tools, "LOADFLEET_JMETER_URL": "file:///no/such.tgz"])
        #expect(result.code == 1)
        #expect(result.text.contains("curl is not installed (apt-get install curl)"))
    }

    @Test func `JMETER_HOME is used if it is 5 or later, and refused otherwise`() async throws {
        _ = try await archive(version: "5.1")
        let good = try await run(["JMETER_HOME": "\(scratch.path)/apache-jmeter-5.1/"])
        #expect(good.code == 0)
        #expect(good.text.hasSuffix("\(scratch.path)/apache-jmeter-5.1\n"))
        _ = try await archive(version: "2.13.20170723")
        let old = try await run(["JMETER_HOME": "\(scratch.path)/apache-jmeter-2.13.20170723"])
        #expect(old.code == 2)
        #expect(old.text.contains("Debian's 2.13 can't load any plan"))
        let none = try await run(["JMETER_HOME": scratch.path])
        #expect(none.code == 2)
        #expect(none.text.contains("holds no JMeter"))
        #expect(leftovers().isEmpty)
    }
}
