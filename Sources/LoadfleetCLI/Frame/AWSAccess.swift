// Joins the room of AWS to the network and to this machine, once for each command. No other file
// does, so that what AWS's code may read, run and call is told here.
package import AWS
import CurlHTTP
import FoundationEssentials
import Glibc
import HTTP
import Machine

/// Access to AWS as the user configured it.
struct AWSAccess: Sendable {
    let configuration: AWSConfiguration
    let connection: ConnectionSettings
    /// Where credentials come from.
    let chain: CredentialChain
    /// The credential in use, fetched anew in time.
    let credentials: CredentialCache
    let transport: any HTTPTransport

    /// Reads the configuration; asks nobody.
    ///
    /// - Throws: ``AccessError`` when it makes no sense.
    init(
        _ context: Context, explicit: ExplicitAccess = ExplicitAccess()
    ) throws(AccessError) {
        let surroundings = Surroundings(context)
        configuration = try AWSConfiguration(surroundings, explicit: explicit)
        connection = try configuration.connectionSettings()
        var settings = CurlConfiguration()
        settings.caBundle = connection.caBundle?.value
        settings.httpProxy = connection.httpProxy?.value.text
        settings.httpsProxy = connection.httpsProxy?.value.text
        settings.noProxy = connection.noProxy
        settings.userAgent = "loadfleet/\(Version.text)"
        do throws(HTTPError) {
            transport = try CurlTransport(settings)
        } catch {
            throw AccessError(.configuration, error.message, hint: error.hint)
        }
        chain = CredentialChain(configuration, transport: transport)
        credentials = CredentialCache(chain, now: context.now)
    }

    /// What sends calls.
    ///
    /// - Throws: ``AccessError`` when a setting of retries makes no sense.
    func client() throws(AccessError) -> AWSClient {
        try AWSClient(configuration, credentials: credentials, transport: transport)
    }
}

extension Surroundings {
    /// The surroundings of a command line.
    package init(_ context: Context) {
        self.init(
            variables: context.variables,
            readFile: { path in
                try Self.read(context.absolute(path))
            },
            runCommand: { command, limit in
                try await Self.run(command, limit: limit, in: context)
            }, now: context.now)
    }

    /// More than any file of settings or tokens has.
    private static let fileLimit = 16 << 20

    private static func read(_ path: String) throws(FileFailure) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileFailure(errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure(errno) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= fileLimit else { throw FileFailure(EFBIG) }
        }
    }

    /// Runs a command line without a terminal to ask on, with the user's whole environment, since
    /// it is the user's own.
    private static func run(
        _ command: String, limit: Duration, in context: Context
    ) async throws -> CommandResult {
        let run = try await PipedRun.of(
            ProcessRequest(
                "/bin/sh", ["-c", command], environment: context.variables,
                directory: context.directory), limit: limit)
        let end =
            switch run.end {
            case .ended(.exited(let code)): "exited with code \(code)"
            case .ended(.signaled(let number)): "was ended by signal \(number)"
            case .outOfTime: "did not end within \(limit.components.seconds) s and was killed"
            case .tooMuch: "printed too much and was killed"
            case .cancelled: "was cancelled"
            }
        return CommandResult(
            succeeded: run.end == .ended(.exited(0)), end: end, output: run.output,
            complaint: String(decoding: run.complaint, as: UTF8.self))
    }
}

/// Why a file cannot be read, in the system's words.
private struct FileFailure: Error, CustomStringConvertible {
    let description: String

    init(_ code: Int32) { description = String(cString: strerror(code)) }
}
