// Tells people of a verdict. Nobody waits long for it, and no verdict depends on it.

package import AWS
internal import FoundationEssentials
internal import HTTP
internal import Results

/// Sends notices.
package struct Notifier: Sendable {
    private let courier: Courier
    private let client: @Sendable (_ region: String) async throws -> AWSClient

    /// A notifier that finds a client of SNS in a region when it needs one.
    package init(
        by courier: Courier,
        sns client: @escaping @Sendable (_ region: String) async throws -> AWSClient
    ) {
        self.courier = courier
        self.client = client
    }

    /// Few attempts: a message that comes late is better than a command that hangs.
    package static let rules: RetryRules = {
        var rules = RetryRules()
        rules.attempts = 4
        rules.transientBase = .milliseconds(500)
        return rules
    }()

    /// Tells one of them.
    ///
    /// - Throws: ``ExportError``, `CallError`, and what finding credentials throws.
    package func send(_ notice: Notice, to target: NotifyTarget) async throws {
        switch target {
        case .slack(let server):
            var body = Array(#"{"text":"#.utf8)
            JSONValue.append(Self.slackText(notice.text), to: &body)
            body.append(UInt8(ascii: "}"))
            try await post(body, to: server)
        case .webhook(let server):
            try await post(try notice.json(), to: server)
        case .sns(let arn, let region):
            let isOrdered = arn.hasSuffix(".fifo")
            let publish = Publish(
                notice.text, to: arn, subject: Self.subject(notice.subject),
                messageGroupID: isOrdered ? "loadfleet" : nil,
                messageDeduplicationID: isOrdered ? UUID().uuidString : nil)
            _ = try await client(region).send(publish, within: .seconds(20))
        }
    }

    private func post(_ body: [UInt8], to server: Server) async throws {
        let request = server.request("POST", type: "application/json", body: body)
        _ = try await courier.send(request, to: server)
    }

    /// Text that Slack shows as it is: these three begin what calls people and links.
    /// https://docs.slack.dev/messaging/formatting-message-text
    static func slackText(_ text: String) -> String {
        text.replacing(scalars: ["&": "&amp;", "<": "&lt;", ">": "&gt;"])
    }

    /// A subject as SNS has it: 100 characters of ASCII.
    static func subject(_ text: String) -> String {
        var subject = ""
        for scalar in text.unicodeScalars.prefix(100) {
            subject.unicodeScalars.append((0x20..<0x7F).contains(scalar.value) ? scalar : "?")
        }
        return subject
    }
}
