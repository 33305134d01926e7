// The simulated cloud of utility/simulated-cloud, for tests of any room: started once in a process
// and ended with it, since it ends when the pipe that it reads from does. Further ones end with
// whoever has them.

package import AWS
internal import CurlHTTP
internal import FoundationEssentials
internal import Glibc
internal import HTTP
internal import Machine
package import SigV4
package import Store

/// A running cloud.
package struct SimulatedCloud: Decodable, Sendable {
    /// The port of moto's door, which checks signatures.
    package let gate: Int
    /// The port of a second door, for requests about faults; a cloud of a test's own has none.
    package let faults: Int?
    package let key: String
    package let secret: String
    /// Whether instances boot.
    package let boots: Bool
    private var pipe: Pipe?

    private enum CodingKeys: CodingKey { case gate, faults, key, secret, boots }

    /// Our end of the pipe that a cloud reads from.
    private final class Pipe: Sendable {
        private let descriptor: Int32

        init(_ path: String) throws {
            // Open at both ends here, it has no end before this process has one.
            guard mkfifo(path, 0o600) == 0, case let pipe = open(path, O_RDWR | O_CLOEXEC),
                pipe >= 0
            else { throw CloudFailure(reason: "no pipe: \(String(cString: strerror(errno)))") }
            descriptor = pipe
        }

        deinit { close(descriptor) }
    }

    /// The cloud of this process.
    ///
    /// - Throws: ``CloudFailure`` when it does not start.
    package static func running() async throws -> SimulatedCloud { try await started.value }

    /// A client of moto, by the door that injects faults or the one that does not, on a machine
    /// whose clock is fast by so many seconds.
    ///
    /// - Throws: an error of the transport or of the AWS room.
    package func client(
        byFaultyDoor: Bool = false, fastBy seconds: Double = 0
    ) throws -> AWSClient {
        let surroundings = Surroundings(
            variables: [:], readFile: { _ in nil },
            runCommand: { _, _ in CommandResult(succeeded: false, end: "not run", output: []) },
            now: { Date(timeIntervalSinceNow: seconds) })
        let door = url(ofFaultyDoor: byFaultyDoor)
        let configuration = try AWSConfiguration(
            surroundings, explicit: ExplicitAccess(region: "us-east-1", endpointURL: door))
        return try AWSClient(
            configuration,
            credentials: FixedCredential(
                Credential(accessKeyID: key, secretAccessKey: secret)),
            transport: CurlTransport())
    }

    /// The URL of the door that injects faults, or of the one that does not.
    package func url(ofFaultyDoor isFaulty: Bool = false) -> String {
        "http://127.0.0.1:\(isFaulty ? faults ?? gate : gate)"
    }

    /// An empty store, in a bucket and a log group of its own.
    ///
    /// - Throws: errors of the rooms.
    package func makeStore(byFaultyDoor: Bool = false) async throws -> S3Store {
        let name = "store-\(UUID().uuidString.lowercased())"
        let client = try client()
        _ = try await client.send(CreateBucket(name, region: "us-east-1"))
        _ = try await client.send(CreateLogGroup("/loadfleet/\(name)"))
        return S3Store(
            client: try self.client(byFaultyDoor: byFaultyDoor), bucket: name,
            prefix: "a prefix/of+two", logGroup: "/loadfleet/\(name)")
    }

    /// Sets the faults of the faulty door, as `utility/simulated-cloud/gate.py` describes them.
    ///
    /// - Throws: an error of the transport.
    package func inject(_ rules: String) async throws {
        for (name, body) in [("reset", ""), ("rules", rules)] {
            let url = try HTTPURL("\(url(ofFaultyDoor: true))/_gate/\(name)")
            _ = try await CurlTransport().send(
                HTTPRequest("POST", url, body: .bytes(Array(body.utf8))), within: .seconds(10))
        }
    }

    // MARK: - Start

    static let root: String = {
        var path = #filePath
        for _ in 0..<3 { path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }
        return path
    }()

    private static let started = Task { try await start(["cloud.py", "--for-tests"]) }

    /// A cloud besides that of this process; its instances are registered only, or boot, as root.
    ///
    /// - Throws: ``CloudFailure`` when it does not start.
    package static func another(boots: Bool = false) async throws -> SimulatedCloud {
        try await start([boots ? "launch.py" : "cloud.py"])
    }

    private static func start(_ command: [String]) async throws -> SimulatedCloud {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "loadfleet-cloud-\(getpid())-\(UInt32.random(in: 0 ... .max))").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pipe = try Pipe(folder + "/input")
        let script = """
            python=$("\(root)/utility/aws-test-tools") &&
            exec "$python" "\(root)/utility/simulated-cloud/"\(command.joined(separator: " ")) \
                < "\(folder)/input"
            """
        var request = ProcessRequest(
            "/bin/bash", ["-c", script], environment: ProcessInfo.processInfo.environment)
        request.standardOutput = .file(folder + "/output")
        request.standardError = .file(folder + "/errors")
        let process = try await ChildProcess.start(request)
        var cloud = try await firstLine(
            of: folder + "/output", by: process, errors: folder + "/errors")
        cloud.pipe = pipe
        return cloud
    }

    /// Waits for the line in which the cloud says where it is.
    private static func firstLine(
        of output: String, by process: ChildProcess, errors: String
    ) async throws -> SimulatedCloud {
        func bytes(_ path: String) -> Data {
            (try? Data(contentsOf: URL(filePath: path))) ?? Data()
        }
        // The first start installs what is missing.
        let deadline = ContinuousClock.now + .seconds(300)
        while process.end == nil, ContinuousClock.now < deadline {
            let text = bytes(output)
            if let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                return try JSONDecoder().decode(SimulatedCloud.self, from: text[..<end])
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw CloudFailure(reason: String(decoding: bytes(errors), as: UTF8.self))
    }
}

/// Why there is no cloud.
package struct CloudFailure: Error {
    package let reason: String
}

/// A credential that stays what it is.
package struct FixedCredential: CredentialProvider {
    private let value: Credential

    package init(_ value: Credential) { self.value = value }

    package func credential() async throws(AccessError) -> Credential { value }
    package func reject(keyID: String) async {}
}
