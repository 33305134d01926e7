// Every call we can make, each with all of its members set, and each as small as it can be.

import FoundationEssentials
import HTTP

@testable import AWS

/// A call, whatever its type.
struct AnyCall: Sendable {
    let call: any Call
    let name: String
    let api: ServiceAPI

    init<Made: Call>(_ call: Made) {
        self.call = call
        name = Made.name
        api = Made.api
    }
}

enum EveryCall {
    static let token = ClientToken("run-2026-11-21-a1")
    static let time = Date(timeIntervalSince1970: 1_795_233_600)
    static let tags = [
        TagSpecification("instance", [Tag("loadfleet:fleet", "a & b"), Tag("k", "")])
    ]
    static let filters = [Filter("tag:loadfleet:fleet", "checkout", "ünï*"), Filter("vpc-id", "v")]
    static let specification = LaunchTemplateSpecification(id: "lt-1", version: "$Latest")
    static let templates = [
        FleetTemplate(
            specification,
            overrides: [
                FleetOverride(
                    instanceType: "c7g.large", subnetID: "subnet-1", weightedCapacity: 2,
                    priority: 1),
                FleetOverride(instanceType: "c7i.large"),
            ])
    ]
    static let data = LaunchTemplateData(
        imageID: "ami-1", instanceType: "c7g.large",
        instanceProfileARN: "arn:aws:iam::123456789012:instance-profile/n",
        instanceProfileName: "n", securityGroupIDs: ["sg-1"],
        networkInterfaces: [
            NetworkInterface(
                deviceIndex: 0, associatesPublicAddress: true, groups: ["sg-1", "sg-2"],
                subnetID: "subnet-1", deleteOnTermination: true)
        ],
        blockDevices: [
            BlockDevice(
                name: "/dev/xvda", size: 16, type: "gp3", isEncrypted: true,
                deleteOnTermination: true)
        ],
        userData: "IyEvYmluL3NoCg==", shutdownBehavior: "terminate",
        metadata: MetadataOptions(httpTokens: "required", hopLimit: 2, exposesTags: true),
        keyName: "key", detailedMonitoring: true, tagSpecifications: tags)
    static let permissions = [
        IPPermission(
            networkProtocol: "tcp", fromPort: 1099, toPort: 1099, groupIDs: ["sg-1"],
            cidrs: ["192.0.2.0/24"])
    ]
    static let schedule = Schedule(
        expression: Schedule.at(time), timeZone: "UTC",
        targetARN: "arn:aws:scheduler:::aws-sdk:ec2:deleteFleets",
        roleARN: "arn:aws:iam::123456789012:role/reaper", input: "{\"FleetIds\":[\"f\"]}",
        description: "Ends “checkout”", actionAfterCompletion: "DELETE", retryAttempts: 5)
    static let source = StackSource(
        template: "Resources: {}\n# ü", templateURL: "https://s3/template",
        parameters: [StackParameter("Name", "a+b c")], capabilities: ["CAPABILITY_NAMED_IAM"],
        tags: [Tag("k", "v")])
    static let key = "runs/a b+c/ü%25?&=;@.jtl"

    /// With all members set.
    static let full: [AnyCall] = ec2 + s3 + others

    static func paged<Paged: PagedCall>(_ call: Paged) -> AnyCall {
        var call = call
        call.nextToken = "to/ke+n=="
        return AnyCall(call)
    }

    private static let ec2: [AnyCall] = [
        paged(DescribeInstances(instanceIDs: ["i-1", "i-2"], filters: filters, maxResults: 100)),
        AnyCall(
            RunInstances(
                launchTemplate: specification, imageID: "ami-1", instanceType: "c7g.large",
                minCount: 1, maxCount: 5, subnetID: "subnet-1", securityGroupIDs: ["sg-1"],
                userData: "IyEvYmluL3NoCg==", instanceProfileName: "n",
                shutdownBehavior: "terminate", isSpot: true, tagSpecifications: tags,
                clientToken: token, dryRun: true)),
        AnyCall(TerminateInstances(["i-1", "i-2"], dryRun: true)),
        AnyCall(GetConsoleOutput("i-1", latest: true)),
        AnyCall(CreateTags([Tag("k", "v")], on: ["i-1"])), AnyCall(StopInstances(["i-1"])),
        AnyCall(
            CreateImage(
                "i-1", name: "abc", description: "d", tagSpecifications: tags, reboots: false)),
        AnyCall(DeregisterImage("ami-1")), AnyCall(DeleteSnapshot("snap-1")),
        AnyCall(
            CreateLaunchTemplate(
                name: "loadfleet-a", data: data, tagSpecifications: tags, clientToken: token)),
        AnyCall(CreateLaunchTemplateVersion(templateID: "lt-1", data: data, clientToken: token)),
        AnyCall(DeleteLaunchTemplate(templateID: "lt-1")),
        paged(DescribeLaunchTemplates(templateIDs: ["lt-1"], filters: filters, maxResults: 9)),
        paged(DescribeLaunchTemplateVersions(templateID: "lt-1", versions: ["$Latest", "1"])),
        fleet(.spot), fleet(.onDemand),
        AnyCall(DeleteFleets(["fleet-1"], terminateInstances: true, dryRun: true)),
        paged(DescribeFleets(fleetIDs: ["fleet-1"], filters: filters, maxResults: 9)),
        paged(DescribeFleetInstances("fleet-1")),
        AnyCall(
            RequestSpotFleet(
                fleetRoleARN: "arn:aws:iam::123456789012:role/f", templates: templates,
                target: 10, strategy: "priceCapacityOptimized", kind: .maintain,
                validUntil: time, terminatesAtEnd: true, tagSpecifications: tags,
                clientToken: token, dryRun: true)),
        AnyCall(CancelSpotFleetRequests(["sfr-1"], terminateInstances: true)),
        paged(DescribeSpotFleetRequests(["sfr-1"], maxResults: 9)),
        paged(DescribeSpotFleetInstances("sfr-1")),
        paged(DescribeSpotFleetRequestHistory("sfr-1", since: time, eventType: "error")),
        AnyCall(
            CreateSecurityGroup(
                name: "n", description: "d", vpcID: "vpc-1", tagSpecifications: tags)),
        AnyCall(DeleteSecurityGroup("sg-1")),
        AnyCall(AuthorizeSecurityGroupIngress("sg-1", permissions)),
        paged(DescribeSecurityGroups(groupIDs: ["sg-1"], filters: filters, maxResults: 9)),
        paged(DescribeVpcs(vpcIDs: ["vpc-1"], filters: filters)), AnyCall(DescribeRegions()),
        paged(DescribeSubnets(subnetIDs: ["subnet-1"], filters: filters)),
        paged(DescribeImages(imageIDs: ["ami-1"], owners: ["amazon"], filters: filters)),
        paged(
            DescribeInstanceTypes(
                instanceTypes: ["c7g.large"], filters: filters, maxResults: 9)),
        paged(
            DescribeInstanceTypeOfferings(locationType: "availability-zone", filters: filters)),
        paged(
            DescribeSpotPriceHistory(
                instanceTypes: ["c7g.large"], productDescriptions: ["Linux/UNIX"],
                startTime: time, filters: filters)),
    ]

    private static func fleet(_ lifecycle: Lifecycle) -> AnyCall {
        AnyCall(
            CreateFleet(
                kind: .instant, templates: templates, target: 10, lifecycle: lifecycle,
                spotStrategy: "price-capacity-optimized", onDemandStrategy: "lowest-price",
                minimum: 1, singleZone: true, validUntil: time, terminatesAtEnd: true,
                tagSpecifications: tags, clientToken: token, dryRun: true))
    }

    private static let s3: [AnyCall] = [
        AnyCall(CreateBucket("bucket", region: "eu-west-1")),
        AnyCall(DeleteBucket("bucket")), AnyCall(HeadBucket("bucket")),
        paged(ListBuckets(maxResults: 9)),
        AnyCall(
            PutBucketLifecycleConfiguration(
                "bucket",
                rules: [
                    LifecycleRule(
                        id: "a", prefix: "runs/", expirationDays: 30, abandonedUploadDays: 2)
                ])),
        AnyCall(GetBucketLifecycleConfiguration("bucket")),
        AnyCall(DeleteBucketLifecycle("bucket")),
        AnyCall(
            PutObject(
                "bucket", key, body: .bytes(Array("text".utf8)), contentType: "text/plain",
                metadata: ["a": "b"], condition: .absent)),
        AnyCall(
            PutObject(
                "bucket", key, body: .bytes(Array("text".utf8)), contentType: "text/plain",
                metadata: ["a": "b"], condition: .unchanged(eTag: "\"e\""))),
        AnyCall(
            GetObject(
                "bucket", key, range: .init(first: 5, last: 9),
                condition: .changed(eTag: "\"e\""))),
        AnyCall(HeadObject("bucket", key)), AnyCall(DeleteObject("bucket", key)),
        paged(
            ListObjectsV2(
                "bucket", prefix: "a b/", delimiter: "/", startAfter: key, maxKeys: 9)),
        AnyCall(
            DeleteObjects(
                "bucket",
                objects: [ObjectVersion(key: key, versionID: "v1"), .init(key: "<&>\"'\n")]
            )),
        AnyCall(ListObjectVersions("bucket", prefix: "a b/")),
        AnyCall(
            CreateMultipartUpload(
                "bucket", key, contentType: "text/plain", metadata: ["a": "b"])),
        AnyCall(
            UploadPart(
                "bucket", key, uploadID: "u/+=", number: 3, body: .bytes(Array("text".utf8)))),
        AnyCall(
            CompleteMultipartUpload(
                "bucket", key, uploadID: "u",
                parts: [.init(number: 1, eTag: "\"a\""), .init(number: 2, eTag: "\"b\"")],
                condition: .absent)),
        AnyCall(AbortMultipartUpload("bucket", key, uploadID: "u")),
        AnyCall(ListMultipartUploads("bucket", prefix: "a b/")),
    ]

    private static let others: [AnyCall] = [
        AnyCall(CreateLogGroup("/loadfleet/a", tags: ["k": "v", "a": "b"])),
        AnyCall(DeleteLogGroup("/loadfleet/a")),
        AnyCall(PutRetentionPolicy("/loadfleet/a", days: 7)),
        paged(DescribeLogGroups(prefix: "/loadfleet/", limit: 9)),
        AnyCall(CreateLogStream(group: "/loadfleet/a", stream: "i-1")),
        paged(
            DescribeLogStreams(
                group: "/loadfleet/a", prefix: "i-", byLastEvent: true, limit: 9)),
        AnyCall(
            PutLogEvents(
                group: "/loadfleet/a", stream: "i-1",
                events: [
                    LogLine(time: time, message: "a \"b\" \\ \u{1} ü 😀\n"),
                    LogLine(time: time, message: "c"),
                ])),
        paged(
            GetLogEvents(
                group: "/loadfleet/a", stream: "i-1", startTime: time, endTime: time,
                startsAtOldest: true, limit: 9)),
        paged(
            FilterLogEvents(
                group: "/loadfleet/a", streams: ["i-1"], streamPrefix: "i-", pattern: "ERROR",
                startTime: time, endTime: time, limit: 9)),
        AnyCall(GetCallerIdentity()),
        AnyCall(
            AssumeRole(
                roleARN: "arn:aws:iam::123456789012:role/r", sessionName: "loadfleet",
                durationSeconds: 900, externalID: "xx",
                mfaSerial: "arn:aws:iam::123456789012:mfa/a", tokenCode: "123456")),
        AnyCall(DecodeAuthorizationMessage("abc")),
        AnyCall(
            Publish(
                "a & ü\n", to: "arn:aws:sns:eu-west-1:123456789012:t.fifo", subject: "passed: a",
                messageGroupID: "g", messageDeduplicationID: "d")),
        AnyCall(GetParameter("/aws/service/x", withDecryption: true)),
        AnyCall(GetServiceQuota(serviceCode: "ec2", quotaCode: "L-34B43A08")),
        paged(GetProducts.linuxInstance("c5.large", region: "eu-central-1")),
        AnyCall(
            CreateStack(name: "s", source: source, onFailure: "DELETE", clientToken: token)),
        AnyCall(UpdateStack(name: "s", source: source, clientToken: token)),
        AnyCall(DeleteStack(name: "s", clientToken: token)),
        AnyCall(
            CreateChangeSet(
                name: "c", stack: "s", source: source, kind: "CREATE", importsExisting: true,
                clientToken: token)),
        paged(DescribeChangeSet(name: "c", stack: "s")),
        AnyCall(ExecuteChangeSet(name: "c", stack: "s", clientToken: token)),
        AnyCall(DeleteChangeSet(name: "c", stack: "s")),
        paged(DescribeStacks(name: "s")), paged(DescribeStackEvents(name: "s")),
        AnyCall(
            CreateSchedule(name: "n-1", group: "g", schedule: schedule, clientToken: token)),
        AnyCall(
            UpdateSchedule(name: "n-1", group: "g", schedule: schedule, clientToken: token)),
        AnyCall(GetSchedule(name: "n-1", group: "g")),
        paged(ListSchedules(group: "g", namePrefix: "loadfleet-")),
        AnyCall(DeleteSchedule(name: "n-1", group: "g", clientToken: token)),
    ]

    /// With nothing set that may be left out.
    static let small: [AnyCall] = [
        AnyCall(DescribeInstances()), AnyCall(RunInstances()),
        AnyCall(TerminateInstances(["i-1"])), AnyCall(GetConsoleOutput("i-1")),
        AnyCall(CreateLaunchTemplate(name: "abc", data: LaunchTemplateData(imageID: "ami-1"))),
        AnyCall(DescribeLaunchTemplates()), AnyCall(CreateImage("i-1", name: "abc")),
        AnyCall(DescribeLaunchTemplateVersions(templateID: "lt-1")),
        AnyCall(
            CreateFleet(
                kind: .maintain, templates: [FleetTemplate(specification)], target: 1,
                lifecycle: .spot)),
        AnyCall(
            CreateFleet(
                kind: .request, templates: [FleetTemplate(specification)], target: 1,
                lifecycle: .onDemand)),
        AnyCall(DescribeFleets()), AnyCall(DescribeFleetInstances("fleet-1")),
        AnyCall(DeleteFleets(["fleet-1"], terminateInstances: false)),
        AnyCall(
            RequestSpotFleet(
                fleetRoleARN: "arn:r", templates: [FleetTemplate(specification)], target: 1)),
        AnyCall(DescribeSpotFleetRequests()), AnyCall(DescribeSpotFleetInstances("sfr-1")),
        AnyCall(DescribeSpotFleetRequestHistory("sfr-1", since: time)),
        AnyCall(CreateSecurityGroup(name: "n", description: "d")),
        AnyCall(AuthorizeSecurityGroupIngress("sg-1", [IPPermission(networkProtocol: "-1")])),
        AnyCall(DescribeSecurityGroups()), AnyCall(DescribeVpcs()), AnyCall(DescribeSubnets()),
        AnyCall(DescribeImages()), AnyCall(DescribeInstanceTypes()),
        AnyCall(DescribeInstanceTypeOfferings()), AnyCall(DescribeSpotPriceHistory()),
        AnyCall(CreateBucket("bucket", region: nil)), AnyCall(ListBuckets()),
        AnyCall(PutObject("bucket", "k", body: .none)), AnyCall(GetObject("bucket", "k")),
        AnyCall(GetObject("bucket", "k", range: .init(first: 5))),
        AnyCall(ListObjectsV2("bucket")), AnyCall(CreateMultipartUpload("bucket", "k")),
        AnyCall(ListMultipartUploads("bucket")), AnyCall(ListObjectVersions("bucket")),
        AnyCall(CreateLogGroup("g")),
        AnyCall(DescribeLogGroups()), AnyCall(DescribeLogStreams(group: "g")),
        AnyCall(GetLogEvents(group: "g", stream: "s")), AnyCall(FilterLogEvents(group: "g")),
        AnyCall(AssumeRole(roleARN: "arn:aws:iam::123456789012:role/r", sessionName: "ab")),
        AnyCall(Publish("m", to: "arn:aws:sns:eu-west-1:123456789012:t")),
        AnyCall(GetParameter("p")), AnyCall(CreateStack(name: "s", source: StackSource())),
        AnyCall(CreateChangeSet(name: "c", stack: "s", source: StackSource(), kind: "UPDATE")),
        AnyCall(DescribeStacks()), AnyCall(DescribeStackEvents(name: "s")),
        AnyCall(
            CreateSchedule(
                name: "n",
                schedule: Schedule(
                    expression: "at(2026-11-21T05:30:00)", targetARN: "arn:t", roleARN: "arn:r",
                    actionAfterCompletion: nil))),
        AnyCall(GetSchedule(name: "n")), AnyCall(DeleteSchedule(name: "n")),
        AnyCall(ListSchedules()),
    ]
}
