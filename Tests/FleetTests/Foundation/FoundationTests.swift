// The foundation's way through CloudFormation: what is asked of it, and what is made of its answers.

import Foundation
import Synchronization
import Testing

@testable import AWS
@testable import Fleet

@Suite struct FoundationTests {
    private typealias Script = ScriptedFormation

    private func failure(
        _ body: () async throws -> Void
    ) async throws -> FoundationError {
        try await #require(throws: FoundationError.self) { try await body() }
    }

    // MARK: - The template

    @Test func `the program has the template inside, and CloudFormation takes its length`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = try Data(
            contentsOf: root.appending(path: "environments/cloudformation/foundation.yaml"))
        #expect(Array(FoundationTemplate.text.utf8) == Array(file))
        #expect(file.count <= 51_200)
    }

    @Test func `the parameters and what they are by themselves are the template's`() throws {
        let text = FoundationTemplate.text
        let part = try #require(text.firstMatch(of: /(?s)\nParameters:\n(.*?)\nConditions:/)).1
        var standards: [String: String] = [:]
        for match in part.matches(of: /(?s)\n?  (\w+):\n    .*?Default: "?([^"\n]*)"?/) {
            standards[String(match.1)] = String(match.2)
        }
        let ours = FoundationParameter.allCases.map { ($0.rawValue, $0.standard) }
        #expect(standards == Dictionary(uniqueKeysWithValues: ours))
        // What a parameter takes by itself need not be given, or would be taken if it were.
        for parameter in FoundationParameter.allCases where !parameter.standard.isEmpty {
            #expect(parameter.fault(in: parameter.standard) == nil)
        }
        let days = try #require(part.firstMatch(of: /AllowedValues: \[(1,.*?)\]/)).1
        for day in days.split(separator: ", ") {
            #expect(FoundationParameter.logRetentionDays.fault(in: String(day)) == nil)
        }
    }

    @Test(arguments: [
        (
            FoundationParameter.vpc, ["vpc-0a1b", "vpc-0123456789abcdef0"],
            ["vpc-", "vpc-xyz", "0a"]
        ),
        (.egressPrefixList, ["pl-0a1b"], ["vpc-0a1b", "pl-"]),
        (.createsNetwork, ["true", "false"], ["yes", ""]),
        (.networkBlock, ["10.0.0.0/16"], ["10.0.0.0", "10.0.0/16", "10.0.0.256/16", "10.0.0.0/8"]),
        (.runRetentionDays, ["1", "400"], ["0", "-1", "x"]), (.logRetentionDays, ["90"], ["2"]),
    ])
    func `a value that AWS would refuse is refused here`(
        parameter: FoundationParameter, good: [String], bad: [String]
    ) {
        #expect(good.allSatisfy { parameter.fault(in: $0) == nil })
        #expect(bad.allSatisfy { parameter.fault(in: $0) != nil })
    }

    // MARK: - Planning

    @Test func `without a stack, all of it is planned, in the default network`() async throws {
        let script = Script(["DescribeStacks": [Script.noStack], "DescribeVpcs": [Script.vpc]])
        let plan = try await script.stack.plan([:])
        #expect(plan.step == .make)
        #expect(plan.values[.vpc] == "vpc-0d")
        #expect(!plan.hasBucket)
        let text = plan.lines.joined(separator: "\n")
        for part in [
            "account 123456789012", "loadfleet-123456789012-eu-test-1", "30 days", "14 days",
            "vpc-0d", "nodes may reach everything",
        ] {
            #expect(text.contains(part))
        }
        // Nothing is asked that would change anything.
        #expect(!script.names.contains("CreateChangeSet"))
    }

    @Test func `without a default network, somebody must say which`() async throws {
        let script = Script(["DescribeStacks": [Script.noStack]])
        let error = try await failure { _ = try await script.stack.plan([:]) }
        #expect(error == .noNetwork(region: "eu-test-1"))
        #expect(error.hint?.contains("--create-network") == true)
        #expect(try await script.stack.plan([.vpc: "vpc-0e"]).values[.vpc] == "vpc-0e")
        let own = try await script.stack.plan([.createsNetwork: "true"])
        #expect(own.lines.contains { $0.contains("a VPC of its own (10.83.0.0/16)") })
    }

    @Test func `what is not said stays as it is, and one network takes the other's place`()
        async throws
    {
        let kept = ["VpcId": "vpc-0a", "RunRetentionDays": "7", "Forgotten": "x"]
        let script = Script([
            "DescribeStacks": [Script.stack("UPDATE_COMPLETE", kept)],
            "CreateChangeSet": [Script.madeSet],
            "DescribeChangeSet": [
                Script.changeSet("CREATE_IN_PROGRESS"),
                Script.changeSet(
                    "CREATE_COMPLETE", changes: ["Modify Store False", "Modify Group True"]),
            ],
        ])
        let plan = try await script.stack.plan([.logRetentionDays: "3"])
        let parameters = script.parameters
        #expect(parameters["VpcId"] == "vpc-0a")
        #expect(parameters["RunRetentionDays"] == "7")
        #expect(parameters["LogRetentionDays"] == "3")
        #expect(parameters.count == FoundationParameter.allCases.count)
        #expect(
            plan.lines.dropFirst() == [
                "  modify Store (AWS::Test::Store)", "  modify Group (AWS::Test::Group, made anew)",
            ])
        let form = script.calls.last { $0.name == "CreateChangeSet" }?.form
        #expect(form?["ChangeSetType"] == "UPDATE")
        #expect(form?["Capabilities.member.1"] == "CAPABILITY_IAM")

        _ = try await script.stack.plan([.createsNetwork: "true"])
        #expect(script.parameters["VpcId"] == "")
        #expect(script.parameters["CreateNetwork"] == "true")
        try await script.stack.drop(plan)
        #expect(script.names.last == "DeleteChangeSet")
    }

    @Test func `no change is no failure, and leaves no change set`() async throws {
        let script = Script([
            "DescribeStacks": [Script.stack("CREATE_COMPLETE", ["VpcId": "vpc-0a"])],
            "CreateChangeSet": [Script.madeSet], "DescribeChangeSet": [Script.unchanged],
        ])
        let plan = try await script.stack.plan([:])
        #expect(plan.step == .nothing)
        #expect(script.names.contains("DeleteChangeSet"))
        let foundation = try await script.stack.deploy(plan, within: .seconds(60)) { _ in }
        #expect(foundation.bucket == "b")
        #expect(!script.names.contains("ExecuteChangeSet"))
    }

    @Test(arguments: [
        ("UPDATE_IN_PROGRESS", FoundationError.busy(status: "UPDATE_IN_PROGRESS")),
        ("DELETE_IN_PROGRESS", .busy(status: "DELETE_IN_PROGRESS")),
        ("UPDATE_ROLLBACK_FAILED", .stuck(status: "UPDATE_ROLLBACK_FAILED")),
    ])
    func `a stack that can't be changed now is left alone`(
        status: String, expected: FoundationError
    ) async throws {
        let script = Script(["DescribeStacks": [Script.stack(status)]])
        #expect(try await failure { _ = try await script.stack.plan([:]) } == expected)
    }

    @Test(arguments: ["ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_FAILED"])
    func `what a failed attempt left goes first, and what it was asked for is not kept`(
        status: String
    ) async throws {
        let script = Script([
            "DescribeStacks": [Script.stack(status, ["VpcId": "vpc-0bad"])],
            "DescribeVpcs": [Script.vpc], "CreateChangeSet": [Script.madeSet],
            "DescribeChangeSet": [Script.ready],
            "DescribeStackEvents": [
                Script.events(["stack \(status)"]),
                Script.events(["stack \(status)", "stack DELETE_COMPLETE"]),
                Script.events(["stack REVIEW_IN_PROGRESS"]),
                Script.events(["stack REVIEW_IN_PROGRESS", "stack CREATE_COMPLETE"]),
            ],
        ])
        let plan = try await script.stack.plan([:])
        #expect(plan.step == .remake(stackID: Script.id, status: status))
        _ = try await script.stack.deploy(plan, within: .seconds(600)) { _ in }
        #expect(script.parameters["VpcId"] == "vpc-0d")
        let changing = ["DeleteStack", "CreateChangeSet", "ExecuteChangeSet"]
        #expect(script.names.filter(changing.contains) == changing)
    }

    // MARK: - Fleets in it

    /// Subnets as `id zone isDefault`.
    private func subnets(
        _ texts: [String], of foundation: Foundation
    ) async throws -> (chosen: [String], asked: [String: [String]]) {
        let items = texts.map { text in
            let parts = text.split(separator: " ")
            return "<item><subnetId>\(parts[0])</subnetId><vpcId>v</vpcId><availabilityZone>"
                + "\(parts[1])</availabilityZone><defaultForAz>\(parts[2])</defaultForAz>"
                + "<availableIpAddressCount>9</availableIpAddressCount></item>"
        }
        let script = Script([
            "DescribeSubnets": ["<R><subnetSet>\(items.joined())</subnetSet></R>"]
        ])
        let planner = EC2Planner(
            caller: script.caller, settings: .standard(), foundation: foundation,
            region: "eu-test-1")
        let chosen = try await planner.subnets(for: 2).map(\.subnetID)
        return (chosen, script.calls.last?.filters ?? [:])
    }

    @Test func `fleets are in the network that the foundation is in`() async throws {
        let mine = Foundation(outputs: ["Vpc": "vpc-0a", "SecurityGroup": "sg-1"])
        let found = try await subnets(["s1 a false", "s2 b false"], of: mine)
        #expect(found.chosen == ["s1", "s2"])
        #expect(found.asked == ["vpc-id": ["vpc-0a"]])
        // What somebody added to the default VPC may have no way out.
        let standard = try await subnets(["s1 a true", "s2 b false"], of: mine)
        #expect(standard.chosen == ["s1"])
        let settings = EC2Settings.standard(securityGroup: "sg-mine")
        let own = try await subnets(["s1 a true"], of: mine.with(settings))
        #expect(own.asked == ["default-for-az": ["true"]])
    }

    // MARK: - Deploying

    private func making(_ events: [String]) -> Script {
        Script([
            "DescribeStacks": [Script.noStack, Script.stack("CREATE_COMPLETE")],
            "CreateChangeSet": [Script.madeSet], "DescribeChangeSet": [Script.ready],
            "DescribeStackEvents": events,
        ])
    }

    private func make(
        _ script: Script, within limit: Duration = .seconds(600)
    ) async throws -> [StackProgress] {
        let heard = Mutex<[StackProgress]>([])
        let plan = try await script.stack.plan([.vpc: "vpc-0a"])
        _ = try await script.stack.deploy(plan, within: limit) { progress in
            heard.withLock { $0.append(progress) }
        }
        return heard.withLock { $0 }
    }

    @Test func `it waits for what it began, not for a status of before`() async throws {
        let begun = ["stack REVIEW_IN_PROGRESS", "stack CREATE_IN_PROGRESS"]
        let script = making([
            Script.events(["stack REVIEW_IN_PROGRESS"]),
            Script.events(["stack REVIEW_IN_PROGRESS"]), Script.events(begun),
            Script.events(begun + ["Store CREATE_IN_PROGRESS", "Store CREATE_COMPLETE"]),
            Script.events(
                begun + ["Store CREATE_COMPLETE", "Log CREATE_COMPLETE", "stack CREATE_COMPLETE"]),
        ])
        let heard = try await make(script)
        #expect(heard.map(\.done) == [0, 1])
        #expect(heard.last?.latest == "Store CREATE_COMPLETE")
        let form = script.calls.first { $0.name == "CreateChangeSet" }?.form
        #expect(form?["ChangeSetType"] == "CREATE")
        // The bucket of a foundation that was removed is taken in again.
        #expect(form?["ImportExistingResources"] == "true")
        #expect(form?["TemplateBody"] == FoundationTemplate.text)
    }

    @Test func `the first failure is told, not what follows from it`() async throws {
        let script = making([
            Script.events(["stack REVIEW_IN_PROGRESS"]),
            // Newest first over two pages, the second of which reaches back to what was before.
            Script.events(
                [
                    "NodeRole CREATE_FAILED Resource creation cancelled",
                    "stack ROLLBACK_IN_PROGRESS The following resource(s) failed",
                    "stack ROLLBACK_COMPLETE",
                ], token: "more"),
            Script.events([
                "stack REVIEW_IN_PROGRESS", "stack CREATE_IN_PROGRESS",
                "Group CREATE_FAILED You are not authorized to perform this operation.",
            ]),
        ])
        let error = try await failure { _ = try await make(script) }
        #expect(
            error.message == "Group (AWS::Test::Group) failed, and was rolled back: "
                + "You are not authorized to perform this operation.")
        #expect(error.hint?.contains("docs/aws-permissions.md") == true)
    }

    @Test(arguments: [
        ("Log", "/loadfleet/loadfleet already exists in stack x", "remove the one"),
        ("Network", "The maximum number of VPCs has been reached: VpcLimitExceeded", "quota"),
        ("Store", "Something else", "loadfleet bootstrap"),
    ])
    func `a failure says what to do`(resource: String, reason: String, hint: String) async throws {
        let script = making([
            Script.events(["stack REVIEW_IN_PROGRESS"]),
            Script.events([
                "stack REVIEW_IN_PROGRESS", "\(resource) CREATE_FAILED \(reason)",
                "stack ROLLBACK_FAILED",
            ]),
        ])
        let error = try await failure { _ = try await make(script) }
        #expect(error.message.contains("in ROLLBACK_FAILED: \(reason)"))
        #expect(error.hint?.contains(hint) == true)
    }

    @Test func `a refused template leaves no empty stack`() async throws {
        let script = Script([
            "DescribeStacks": [Script.noStack], "CreateChangeSet": [Script.madeSet],
            "DescribeChangeSet": [Script.changeSet("FAILED", reason: "Parameters: [X] must exist")],
        ])
        let error = try await failure { _ = try await make(script) }
        #expect(error == .refused(reason: "Parameters: [X] must exist"))
        #expect(script.names.suffix(2) == ["DeleteChangeSet", "DeleteStack"])
    }

    @Test func `what does not end in time is said to go on`() async throws {
        let script = making([
            Script.events(["stack REVIEW_IN_PROGRESS"]),
            Script.events(["stack REVIEW_IN_PROGRESS", "stack CREATE_IN_PROGRESS"]),
        ])
        let error = try await failure { _ = try await make(script, within: .seconds(120)) }
        #expect(error == .late(after: .seconds(120), status: "CREATE_IN_PROGRESS"))
        #expect(script.time.elapsed < .seconds(130))
    }

    // MARK: - Removing

    @Test func `a foundation in use is not removed, and its fleets are named`() async throws {
        let tags = { (fleet: String) in
            "<tagSet><item><key>loadfleet:fleet</key><value>\(fleet)</value></item></tagSet>"
        }
        let instance = { (state: String, fleet: String) in
            "<item><instanceId>i-1</instanceId><instanceType>t</instanceType><instanceState><code>1"
                + "</code><name>\(state)</name></instanceState>\(tags(fleet))</item>"
        }
        let script = Script([
            "DescribeStacks": [Script.stack("CREATE_COMPLETE")],
            "DescribeInstances": [
                "<R><reservationSet><item><instancesSet>\(instance("running", "shop"))"
                    + "\(instance("terminated", "old"))</instancesSet></item></reservationSet></R>"
            ],
            "DescribeLaunchTemplates": [
                "<R><launchTemplates><item><launchTemplateId>lt-1</launchTemplateId>"
                    + "<launchTemplateName>n</launchTemplateName>"
                    + "<latestVersionNumber>1</latestVersionNumber>\(tags("blog"))</item>"
                    + "</launchTemplates></R>"
            ],
        ])
        let error = try await failure { _ = try await script.removal.find() }
        #expect(error == .inUse(fleets: ["blog", "shop"]))
        #expect(
            error.hint == "end them first with: loadfleet down --fleet blog && "
                + "loadfleet down --fleet shop")
        #expect(!script.names.contains("DeleteStack"))
    }

    @Test func `a removal that fails says of what`() async throws {
        let script = Script([
            "DescribeStacks": [Script.stack("CREATE_COMPLETE")],
            "DescribeStackEvents": [
                Script.events(["stack CREATE_COMPLETE"]),
                Script.events([
                    "stack CREATE_COMPLETE", "stack DELETE_IN_PROGRESS",
                    "Group DELETE_FAILED resource sg-1 has a dependent object",
                    "stack DELETE_FAILED The following resource(s) failed to delete: [Group].",
                ]),
            ],
        ])
        let found = try await script.removal.find()
        let error = try await failure {
            try await script.removal.run(found, takesBucket: true, within: .seconds(600)) { _ in }
        }
        #expect(error.message.contains("Group (AWS::Test::Group) failed"))
        #expect(error.message.contains("sg-1 has a dependent object"))
        #expect(error.hint?.contains("bootstrap --delete") == true)
    }
}
