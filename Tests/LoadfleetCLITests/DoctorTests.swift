// `doctor`: each thing that can be missing is named with its fix, and the rest is still checked.
import FoundationEssentials
import Testing

@testable import LoadfleetCLI

struct DoctorTests {
    private let scene: Scene

    init() throws { scene = try Scene() }

    /// A `java` that says it is `version`, and a keytool if wanted.
    private func install(java version: String, keytool: Bool = true) throws -> [String: String] {
        try scene.write(
            "bin/java", "#!/bin/sh\necho 'openjdk version \"\(version)\" 2024-04-16' >&2\n")
        if keytool { try scene.write("bin/keytool", "#!/bin/sh\n") }
        for name in ["java", "keytool"] {
            try? FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(scene.folder)/bin/\(name)")
        }
        return ["PATH": "\(scene.folder)/bin"]
    }

    private func lines(_ outcome: Scene.Outcome, _ check: String) -> [String] {
        let index = outcome.lines.firstIndex { $0.dropFirst(2).hasPrefix("\(check):") }
        return index.map { outcome.lines[$0...].prefix(2).map { String($0) } } ?? []
    }

    @Test func `names what is missing, with the fix, and ends with 1`() async throws {
        let outcome = await scene.run(
            "doctor", "--jmeter-home", "nowhere", variables: ["PATH": "/nonexistent"])
        #expect(outcome.status == .failed)
        #expect(lines(outcome, "java").first == "✗ java: no Java was found")
        #expect(lines(outcome, "java").last?.contains("install one") == true)
        #expect(lines(outcome, "jmeter").first?.hasPrefix("✗ jmeter: no JMeter in ") == true)
        #expect(lines(outcome, "jmeter").last?.contains("downloads/get-jmeter") == true)
        #expect(lines(outcome, "store").first?.hasPrefix("✓ store: ") == true)
        #expect(outcome.lines.last?.hasSuffix("checks failed") == true)
        #expect(scene.files.isEmpty)
    }

    @Test func `Java is believed when it runs and says a version`() async throws {
        let good = await scene.run("doctor", variables: try install(java: "17.0.11"))
        #expect(lines(good, "java").first == "✓ java: 17.0.11 (\(scene.folder)/bin/java)")
        #expect(lines(good, "keytool").first == "✓ keytool: \(scene.folder)/bin/keytool")
        let old = await scene.run("doctor", variables: try install(java: "1.7.0_80"))
        #expect(lines(old, "java").first?.contains("1.7.0_80 is too old") == true)
    }

    @Test func `a Java without keytool is not whole`() async throws {
        let outcome = await scene.run(
            "doctor", variables: try install(java: "17.0.11", keytool: false))
        #expect(lines(outcome, "keytool").first?.hasPrefix("✗ keytool: there is none") == true)
    }

    @Test func `a wrong environment is a finding and the rest is checked`() async throws {
        try scene.write("loadfleet.yaml", "wrokers: 3\n")
        let outcome = await scene.run("doctor")
        #expect(outcome.status == .failed)
        #expect(
            lines(outcome, "environment") == [
                "✗ environment: loadfleet.yaml:1:1: wrokers: there is no such key",
                "    did you mean 'workers'?",
            ])
        #expect(lines(outcome, "disk").first?.hasPrefix("✓ disk: ") == true)
    }

    @Test func `folders and memory are held against the settings`() async throws {
        try scene.write("taken", "")
        try scene.write(
            "loadfleet.yaml",
            "run: {results: taken/results}\njmeter: {heap: 1TiB}\n")
        let outcome = await scene.run("doctor")
        #expect(lines(outcome, "results folder").first?.hasSuffix("taken is not a folder") == true)
        #expect(
            lines(outcome, "memory").first?.hasPrefix("✗ memory: 2 JMeter with 1TiB each") == true)
        #expect(scene.files == ["loadfleet.yaml", "taken"])
    }

    @Test func `JSON says the same`() async throws {
        let outcome = await scene.run("doctor", "--json", variables: ["PATH": "/nonexistent"])
        #expect(outcome.status == .failed)
        #expect(outcome.lines.count == 1)
        #expect(
            outcome.output.hasPrefix(
                #"{"schema":"1.0","ok":false,"checks":[{"check":"environment","ok":true"#))
        #expect(
            outcome.output.contains(
                #"{"check":"java","ok":false,"detail":"no Java was found","fix":""#))
    }
}
