// A metadata service of EC2 instances on loopback, version 2: a token for a PUT, texts for GETs that
// bring it. The texts are files of a folder, so that one service stands for any number of instances
// and a test changes what it says by writing a file.

internal import FoundationEssentials
internal import Machine

/// A running metadata service.
package final class MetadataService: Sendable {
    /// Where the texts are: `i-1/latest/meta-data/instance-id` and so on.
    package let texts: TemporaryFolder
    private let port: Int
    private let process: ChildProcess

    private static let script = """
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        from pathlib import Path
        from sys import argv
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *_): pass
            def answer(self, status, body=b""):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_PUT(self):
                isToken = self.path.endswith("/latest/api/token")
                self.answer(200 if isToken else 404, b"a-token" if isToken else b"")
            def do_GET(self):
                if self.headers.get("X-aws-ec2-metadata-token") != "a-token":
                    return self.answer(401)
                file = Path(argv[1] + self.path)
                self.answer(200, file.read_bytes()) if file.is_file() else self.answer(404)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    /// Starts a service that knows nothing yet; it ends with this process at the latest.
    ///
    /// - Throws: ``CloudFailure`` when it does not start.
    package init() async throws {
        texts = try TemporaryFolder()
        let output = texts.path + "/.port"
        var request = ProcessRequest(
            "/usr/bin/env", ["python3", "-c", Self.script, texts.path],
            environment: ProcessInfo.processInfo.environment)
        request.standardOutput = .file(output)
        request.diesWithParent = true
        process = try await ChildProcess.start(request)
        let deadline = ContinuousClock.now + .seconds(30)
        while process.end == nil, ContinuousClock.now < deadline {
            let text = try? String(contentsOf: URL(filePath: output), encoding: .utf8)
            if let text, text.hasSuffix("\n"), let port = Int(text.dropLast()) {
                self.port = port
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw CloudFailure(reason: "the metadata service did not start")
    }

    deinit { process.signal(9) }

    /// What `AWS_EC2_METADATA_SERVICE_ENDPOINT` is on an instance.
    package func endpoint(of instance: String) -> String {
        "http://127.0.0.1:\(port)/\(instance)"
    }

    /// Makes an instance that has a name and an address.
    package func add(_ instance: String) throws {
        try say("instance-id", instance, to: instance)
        try say("local-ipv4", "127.0.0.1", to: instance)
    }

    /// Puts a text at a path below an instance's `/latest/meta-data/`.
    package func say(_ path: String, _ text: String, to instance: String) throws {
        try texts.write("\(instance)/latest/meta-data/\(path)", text)
    }
}
