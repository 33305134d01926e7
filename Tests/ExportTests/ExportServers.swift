// The servers that results are sent to, as their makers ship them: OpenSearch's interface by
// osmem-server, Debian's Pushgateway and InfluxDB. utility/report-test-tools puts them in place.

import CurlHTTP
import Foundation
import HTTP
import LoadfleetTesting
import Machine
import Testing

/// A program that was started for a test, and ends with it.
final class ExportServer: Sendable {
    let port: Int
    private let process: ChildProcess
    private let folder = try? TemporaryFolder()

    static let package = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    private static let tools = package + "/.build/report-test-tools/bin/"

    /// Whether all of them are there.
    static let areThere = ["osmem-server", "prometheus-pushgateway", "influxd"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: tools + $0)
    }

    var url: String { "http://127.0.0.1:\(port)" }

    static func openSearch() async throws -> ExportServer {
        try await ExportServer("osmem-server", ready: "/") { port, _ in
            ["-no-ja", "-no-stdin-watch", "-addr", "127.0.0.1:\(port)"]
        }
    }

    static func pushgateway() async throws -> ExportServer {
        try await ExportServer("prometheus-pushgateway", ready: "/-/ready") { port, _ in
            ["--web.listen-address=127.0.0.1:\(port)"]
        }
    }

    static func influx() async throws -> ExportServer {
        try await ExportServer("influxd", ready: "/ping") { port, folder in
            let spare = try #require(Ports.free(2)?.last)
            try folder.write(
                "influxdb.conf",
                """
                reporting-disabled = true
                bind-address = "127.0.0.1:\(spare)"
                [meta]
                dir = "\(folder.path)/meta"
                [data]
                dir = "\(folder.path)/data"
                wal-dir = "\(folder.path)/wal"
                [http]
                bind-address = "127.0.0.1:\(port)"
                log-enabled = false
                """)
            return ["-config", folder.path + "/influxdb.conf"]
        }
    }

    private init(
        _ program: String, ready: String, _ arguments: (Int, TemporaryFolder) throws -> [String]
    ) async throws {
        port = try #require(Ports.free(1)?.first)
        let place = try #require(folder)
        var request = ProcessRequest(
            Self.tools + program, try arguments(port, place),
            environment: ProcessInfo.processInfo.environment)
        request.diesWithParent = true
        process = try await ChildProcess.start(request)
        let deadline = ContinuousClock.now + .seconds(30)
        while (try? await get(ready)) == nil {
            try #require(process.end == nil && .now < deadline, "\(program) does not start")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    deinit { process.signal(SIGKILL) }

    // MARK: - Asking it

    /// The body of an answer of success.
    @discardableResult
    func get(_ path: String) async throws -> String { try await ask("GET", path) }

    /// The body of an answer of success.
    @discardableResult
    func ask(_ method: String, _ path: String, _ body: String? = nil) async throws -> String {
        let request = HTTPRequest(
            method, try HTTPURL(url + path), headers: ["Content-Type": "application/json"],
            body: body.map { .bytes(Array($0.utf8)) } ?? .none)
        let response = try await CurlTransport().send(request, within: .seconds(10))
        let text = String(decoding: response.body, as: UTF8.self)
        try #require(response.isSuccess, "\(method) \(path): \(response.status) \(text)")
        return text
    }

    /// The same as JSON.
    func json(_ method: String, _ path: String, _ body: String? = nil) async throws -> JSONTree {
        let text = try await ask(method, path, body)
        return JSONTree(try JSONSerialization.jsonObject(with: Data(text.utf8)))
    }
}

/// JSON as a test reads it.
struct JSONTree {
    let value: Any?

    init(_ value: Any?) { self.value = value }

    subscript(name: String) -> JSONTree { JSONTree((value as? [String: Any])?[name]) }
    subscript(index: Int) -> JSONTree { JSONTree(list[index].value) }
    var list: [JSONTree] { (value as? [Any] ?? []).map(JSONTree.init) }
    var int: Int? { (value as? NSNumber)?.intValue }
    var text: String? { value as? String }
}
