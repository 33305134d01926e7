// A metadata service of EC2 instances on loopback, version 2: a token for a PUT, texts for GETs that
// bring it. One service stands for any number of instances, each below a path of its own.

internal import Synchronization

/// A running metadata service.
package final class MetadataService: Sendable {
    private let server: LoopbackServer
    private let texts: Texts

    private final class Texts: Sendable {
        let byPath = Mutex<[String: String]>([:])
    }

    /// Starts a service that knows nothing yet.
    ///
    /// - Throws: when there is no socket.
    package init() throws {
        let texts = Texts()
        self.texts = texts
        server = try LoopbackServer(answering: { request in
            let words = request.line.split(separator: " ")
            guard words.count > 1 else { return answer("400 Bad Request") }
            let path = String(words[1])
            if words[0] == "PUT" {
                return path.hasSuffix("/latest/api/token")
                    ? answer("200 OK", "a-token") : answer("404 Not Found")
            }
            guard request.header("X-aws-ec2-metadata-token") == "a-token" else {
                return answer("401 Unauthorized")
            }
            return texts.byPath.withLock { $0[path] }.map { answer("200 OK", $0) }
                ?? answer("404 Not Found")
        })
    }

    /// What `AWS_EC2_METADATA_SERVICE_ENDPOINT` is on an instance.
    package func endpoint(of instance: String) -> String { "\(server.url)/\(instance)" }

    /// Makes an instance that has a name and an address.
    package func add(_ instance: String) {
        say("instance-id", instance, to: instance)
        say("local-ipv4", "127.0.0.1", to: instance)
    }

    /// Puts a text at a path below an instance's `/latest/meta-data/`.
    package func say(_ path: String, _ text: String, to instance: String) {
        texts.byPath.withLock { $0["/\(instance)/latest/meta-data/\(path)"] = text }
    }
}
