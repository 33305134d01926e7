// Who wants to know of a verdict is told of it, and of nothing else.

@testable import AWS
import CurlHTTP
import Foundation
import HTTP
import LoadfleetTesting
import Results
import Testing

@testable import Export

struct `Notifications` {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func notice(
        _ gates: [String] = ["p95 < 100s", "samples > 1"], plan: String = "shop.jmx"
    ) throws -> Notice {
        let run = try SampleText.run(samples: 500, in: folder, gates: gates)
        return Notice(
            run: run.name, plan: plan, fleet: "checkout", summary: run.summary,
            results: "/srv/results/\(run.name) on host", link: "https://ci.test/jobs/7")
    }

    private func notifier() throws -> Notifier {
        Notifier(by: try .hasty(attempts: 3)) { _ in
            try await SimulatedCloud.running().client()
        }
    }

    private func body(_ server: LoopbackServer) throws -> JSONTree {
        let body = try #require(server.requests.last).body
        return JSONTree(try JSONSerialization.jsonObject(with: Data(body)))
    }

    @Test func `say passed when it passed, with figures, gates and where to look`() async throws {
        let server = try LoopbackServer { _ in answer("200 OK", "ok") }
        let target = try NotifyTarget("slack=\(server.url)/services/T0/B0/x", variables: [:])
        try await notifier().send(try notice(), to: target)
        let lines = try body(server)["text"].text?.split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "loadfleet passed, shop.jmx",
                "1000 samples, 14.40% errors, mean 250 ms, p50 250 ms, p90 450 ms, p95 475 ms, "
                    + "p99 495 ms, max 499 ms, 1503.8 a second",
                "✓ p95 &lt; 100s: 474.95ms in total", "✓ samples &gt; 1: 1000 in total",
                "run 20270115-080000-q7x2 on fleet checkout",
                "results: /srv/results/20270115-080000-q7x2 on host", "https://ci.test/jobs/7",
            ])
        #expect(server.requests.last?.line == "POST /services/T0/B0/x HTTP/1.1")
        #expect(server.requests.last?.header("Content-Type") == "application/json")
    }

    @Test func `say what is wrong when something is, and call nobody else`() async throws {
        let server = try LoopbackServer { _ in answer("200 OK", "ok") }
        let target = try NotifyTarget("slack", variables: ["LOADFLEET_NOTIFY_SLACK": server.url])
        let gates = ["samples > 1", "max(\"<script>alert(1)</script>\") < 1ms"]
        try await notifier().send(try notice(gates, plan: "<!channel>.jmx"), to: target)
        let text = try #require(try body(server)["text"].text)
        #expect(text.hasPrefix("loadfleet failed: 1 of 2 gates not met, &lt;!channel&gt;.jmx\n"))
        #expect(text.contains("\n✗ max(\"&lt;script&gt;"))
        #expect(!text.contains("<"))
        var invalid = try notice()
        invalid.summary.verdict = Verdict.judge(
            invalid.summary, invalidReasons: ["worker-1: lost", "worker-2: lost"])
        try await notifier().send(invalid, to: target)
        let lines = try body(server)["text"].text?.split(separator: "\n")
        #expect(lines?.first == "loadfleet invalid: worker-1: lost, shop.jmx")
        #expect(lines?.contains("also: worker-2: lost") == true)
    }

    @Test func `are short, however many gates there are`() async throws {
        let long = String(repeating: "long ", count: 60)
        let gates = (0..<300).map { "max(\"\(long)\") < \($0 + 1)ms" }
        let text = try notice(gates).text
        #expect(text.split(separator: "\n").count < 20)
        #expect(text.contains("\nand 290 more gates\n"))
        #expect(text.utf8.count < 4000)
    }

    @Test func `to a webhook hold the same as JSON, and its password as a header`() async throws {
        let server = try LoopbackServer { _ in answer("204 No Content") }
        let url = server.url.replacing("://", with: "://ann:s3cr3t@") + "/hook?key=s3cr3t"
        let target = try NotifyTarget("webhook=\(url)", variables: [:])
        #expect("\(target)" == "the webhook at 127.0.0.1:\(server.port)")
        let notice = try notice()
        try await notifier().send(notice, to: target)
        let tree = try body(server)
        #expect(tree["schema_version"].text == "1.0")
        #expect(tree["verdict"]["status"].text == "passed")
        #expect(tree["verdict"]["gates"].list.count == 2)
        #expect(tree["total"]["samples"].int == 1000)
        #expect(tree["text"].text == notice.text)
        #expect(server.requests.last?.header("Authorization") == "Basic YW5uOnMzY3IzdA==")
        #expect(server.requests.last?.line == "POST /hook?key=s3cr3t HTTP/1.1")
    }

    @Test func `that fail are told of without the hook's URL`() async throws {
        let server = try LoopbackServer { request in
            answer("404 Not Found", "no such hook: \(request.line.split(separator: " ")[1])")
        }
        let target = try NotifyTarget("slack=\(server.url)/services/T0/s3cr3t", variables: [:])
        let error = await #expect(throws: ExportError.self) {
            try await notifier().send(try notice(), to: target)
        }
        let message = error?.message ?? ""
        #expect(message == "127.0.0.1:\(server.port) says 404: no such hook: …")
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [
        "slack", "slack=hooks.test/s3cr3t", "slack=htps://hooks.test/s3cr3t", "webhook=",
        "mail=s3cr3t", "https://hooks.test/s3cr3t", "sns=topic", "sns=arn:aws:sqs:r:1:q",
    ])
    func `to nobody are refused without secrets`(text: String) throws {
        let error = #expect(throws: ExportError.self) { try NotifyTarget(text, variables: [:]) }
        #expect(error?.isWrongInput == true)
        let said = [error?.message, error?.hint].compactMap(\.self).joined(separator: " ")
        #expect(!said.contains("s3cr3t"))
    }

    @Test func `go through a topic of SNS`() async throws {
        let client = try await SimulatedCloud.running().client()
        let name = "verdicts-\(UUID().uuidString.lowercased())"
        let arn = try await client.send(CreateTopic(name: name))
        let inbox = try LoopbackServer { _ in answer("200 OK") }
        _ = try await client.send(Subscribe(topicARN: arn, endpoint: inbox.url))
        let target = try NotifyTarget("sns=\(arn)", variables: [:])
        let notice = try notice(plan: "häuser.jmx")
        try await notifier().send(notice, to: target)
        let deadline = ContinuousClock.now + .seconds(20)
        func message() -> JSONTree? {
            inbox.requests.lazy
                .compactMap { try? JSONSerialization.jsonObject(with: Data($0.body)) }
                .map(JSONTree.init).first { $0["Type"].text == "Notification" }
        }
        while message() == nil, .now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        #expect(message()?["Message"].text == notice.text)
        #expect(message()?["Subject"].text == "loadfleet passed, h?user.jmx")
    }
}

// MARK: - What makes a topic, which the product never does

private struct CreateTopic: SNSCall {
    let name: String

    func write(to form: inout Form) { form.set("Name", name) }

    typealias Answer = String
    static func answer(_ node: XMLNode) throws(AnswerFault) -> String {
        try node.need("TopicArn")
    }
}

private struct Subscribe: SNSCall {
    let topicARN: String
    let endpoint: String

    func write(to form: inout Form) {
        form.set("TopicArn", topicARN)
        form.set("Protocol", "http")
        form.set("Endpoint", endpoint)
    }

    typealias Answer = Done
}
