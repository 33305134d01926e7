// CloudFormation by a script: what each call is answered, in order, the last answer again and
// again. The simulated cloud is done in an instant; this one takes its time and fails at will.

import FoundationEssentials
import HTTP
import SigV4
import Synchronization

@testable import AWS
@testable import Fleet

/// Answers of calls, by their names.
final class ScriptedFormation: HTTPTransport {
    private let rest: Mutex<[String: [String]]>
    private let made = Mutex<[CloudRequest]>([])
    let time = VirtualTime()

    init(_ answers: [String: [String]]) {
        rest = Mutex(
            answers.merging([
                "GetCallerIdentity": [
                    "<R><GetCallerIdentityResult><Account>123456789012</Account><Arn>arn:a</Arn>"
                        + "<UserId>u</UserId></GetCallerIdentityResult></R>"
                ],
                "HEAD s3": ["!404 NotFound: "],
                "DescribeInstances": ["<R><reservationSet/></R>"],
                "DescribeLaunchTemplates": ["<R><launchTemplates/></R>"],
                "DescribeVpcs": ["<R><vpcSet/></R>"],
            ]) { own, _ in own })
    }

    var calls: [CloudRequest] { made.withLock { $0 } }
    var names: [String] { calls.map(\.name) }

    /// The parameters of the last change set.
    var parameters: [String: String] {
        let form = calls.last { $0.name == "CreateChangeSet" }?.form ?? [:]
        var parameters: [String: String] = [:]
        var index = 1
        while let key = form["Parameters.member.\(index).ParameterKey"] {
            parameters[key] = form["Parameters.member.\(index).ParameterValue"]
            index += 1
        }
        return parameters
    }

    func send(
        _ request: HTTPRequest, to sink: HTTPSink, by deadline: ContinuousClock.Instant
    ) async throws(HTTPError) -> HTTPResponse {
        let call = CloudRequest(request)
        made.withLock { $0.append(call) }
        let answer = rest.withLock { rest in
            // A bucket is part of the address, and asked for by HEAD only.
            let name = call.method == "HEAD" ? "HEAD s3" : call.name
            let answers = rest[name] ?? ["<R/>"]
            rest[name] = answers.count > 1 ? Array(answers.dropFirst()) : answers
            return answers[0]
        }
        guard answer.hasPrefix("!") else {
            // `R` stands for what the answer of this call is called.
            let text = answer.replacing("<R>", with: "<\(call.name)Response>")
                .replacing("</R>", with: "</\(call.name)Response>")
                .replacing("<R/>", with: "<\(call.name)Response/>")
            return HTTPResponse(status: 200, headers: [:], body: Array(text.utf8))
        }
        let parts = answer.dropFirst().split(separator: " ", maxSplits: 2)
        let code = parts[1].dropLast()
        let body =
            "<ErrorResponse><Error><Code>\(code)</Code><Message>\(parts.count > 2 ? parts[2] : "")"
            + "</Message></Error></ErrorResponse>"
        return HTTPResponse(
            status: Int(parts[0]) ?? 400, headers: [:],
            body: call.method == "HEAD" ? [] : Array(body.utf8))
    }

    private var client: AWSClient {
        let time = time
        return AWSClient(
            endpoints: { service in
                Endpoint(
                    url: "https://\(service.endpointPrefix).fake.test", configuredBy: nil,
                    service: service, region: "eu-test-1")
            }, credentials: AnyCredential(), transport: self, sleep: { time.pass($0) })
    }

    private var clock: FleetClock {
        let time = time
        return FleetClock(
            now: { time.now }, elapsed: { time.elapsed }, sleep: { time.pass($0) })
    }

    var caller: EC2Caller { EC2Caller(client: client, clock: clock) }

    var stack: FoundationStack {
        FoundationStack(client: client, region: "eu-test-1", clock: clock)
    }

    var removal: FoundationRemoval {
        FoundationRemoval(client: client, region: "eu-test-1", clock: clock)
    }

    // MARK: - Answers

    static let id = "arn:aws:cloudformation:eu-test-1:123456789012:stack/loadfleet/1"
    static let noStack = "!400 ValidationError: Stack with id loadfleet does not exist"

    static func stack(_ status: String, _ parameters: [String: String] = [:]) -> String {
        let items = parameters.map {
            "<member><ParameterKey>\($0)</ParameterKey><ParameterValue>\($1)</ParameterValue></member>"
        }.joined()
        return "<R><DescribeStacksResult><Stacks><member><StackId>\(id)</StackId>"
            + "<StackName>loadfleet</StackName><StackStatus>\(status)</StackStatus>"
            + "<Parameters>\(items)</Parameters><Outputs><member><OutputKey>Bucket</OutputKey>"
            + "<OutputValue>b</OutputValue></member></Outputs></member></Stacks>"
            + "</DescribeStacksResult></R>"
    }

    /// Events as `resource status reason`, oldest first; `stack` is the stack itself.
    static func events(_ texts: [String], token: String? = nil) -> String {
        let items = texts.map { text in
            let parts = text.split(separator: " ", maxSplits: 2)
            let kind = parts[0] == "stack" ? "AWS::CloudFormation::Stack" : "AWS::Test::\(parts[0])"
            let reason =
                parts.count > 2
                ? "<ResourceStatusReason>\(parts[2])</ResourceStatusReason>" : ""
            return "<member><EventId>\(text)</EventId><StackId>\(id)</StackId>"
                + "<StackName>loadfleet</StackName><Timestamp>2026-11-21T04:00:00Z</Timestamp>"
                + "<LogicalResourceId>\(parts[0])</LogicalResourceId>"
                + "<ResourceType>\(kind)</ResourceType><ResourceStatus>\(parts[1])</ResourceStatus>"
                + "\(reason)</member>"
        }
        let next = token.map { "<NextToken>\($0)</NextToken>" } ?? ""
        return "<R><DescribeStackEventsResult><StackEvents>\(items.reversed().joined())"
            + "</StackEvents>\(next)</DescribeStackEventsResult></R>"
    }

    static func changeSet(
        _ status: String, reason: String = "", changes: [String] = []
    ) -> String {
        let items = changes.map { change in
            let parts = change.split(separator: " ")
            return "<member><Type>Resource</Type><ResourceChange><Action>\(parts[0])</Action>"
                + "<LogicalResourceId>\(parts[1])</LogicalResourceId>"
                + "<ResourceType>AWS::Test::\(parts[1])</ResourceType>"
                + (parts.count > 2 ? "<Replacement>\(parts[2])</Replacement>" : "")
                + "</ResourceChange></member>"
        }.joined()
        return "<R><DescribeChangeSetResult><Status>\(status)</Status>"
            + "<StatusReason>\(reason)</StatusReason><Changes>\(items)</Changes>"
            + "</DescribeChangeSetResult></R>"
    }

    static let madeSet =
        "<R><CreateChangeSetResult><Id>arn:set</Id><StackId>\(id)</StackId></CreateChangeSetResult></R>"
    static let ready = changeSet("CREATE_COMPLETE", changes: ["Add Store"])
    static let unchanged = changeSet(
        "FAILED", reason: "The submitted information didn't contain changes. Submit different.")
    static let vpc =
        "<R><vpcSet><item><vpcId>vpc-0d</vpcId><isDefault>true</isDefault></item></vpcSet></R>"
}
