// Calls about instances. RunInstances and TerminateInstances act at once; DescribeInstances may
// lag behind them for some seconds.

/// Lists instances.
///
/// Always filter or page: a call with neither is throttled twice as early.
package struct DescribeInstances: EC2Call, PagedCall {
    /// Only these; may not be combined with `maxResults`.
    package var instanceIDs: [String]
    /// Only those that meet all of these.
    package var filters: [Filter]
    /// Reservations a page, 5 to 1000.
    package var maxResults: Int?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists instances.
    package init(instanceIDs: [String] = [], filters: [Filter] = [], maxResults: Int? = nil) {
        self.instanceIDs = instanceIDs
        self.filters = filters
        self.maxResults = maxResults
    }

    /// One page.
    package struct Answer: Sendable {
        /// The instances of all reservations.
        package let instances: [Instance]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("InstanceId", instanceIDs)
        form.set("Filter", filters)
        form.set("MaxResults", maxResults)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        let reservations = try node.list("reservationSet") { node throws(AnswerFault) in
            try node.list("instancesSet", Instance.init)
        }
        return Answer(
            instances: Array(reservations.joined()), nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// Starts instances, all or at least `minCount` of them.
package struct RunInstances: EC2Call {
    /// The template; what is given here besides comes first.
    package var launchTemplate: LaunchTemplateSpecification?
    /// The image; may come from the template.
    package var imageID: String?
    /// The type; may come from the template.
    package var instanceType: String?
    /// Fewer than this many are none.
    package var minCount: Int
    /// As many as this if there is room.
    package var maxCount: Int
    /// The subnet.
    package var subnetID: String?
    /// The security groups.
    package var securityGroupIDs: [String]
    /// What runs at boot, base64-coded, at most 16 KiB before coding.
    package var userData: String?
    /// The name of the instance profile.
    package var instanceProfileName: String?
    /// `terminate`, or `stop`, AWS's default.
    package var shutdownBehavior: String?
    /// Spot rather than on-demand.
    package var isSpot: Bool
    /// Tags for what is made.
    package var tagSpecifications: [TagSpecification]
    /// Makes the call unique.
    package var clientToken: ClientToken
    /// Asks only whether the call would be allowed.
    package var dryRun: Bool?

    /// Starts instances.
    package init(
        launchTemplate: LaunchTemplateSpecification? = nil, imageID: String? = nil,
        instanceType: String? = nil, minCount: Int = 1, maxCount: Int = 1,
        subnetID: String? = nil, securityGroupIDs: [String] = [], userData: String? = nil,
        instanceProfileName: String? = nil, shutdownBehavior: String? = nil,
        isSpot: Bool = false, tagSpecifications: [TagSpecification] = [],
        clientToken: ClientToken = .unique(), dryRun: Bool? = nil
    ) {
        self.launchTemplate = launchTemplate
        self.imageID = imageID
        self.instanceType = instanceType
        self.minCount = minCount
        self.maxCount = maxCount
        self.subnetID = subnetID
        self.securityGroupIDs = securityGroupIDs
        self.userData = userData
        self.instanceProfileName = instanceProfileName
        self.shutdownBehavior = shutdownBehavior
        self.isSpot = isSpot
        self.tagSpecifications = tagSpecifications
        self.clientToken = clientToken
        self.dryRun = dryRun
    }

    package func write(to form: inout Form) {
        form.set("LaunchTemplate", launchTemplate)
        form.set("ImageId", imageID)
        form.set("InstanceType", instanceType)
        form.set("MinCount", minCount)
        form.set("MaxCount", maxCount)
        form.set("SubnetId", subnetID)
        form.set("SecurityGroupId", securityGroupIDs)
        form.set("UserData", userData)
        form.set("IamInstanceProfile.Name", instanceProfileName)
        form.set("InstanceInitiatedShutdownBehavior", shutdownBehavior)
        form.set("InstanceMarketOptions.MarketType", isSpot ? "spot" : nil)
        form.set("TagSpecification", tagSpecifications)
        form.set("ClientToken", clientToken)
        form.set("DryRun", dryRun)
    }

    /// What is answered.
    package typealias Answer = [Instance]

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> [Instance] {
        try node.list("instancesSet", Instance.init)
    }
}

/// Ends instances for good; those that are ended already are no error.
package struct TerminateInstances: EC2Call {
    /// At most 1000; one that is unknown fails the call for all.
    package var instanceIDs: [String]
    /// Asks only whether the call would be allowed.
    package var dryRun: Bool?

    /// Ends instances.
    package init(_ instanceIDs: [String], dryRun: Bool? = nil) {
        self.instanceIDs = instanceIDs
        self.dryRun = dryRun
    }

    package func write(to form: inout Form) {
        form.set("InstanceId", instanceIDs)
        form.set("DryRun", dryRun)
    }

    /// What is answered.
    package typealias Answer = [InstanceStateChange]

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> [InstanceStateChange] {
        try node.list("instancesSet", InstanceStateChange.init)
    }
}

/// Reads what an instance printed to its console, minutes late.
package struct GetConsoleOutput: EC2Call {
    /// The instance.
    package var instanceID: String
    /// The newest output, where the hardware can tell it.
    package var latest: Bool?

    /// Reads a console.
    package init(_ instanceID: String, latest: Bool? = nil) {
        self.instanceID = instanceID
        self.latest = latest
    }

    package func write(to form: inout Form) {
        form.set("InstanceId", instanceID)
        form.set("Latest", latest)
    }

    /// The output, base64-coded; `nil` when there is none yet.
    package typealias Answer = String?

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> String? {
        node.token("output")
    }
}

/// Puts tags on resources of any kind.
package struct CreateTags: EC2Call {
    /// Ids of at most 1000 resources.
    package var resources: [String]
    /// The tags.
    package var tags: [Tag]

    /// Puts tags on resources.
    package init(_ tags: [Tag], on resources: [String]) {
        self.resources = resources
        self.tags = tags
    }

    package func write(to form: inout Form) {
        form.set("ResourceId", resources)
        form.set("Tag", tags)
    }

    /// What a create of tags answers.
    package typealias Answer = Done
}
