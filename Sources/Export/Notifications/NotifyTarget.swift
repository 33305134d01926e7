// Whom to tell, as said by `--notify`. The URL of a hook is a secret: whoever has it may speak there.

internal import HTTP

/// Somebody who wants to know of a verdict.
package enum NotifyTarget: Sendable {
    /// A channel of Slack, or of what takes the same messages.
    case slack(Server)
    /// A server of the user's.
    case webhook(Server)
    /// A topic of SNS.
    case sns(arn: String, region: String)

    /// Reads `slack=URL`, `webhook=URL` or `sns=ARN`; `slack` or `webhook` alone takes its URL from
    /// `LOADFLEET_NOTIFY_SLACK` or `_WEBHOOK`.
    ///
    /// - Throws: ``ExportError/target(_:hint:)``.
    package init(_ text: String, variables: [String: String]) throws(ExportError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let kind = String(parts[0])
        switch kind {
        case "slack", "webhook":
            let variable = "LOADFLEET_NOTIFY_\(kind.uppercased())"
            guard let url = parts.count > 1 ? String(parts[1]) : variables[variable] else {
                throw .target(
                    "--notify \(kind) has no URL", hint: "write \(kind)=URL, or set \(variable)")
            }
            guard let server = Server(hook: url) else {
                throw .target(
                    "what --notify \(kind) names is no URL to call",
                    hint: "write it as https://host/path, in quotes")
            }
            self = kind == "slack" ? .slack(server) : .webhook(server)
        case "sns":
            let arn = parts.count > 1 ? String(parts[1]) : ""
            let words = arn.split(separator: ":", omittingEmptySubsequences: false)
            guard words.count == 6, words[0] == "arn", words[2] == "sns",
                !words[3].isEmpty, !words[5].isEmpty
            else {
                throw .target(
                    "'\(arn)' is no topic of SNS",
                    hint: "write it like sns=arn:aws:sns:eu-west-1:123456789012:name")
            }
            self = .sns(arn: arn, region: String(words[3]))
        default:
            throw .target(
                "nobody can be notified by '\(kind.prefix { $0 != ":" }.prefix(20))'",
                hint: "write slack=URL, webhook=URL or sns=ARN")
        }
    }
}

extension NotifyTarget: CustomStringConvertible {
    /// Who it is, without what is secret.
    package var description: String {
        switch self {
        case .slack(let server): "slack at \(server.url.authority)"
        case .webhook(let server): "the webhook at \(server.url.authority)"
        case .sns(let arn, _): arn
        }
    }
}
