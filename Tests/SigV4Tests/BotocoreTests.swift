// Our signatures against botocore's, request by request, and the time they take.

import FoundationEssentials
import Glibc
import HTTP
import Machine
import SigV4
import Testing

@Suite(.enabled(if: Botocore.isThere, "utility/aws-test-tools puts botocore in place"))
struct BotocoreTests {
    @Test func `10,000 random requests sign as botocore signs them`() async throws {
        let seed = Botocore.seed
        var random = SeededGenerator(state: seed)
        let count = Botocore.isCampaign ? 200_000 : 10_000
        let cases = try (0..<count).map { _ in try RandomCase(using: &random) }
        let theirs = try await Botocore.run([], on: cases).split(separator: "\n")
        try #require(theirs.count == count, "\(theirs.first ?? "nothing came")")
        let keys = SigningKeys()
        var wrong: [String] = []
        for (index, example) in cases.enumerated()
        where try example.signature(keys) != theirs[index] {
            wrong.append("seed \(seed), number \(index): \(try example.line())")
        }
        #expect(wrong.isEmpty, "\(wrong.count) differ, first: \(wrong.first ?? "")")
    }

    @Test(.enabled(if: Botocore.isCampaign, "a campaign: LOADFLEET_CAMPAIGN=1, release build"))
    func `signs at least 20 times as fast as botocore`() async throws {
        // What most of our calls are: a form to EC2, the same key, another body every time.
        var random = SeededGenerator(state: Botocore.seed)
        var example = try RandomCase(using: &random)
        while example.scope.service != "ec2" || example.expires != nil {
            example = try RandomCase(using: &random)
        }
        let url = try HTTPURL("https://ec2.eu-west-1.amazonaws.com/")
        let cases = (0..<20_000).map { index in
            example.with(
                HTTPRequest(
                    "POST", url,
                    headers: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"],
                    body: .bytes(
                        Array(
                            "Action=DescribeInstances&Version=2016-11-15&MaxResults=\(index)".utf8))
                ))
        }
        // Turn by turn, so that whatever else this machine does slows both; CPU time, and the best
        // turn of each, which is the one least disturbed.
        let signer = Signer(example.scope)
        var signed = example.request
        var (theirs, ours) = (Double.infinity, Double.infinity)
        for _ in 0..<5 {
            let output = try await Botocore.run(["--measure"], on: cases)
            let turn = try #require(Double(output.split(separator: "\n").last ?? ""), "\(output)")
            theirs = min(theirs, turn)
            let start = Self.threadTime
            for example in cases {
                signed = try signer.sign(
                    example.request, with: example.credential, at: example.time)
            }
            ours = min(ours, (Self.threadTime - start) / Duration.microseconds(cases.count))
        }
        #expect(signed.headers["Authorization"] == (try cases.last?.signature(SigningKeys())))
        print("signing: botocore \(theirs) us, loadfleet \(ours) us, \(theirs / ours) times")
        #expect(theirs / ours >= 20)
    }
}

extension BotocoreTests {
    /// The CPU time of this thread, on which nothing is awaited between two looks at it.
    private static var threadTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

extension RandomCase {
    /// The same scope and credential with another request.
    func with(_ request: HTTPRequest) -> RandomCase {
        RandomCase(
            request: request, scope: scope, credential: credential, time: time, expires: expires)
    }

    private init(
        request: HTTPRequest, scope: SigningScope, credential: Credential, time: SigningTime,
        expires: Int?
    ) {
        self.request = request
        self.scope = scope
        self.credential = credential
        self.time = time
        self.expires = expires
    }
}

/// botocore in a Python of its own.
enum Botocore {
    static let isCampaign = ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] == "1"

    /// `LOADFLEET_SEED` repeats a run.
    static var seed: UInt64 {
        ProcessInfo.processInfo.environment["LOADFLEET_SEED"].flatMap { UInt64($0) }
            ?? .random(in: 0 ... .max)
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let python = root.appending(path: ".build/aws-test-tools/bin/python").path
    static let isThere = FileManager.default.isExecutableFile(atPath: python)

    /// What botocore says of the cases.
    static func run(_ options: [String], on cases: [RandomCase]) async throws -> String {
        try await run(
            "utility/sign-with-botocore", options,
            on: try cases.map { try $0.line() }.joined(separator: "\n"))
    }

    /// What a script prints for a file with the given text.
    static func run(_ script: String, _ options: [String], on text: String) async throws -> String {
        let path = "/tmp/loadfleet-signing-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try Data(text.utf8).write(to: URL(filePath: path))
        defer { unlink(path) }
        let run = try await CapturedRun.of(
            ProcessRequest(
                python, [root.appending(path: script).path] + options + [path],
                environment: ["PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"]),
            limit: .seconds(600))
        try #require(run.end == .exited(0), "\(run.output.suffix(2000))")
        return run.output
    }
}
