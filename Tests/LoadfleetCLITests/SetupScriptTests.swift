// `utility/setup` on machines that lack something: the system's tools are stood in for by small
// scripts, so nothing is installed and nothing is downloaded.
import FoundationEssentials
import Machine
import Testing

@testable import LoadfleetCLI

struct SetupScriptTests {
    private let scene: Scene

    init() throws {
        scene = try Scene()
        // Everything is installed but libyaml-dev, until apt-get installs it.
        try tool(
            "dpkg-query",
            """
            case "$*" in
            *libyaml-dev*) [ -e \(scene.folder)/installed ] && echo -n installed ;;
            *) echo -n installed ;;
            esac
            """)
        try tool(
            "apt-get",
            """
            echo "$1" >> \(scene.folder)/calls
            [ "$1" = install ] && touch \(scene.folder)/installed
            exit 0
            """)
        try tool("apt-cache", "exit 0")
        try tool("id", "echo 1000")
        try tool("java", "exit 0")
        try tool("keytool", "exit 0")
        try tool("swift", "echo 'Swift version 6.3.1 (swift-6.3.1-RELEASE)'")
        for name in ["python3", "pkg-config", "unzip", "curl", "zstd", "git"] {
            try tool(name, "exit 0")
        }
    }

    private func tool(_ name: String, _ script: String) throws {
        try scene.write("bin/\(name)", "#!/bin/sh\n\(script)\n")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: "\(scene.folder)/bin/\(name)")
    }

    private func setUp() async throws -> (code: Int32, text: String, calls: String) {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        let run = try await CapturedRun.of(
            ProcessRequest(
                "/bin/bash", ["\(root)/utility/setup", "--without-jmeter"],
                environment: ["PATH": "\(scene.folder)/bin:/usr/bin:/bin"]), limit: .seconds(120))
        return (run.end.code, run.output, (try? scene.read("calls")) ?? "")
    }

    @Test func `a user with sudo gets what is missing, and the second call does nothing`()
        async throws
    {
        try tool("sudo", "[ \"$1\" = -n ] && shift\nexec \"$@\"")
        let first = try await setUp()
        #expect(first.code == 0)
        #expect(first.text == "setup: installing libyaml-dev\n")
        #expect(first.calls == "update\ninstall\n")
        let second = try await setUp()
        #expect(second.code == 0)
        #expect(second.text.isEmpty)
        #expect(second.calls == first.calls)
    }

    @Test func `sudo that wants a password without a terminal is one line`() async throws {
        try tool("sudo", "exit 1")
        let outcome = try await setUp()
        #expect(outcome.code == 1)
        #expect(
            outcome.text == """
                setup: missing: libyaml-dev; sudo wants a password and there is no terminal, \
                so run: sudo apt-get install -y libyaml-dev

                """)
        #expect(outcome.calls.isEmpty)
    }

    @Test func `no network is one line with apt's own reason`() async throws {
        try tool("id", "echo 0")
        try tool(
            "apt-get", "echo 'Ign:1 http://deb.debian.org'; echo 'E: Could not resolve'; exit 100")
        let outcome = try await setUp()
        #expect(outcome.code == 1)
        #expect(
            outcome.text.hasSuffix(
                "setup: missing: libyaml-dev; apt-get update failed: E: Could not resolve\n"))
    }

    @Test func `an old Swift is named`() async throws {
        try scene.write("installed", "")
        try tool("swift", "echo 'Swift version 5.10 (swift-5.10-RELEASE)'")
        let outcome = try await setUp()
        #expect(outcome.code == 1)
        #expect(outcome.text.hasPrefix("setup: Swift 5.10 is too old; install 6.3 or later"))
        #expect(outcome.text.split(separator: "\n").count == 1)
    }
}
