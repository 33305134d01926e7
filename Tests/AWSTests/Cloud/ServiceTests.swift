// The calls of all services against moto, through a gate that checks every signature.

import Foundation
import HTTP
import SigV4
import Testing

@testable import AWS

@Suite struct ServiceTests {
    let client: AWSClient
    let cloud: Cloud
    private let name = "loadfleet-\(UUID().uuidString.lowercased().prefix(8))"

    init() throws {
        cloud = try Cloud.running()
        client = try cloud.client()
    }

    /// A template with everything an instance needs.
    private func template() async throws -> (LaunchTemplate, group: String, subnet: Subnet) {
        let vpcs = try await client.send(DescribeVpcs(filters: [Filter("is-default", "true")]))
        let vpc = try #require(vpcs.vpcs.first)
        #expect(vpc.isDefault)
        let subnets = try await client.send(
            DescribeSubnets(filters: [Filter("vpc-id", vpc.vpcID)]))
        let subnet = try #require(subnets.subnets.first)
        let group = try await client.send(
            CreateSecurityGroup(
                name: name, description: "of a test", vpcID: vpc.vpcID,
                tagSpecifications: [.init("security-group", [Tag("loadfleet:fleet", name)])]))
        _ = try await client.send(
            AuthorizeSecurityGroupIngress(
                group, [IPPermission(networkProtocol: "-1", groupIDs: [group])]))
        let images = try await client.send(DescribeImages(owners: ["amazon"]))
        let image = try #require(images.images.first { $0.architecture == "x86_64" })
        let template = try await client.send(
            CreateLaunchTemplate(
                name: name,
                data: LaunchTemplateData(
                    imageID: image.imageID, instanceType: "c5.large", securityGroupIDs: [group],
                    userData: Data("#!/bin/sh\n".utf8).base64EncodedString(),
                    shutdownBehavior: "terminate", metadata: MetadataOptions())))
        return (template, group, subnet)
    }

    @Test func `a fleet comes up, is found by its tag, and goes`() async throws {
        let (template, group, subnet) = try await template()
        let fleet = try await client.send(
            CreateFleet(
                kind: .instant,
                templates: [
                    FleetTemplate(
                        .init(id: template.id, version: "$Latest"),
                        overrides: [
                            FleetOverride(instanceType: "c5.large", subnetID: subnet.subnetID)
                        ])
                ], target: 3, lifecycle: .spot,
                tagSpecifications: [.init("instance", [Tag("loadfleet:fleet", name)])]))
        let ids = fleet.instances.flatMap(\.instanceIDs).sorted()
        #expect(ids.count == 3)
        let filters = [
            Filter("tag:loadfleet:fleet", name), Filter("instance-state-name", "running"),
        ]
        let pages = try await client.pages(of: DescribeInstances(filters: filters, maxResults: 5))
        let found = pages.flatMap(\.instances)
        #expect(found.map(\.instanceID).sorted() == ids)
        #expect(found.allSatisfy { $0.tag("loadfleet:fleet") == name && $0.state == "running" })
        let state = try await client.send(DescribeFleets(fleetIDs: [fleet.fleetID])).fleets.first
        #expect(state?.target == 3)
        let ended = try await client.send(DeleteFleets([fleet.fleetID]))
        #expect(ended.deleted.map(\.fleetID) == [fleet.fleetID])
        #expect(try await client.send(DescribeInstances(filters: filters)).instances == [])
        let changes = try await client.send(TerminateInstances(ids))
        #expect(changes.map(\.instanceID).sorted() == ids)
        #expect(changes.allSatisfy { ["shutting-down", "terminated"].contains($0.currentState) })
        try await remove(template, group)
    }

    private func remove(_ template: LaunchTemplate, _ group: String) async throws {
        let versions = try await client.send(
            DescribeLaunchTemplateVersions(templateID: template.id))
        #expect(versions.versions.map(\.instanceType) == ["c5.large"])
        _ = try await client.send(DeleteLaunchTemplate(templateID: template.id))
        _ = try await client.send(DeleteSecurityGroup(group))
        let gone = await failure { () throws(CallError) in
            try await client.send(DescribeSecurityGroups(groupIDs: [group]))
        }
        #expect(gone?.code == "InvalidGroup.NotFound")
        #expect(gone?.attempts == 1)
    }

    @Test func `a spot fleet comes up and goes`() async throws {
        let (template, group, _) = try await template()
        let id = try await client.send(
            RequestSpotFleet(
                fleetRoleARN: "arn:aws:iam::123456789012:role/fleet",
                templates: [
                    FleetTemplate(
                        .init(id: template.id, version: "1"),
                        overrides: [FleetOverride(instanceType: "c5.large")])
                ], target: 2))
        let requests = try await client.send(DescribeSpotFleetRequests([id])).requests
        #expect(requests.map(\.requestID) == [id])
        #expect(requests.first?.target == 2)
        let instances = try await client.send(DescribeSpotFleetInstances(id)).instances
        #expect(instances.count == 2)
        let ended = try await client.send(CancelSpotFleetRequests([id]))
        #expect(ended.cancelled.map(\.requestID) == [id])
        try await remove(template, group)
    }

    @Test func `what can be rented is listed`() async throws {
        let types = try await client.send(DescribeInstanceTypes(instanceTypes: ["c5.large"]))
        #expect(types.types.map(\.vCPUs) == [2])
        #expect(types.types.map(\.memory) == [4096])
        #expect(types.types.first?.architectures == ["x86_64"])
        let offers = try await client.send(
            DescribeInstanceTypeOfferings(filters: [Filter("instance-type", "c5.large")]))
        #expect(offers.offers.isEmpty == false)
        #expect(offers.offers.allSatisfy { $0.location.hasPrefix("us-east-1") })
        let prices = try await client.send(
            DescribeSpotPriceHistory(instanceTypes: ["c5.large"], productDescriptions: []))
        #expect(prices.prices.isEmpty == false)
    }

    @Test func `a dry run does nothing and says whether it might`() async throws {
        let images = try await client.send(DescribeImages(owners: ["amazon"])).images
        let image = try #require(images.first { $0.architecture == "x86_64" })
        let error = await failure { () throws(CallError) in
            try await client.send(
                RunInstances(imageID: image.imageID, instanceType: "c5.large", dryRun: true))
        }
        #expect(error?.code == "DryRunOperation")
    }

    @Test func `log lines come back in order and are found`() async throws {
        let (group, stream) = ("/loadfleet/\(name)", "i-1")
        _ = try await client.send(CreateLogGroup(group, tags: ["a": "b"]))
        _ = try await client.send(PutRetentionPolicy(group, days: 7))
        _ = try await client.send(CreateLogStream(group: group, stream: stream))
        let again = await failure { () throws(CallError) in
            try await client.send(CreateLogStream(group: group, stream: stream))
        }
        #expect(again?.code == "ResourceAlreadyExistsException")
        let start = Date(milliseconds: Date().milliseconds - 5000)
        let lines = (0..<25).map {
            LogLine(time: start.addingTimeInterval(Double($0)), message: "line \($0) “ü😀” \t\\")
        }
        let put = try await client.send(PutLogEvents(group: group, stream: stream, events: lines))
        #expect(put == .init(tooOldEnd: nil, tooNewStart: nil, expiredEnd: nil))
        let pages = try await client.pages(
            of: GetLogEvents(group: group, stream: stream, limit: 10))
        let events = pages.flatMap(\.events)
        #expect(events.map(\.message) == lines.map(\.message))
        #expect(events.map(\.time) == lines.map(\.time))
        let found = try await client.pages(
            of: FilterLogEvents(group: group, pattern: "\"line 7\""))
        #expect(found.flatMap(\.events).map(\.message) == [lines[7].message])
        let groups = try await client.send(DescribeLogGroups(prefix: group)).groups
        #expect(groups.map(\.retentionDays) == [7])
        let streams = try await client.send(DescribeLogStreams(group: group)).streams
        #expect(streams.map(\.name) == [stream])
        _ = try await client.send(DeleteLogGroup(group))
    }

    @Test func `one knows who one is, and becomes someone else`() async throws {
        let me = try await client.send(GetCallerIdentity())
        #expect(me.account == "123456789012")
        #expect(me.arn.hasSuffix("user/tester"))
        let session = try await client.send(
            AssumeRole(
                roleARN: "arn:aws:iam::123456789012:role/other", sessionName: "test",
                durationSeconds: 900))
        #expect(session.arn?.contains("assumed-role/other/test") == true)
        #expect(session.expiration > Date())
        #expect("\(session)".contains(session.secretAccessKey) == false)
    }

    @Test func `a parameter tells the newest image`() async throws {
        let parameter = try await client.send(
            GetParameter(
                "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64"))
        #expect(parameter.value.hasPrefix("ami-"))
    }

    @Test func `the price list tells what an instance costs on demand`() async throws {
        let answer = try await client.send(
            GetProducts.linuxInstance("c5.large", region: "us-east-1"))
        #expect(answer.products.map(\.instanceType) == ["c5.large"])
        #expect(answer.products.first?.dollarsAnHour.flatMap(Double.init) == 0.085)
    }

    @Test func `a quota that is unknown is a clear error`() async throws {
        let error = await failure { () throws(CallError) in
            try await client.send(GetServiceQuota(serviceCode: "ec2", quotaCode: "L-00000000"))
        }
        #expect(error?.code == "NoSuchResourceException")
        let known = try await client.send(
            GetServiceQuota(serviceCode: "ec2", quotaCode: "L-34B43A08"))
        #expect(known.value > 0)
    }

    @Test func `a stack is made, changed, described and removed`() async throws {
        let template = { (retention: Int) in
            "Resources:\n  Logs:\n    Type: AWS::Logs::LogGroup\n    Properties:\n"
                + "      RetentionInDays: \(retention)\nOutputs:\n  Name:\n    Value: !Ref Logs\n"
        }
        let id = try await client.send(
            CreateStack(name: name, source: StackSource(template: template(7))))
        let stack = try await client.send(DescribeStacks(name: name)).stacks.first
        #expect(stack?.id == id)
        #expect(stack?.status == "CREATE_COMPLETE")
        #expect(stack?.outputs["Name"]?.isEmpty == false)
        _ = try await client.send(
            UpdateStack(name: name, source: StackSource(template: template(14))))
        let events = try await client.send(DescribeStackEvents(name: name)).events
        #expect(events.contains { $0.status == "UPDATE_COMPLETE" })
        _ = try await client.send(DeleteStack(name: name))
        let gone = await failure { () throws(CallError) in
            try await client.send(DescribeStacks(name: name))
        }
        #expect(gone?.code == "ValidationError")
    }

    @Test func `a schedule is kept as it was given`() async throws {
        let end = Date(timeIntervalSince1970: 1_900_000_000)
        let schedule = Schedule(
            expression: Schedule.at(end), timeZone: "UTC",
            targetARN: "arn:aws:scheduler:::aws-sdk:ec2:deleteFleets",
            roleARN: "arn:aws:iam::123456789012:role/reaper",
            input: #"{"FleetIds":["fleet-1"],"TerminateInstances":true}"#, description: "d",
            retryAttempts: 5)
        let arn = try await client.send(CreateSchedule(name: name, schedule: schedule))
        #expect(arn.hasSuffix(name))
        #expect(try await client.send(GetSchedule(name: name)) == schedule)
        var later = schedule
        later.expression = Schedule.at(end.addingTimeInterval(60))
        _ = try await client.send(UpdateSchedule(name: name, schedule: later))
        #expect(try await client.send(GetSchedule(name: name)) == later)
        _ = try await client.send(DeleteSchedule(name: name))
        let gone = await failure { () throws(CallError) in
            try await client.send(GetSchedule(name: name))
        }
        #expect(gone?.code == "ResourceNotFoundException")
    }

    @Test func `moto's own check of signatures and policies agrees`() async throws {
        let right = Credential(accessKeyID: cloud.motoKey, secretAccessKey: cloud.motoSecret)
        let client = try Cloud.client(port: cloud.moto, right)
        _ = try await client.send(DescribeVpcs())
        _ = try await client.send(GetCallerIdentity())
        _ = try await client.send(DescribeLogGroups())
        _ = try await client.send(CreateBucket(name, region: nil))
        _ = try await client.send(PutObject(name, "runs/k", body: .bytes([1, 2])))
        #expect(try await client.send(GetObject(name, "runs/k")).body == [1, 2])
        let denied = await failure { () throws(CallError) in
            try await client.send(DeleteBucket(name))
        }
        #expect(denied?.code == "AccessDenied")
        #expect(denied?.hint?.contains("s3:DeleteBucket") == true)
        let wrong = try Cloud.client(
            port: cloud.moto, Credential(accessKeyID: cloud.motoKey, secretAccessKey: "wrong"))
        let refused = await failure { () throws(CallError) in try await wrong.send(DescribeVpcs()) }
        #expect(refused?.code == "AuthFailure")
    }

    @Test func `a stale condition keeps an object from being overwritten`() async throws {
        _ = try await client.send(CreateBucket(name, region: nil))
        let first = try await client.send(
            PutObject(name, "k", body: .bytes([1]), condition: .absent))
        let second = await failure { () throws(CallError) in
            try await client.send(PutObject(name, "k", body: .bytes([2]), condition: .absent))
        }
        #expect(second?.code == "PreconditionFailed")
        #expect(second?.hint?.contains("someone else") == true)
        _ = try await client.send(
            PutObject(name, "k", body: .bytes([3]), condition: .unchanged(eTag: first.eTag)))
        let stale = await failure { () throws(CallError) in
            try await client.send(
                PutObject(name, "k", body: .bytes([4]), condition: .unchanged(eTag: first.eTag)))
        }
        #expect(stale?.code == "PreconditionFailed")
        #expect(try await client.send(GetObject(name, "k")).body == [3])
        let rules = [
            LifecycleRule(id: "a", prefix: "runs/", expirationDays: 30, abandonedUploadDays: 2)
        ]
        _ = try await client.send(PutBucketLifecycleConfiguration(name, rules: rules))
        #expect(try await client.send(GetBucketLifecycleConfiguration(name)) == rules)
        _ = try await client.send(DeleteBucketLifecycle(name))
        let none = await failure { () throws(CallError) in
            try await client.send(GetBucketLifecycleConfiguration(name))
        }
        #expect(none?.code == "NoSuchLifecycleConfiguration")
    }
}
