// AWS as a command line meets it: the real files, the real programs, and what the doctor says of
// them.
import AWS
import FoundationEssentials
import Machine
import SigV4
import Testing

@testable import LoadfleetCLI

struct AWSAccessTests {
    private let scene: Scene

    init() throws { scene = try Scene() }

    private func access(_ variables: [String: String] = [:]) throws -> AWSAccess {
        try AWSAccess(
            Context(
                variables: variables.merging([
                    "HOME": scene.folder, "PATH": "/usr/bin:/bin",
                    "AWS_EC2_METADATA_DISABLED": "true",
                ]) { own, _ in own }, directory: scene.folder,
                standardOutput: MemorySink(), standardError: MemorySink(),
                now: { Date(timeIntervalSince1970: 1_800_000_000) }))
    }

    /// A profile with a program, and what comes of it.
    private func grant(_ command: String) async throws -> Grant {
        try scene.write(".aws/config", "[default]\ncredential_process = \(command)\n")
        return try await access().credentials.grant()
    }

    private func failure(_ command: String) async throws -> AccessError {
        try await #require(throws: AccessError.self) { try await grant(command) }
    }

    // MARK: - Programs

    @Test func `a program's credentials are used, with its end and the user's variables`()
        async throws
    {
        try scene.write(
            "tool",
            """
            #!/bin/sh
            echo working >&2
            printf '{"Version": 1, "AccessKeyId": "ASIA%s", "SecretAccessKey": "s", ' "$1"
            printf '"SessionToken": "t", "Expiration": "2030-01-01T00:00:00+00:00"}'
            """)
        let grant = try await grant("sh \(scene.folder)/tool 'of HOME' | sed \"s, HOME,$HOME,\"")
        #expect(grant.credential.accessKeyID == "ASIAof\(scene.folder)")
        #expect(grant.credential.sessionToken == "t")
        #expect(grant.expiration == Date(timeIntervalSince1970: 1_893_456_000))
    }

    @Test func `a program that fails says why on standard error, and nothing of its output`()
        async throws
    {
        let error = try await failure(
            "echo CANARY; echo 'login first' >&2; printf 'really\\033[31m\\n' >&2; exit 3")
        #expect(error.kind == .sourceFailed)
        #expect(
            error.message.hasSuffix("it exited with code 3: login first; really[31m"))
        #expect(!error.message.contains("CANARY"))
        let long = try await failure("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1")
        #expect(long.message.count < 600)
    }

    @Test(arguments: [
        ("echo CANARY", "invalid JSON"), ("true", "invalid JSON"),
        ("echo '{\"Version\": 2, \"SecretAccessKey\": \"CANARY\"}'", "Version 1"),
        ("echo '{\"Version\": 1, \"SecretAccessKey\": \"CANARY\"}'", "AccessKeyId"),
        ("/no/such/tool", "code 127"), ("kill -9 $$", "signal 9"),
        ("cat /dev/zero", "printed too much"),
        (
            "echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"CANARY\",'"
                + "'\"Expiration\":\"2020-01-01T00:00:00Z\"}'", "have expired"
        ),
    ])
    func `what a program gets wrong is named`(command: String, word: String) async throws {
        let error = try await failure(command)
        #expect(error.message.contains(word), "\(error.message)")
        #expect(!"\(error)".contains("CANARY"))
    }

    @Test func `a program that hangs is ended`() async throws {
        var surroundings = Surroundings(
            Context(
                variables: ["PATH": "/usr/bin:/bin"], directory: scene.folder,
                standardOutput: MemorySink(), standardError: MemorySink()))
        let run = surroundings.runCommand
        // The limit of a minute is too long for a test.
        surroundings.runCommand = { command, _ in try await run(command, .milliseconds(300)) }
        let folder = scene.folder
        let config = "[default]\ncredential_process = echo $$ > \(folder)/pid; sleep 600 | cat\n"
        surroundings.variables["AWS_CONFIG_FILE"] = "config"
        try scene.write("config", config)
        let access = try AWSAccess(
            Context(
                directory: folder, standardOutput: MemorySink(), standardError: MemorySink()))
        let chain = CredentialChain(
            try AWSConfiguration(surroundings), transport: access.transport)
        let error = try await #require(throws: AccessError.self) { try await chain.grant() }
        #expect(error.message.contains("was killed"))
        let pid = try #require(Int32(try scene.read("pid").split(separator: "\n")[0]))
        #expect(await ProcessIdentity(pid: pid).waitUntilGone(within: .seconds(20)))
    }

    @Test func `files that cannot be read are named, and those that are not there are none`()
        async throws
    {
        try scene.write("folder/file", "")
        let error = try #require(throws: AccessError.self) {
            try access(["AWS_CONFIG_FILE": "\(scene.folder)/folder"])
        }
        #expect(error.message.contains("/folder: Is a directory"))
        #expect(try access(["AWS_CONFIG_FILE": "nowhere"]).configuration.profile == nil)
    }

    // MARK: - The doctor

    private func doctor(
        _ arguments: String..., variables: [String: String] = [:]
    ) async throws -> [String] {
        try scene.write("ec2.yaml", "name: x\nprovider: ec2\nec2: {instance-types: [c5.large]}\n")
        let context = ["PATH": "/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED": "true"]
        let outcome =
            arguments.isEmpty
            ? await scene.run("doctor", variables: variables.merging(context) { own, _ in own })
            : await scene.run(
                "doctor", "-e", "ec2.yaml", variables: variables.merging(context) { own, _ in own })
        let lines = outcome.lines.map(String.init)
        let first = try #require(lines.firstIndex { $0.contains(" aws") })
        let last = try #require(lines.firstIndex { $0.contains(" results folder:") })
        return lines[first..<last].filter { !$0.contains(" store:") }
    }

    @Test func `without anything of AWS a local fleet lacks nothing`() async throws {
        #expect(
            try await doctor() == [
                "✓ aws: nothing is configured (only provider ec2 needs it)",
                "    before a fleet on EC2: aws configure, or aws configure sso",
            ])
    }

    @Test func `a fleet on EC2 needs a region and credentials`() async throws {
        let lines = try await doctor("ec2")
        #expect(lines.contains("✗ aws region: no AWS region is set"))
        #expect(lines.contains("✗ aws credentials: there are no AWS credentials"))
        #expect(
            lines.contains(
                "    container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set"))
    }

    @Test func `what is used is told with its reasons, and no secret`() async throws {
        try scene.write(
            ".aws/credentials",
            "[work]\naws_access_key_id = AKIAEXAMPLE0WORK\naws_secret_access_key = CANARY\n")
        let lines = try await doctor(
            "ec2",
            variables: [
                "AWS_PROFILE": "work", "AWS_REGION": "eu-west-1",
                "https_proxy": "http://me:CANARY@proxy:3128",
                "AWS_ENDPOINT_URL_EC2": "http://localhost:5000",
            ])
        #expect(
            lines == [
                "✓ aws region: eu-west-1 (AWS_REGION)",
                "✓ aws credentials: keys of the profile 'work', key …WORK",
                "    environment variables: AWS_ACCESS_KEY_ID is not set",
                "    profile 'work': used",
                "✓ aws connection: with settings of its own",
                "    https by way of http://…@proxy:3128 (https_proxy)",
                "    EC2 at http://localhost:5000 (AWS_ENDPOINT_URL_EC2)",
            ])
    }

    @Test func `what makes no sense is a finding, and its secrets stay where they are`()
        async throws
    {
        try scene.write(".aws/config", "[default]\naws_secret_access_key CANARY\n")
        #expect(
            try await doctor("ec2")[0].hasSuffix(
                "/.aws/config:2: Expected an '=' sign defining a property"))
        try scene.write(".aws/config", "[default]\naws_secret_access_key = CANARY\n")
        for variables in [
            [:], ["AWS_SECRET_ACCESS_KEY": "CANARY"],
            ["AWS_ENDPOINT_URL": "http://u:CANARY@x", "AWS_REGION": "x-1"],
            ["https_proxy": "CANARY@"], ["AWS_CA_BUNDLE": "nowhere"],
        ] {
            let lines = try await doctor("ec2", variables: variables)
            #expect(lines.contains { $0.hasPrefix("✗ aws") })
            #expect(!lines.joined().contains("CANARY"))
        }
    }

    @Test func `asking AWS ends, whatever is at the other end`() async throws {
        let ports = try #require(Ports.free(1))
        let outcome = await scene.run(
            "doctor", "--online",
            variables: [
                "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE00001", "AWS_SECRET_ACCESS_KEY": "CANARY",
                "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:\(ports[0])",
                "AWS_MAX_ATTEMPTS": "1",
            ])
        #expect(outcome.output.contains("✗ aws account: "))
        #expect(outcome.output.contains("cannot connect to 127.0.0.1"))
        #expect(!outcome.output.contains("CANARY"))
    }
}
