// Calls about security groups: who may talk to whom.

/// Makes a security group.
///
/// EC2 knows no token here; a second one of the same name is refused.
package struct CreateSecurityGroup: EC2Call {
    /// Unique in the VPC.
    package var name: String
    /// What it is for.
    package var description: String
    /// The VPC; `nil` for the default one.
    package var vpcID: String?
    /// Tags; the resource type is `security-group`.
    package var tagSpecifications: [TagSpecification]

    /// Makes a group.
    package init(
        name: String, description: String, vpcID: String? = nil,
        tagSpecifications: [TagSpecification] = []
    ) {
        self.name = name
        self.description = description
        self.vpcID = vpcID
        self.tagSpecifications = tagSpecifications
    }

    package func write(to form: inout Form) {
        form.set("GroupName", name)
        form.set("GroupDescription", description)
        form.set("VpcId", vpcID)
        form.set("TagSpecification", tagSpecifications)
    }

    /// The group's id.
    package typealias Answer = String

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> String {
        try node.need("groupId")
    }
}

/// Removes a group; refused with `DependencyViolation` while anything is in it.
package struct DeleteSecurityGroup: EC2Call {
    /// The group.
    package var groupID: String

    /// Removes a group.
    package init(_ groupID: String) { self.groupID = groupID }

    package func write(to form: inout Form) { form.set("GroupId", groupID) }

    /// What a removal answers.
    package typealias Answer = Done
}

/// What a group lets in.
package struct IPPermission: FormPart, Equatable {
    /// `tcp`, `udp`, `icmp` or `-1` for all.
    package var networkProtocol: String
    /// The first port.
    package var fromPort: Int?
    /// The last port.
    package var toPort: Int?
    /// From members of these groups.
    package var groupIDs: [String]
    /// From these addresses, as in `192.0.2.0/24`.
    package var cidrs: [String]

    /// A permission.
    package init(
        networkProtocol: String, fromPort: Int? = nil, toPort: Int? = nil,
        groupIDs: [String] = [], cidrs: [String] = []
    ) {
        self.networkProtocol = networkProtocol
        self.fromPort = fromPort
        self.toPort = toPort
        self.groupIDs = groupIDs
        self.cidrs = cidrs
    }

    init(_ node: XMLNode) throws(AnswerFault) {
        networkProtocol = try node.need("ipProtocol")
        fromPort = try node.value("fromPort")
        toPort = try node.value("toPort")
        groupIDs = try node.list("groups") { node throws(AnswerFault) in
            try node.need("groupId")
        }
        cidrs = try node.list("ipRanges") { node throws(AnswerFault) in
            try node.need("cidrIp")
        }
    }

    func write(to form: inout Form) {
        form.set("IpProtocol", networkProtocol)
        form.set("FromPort", fromPort)
        form.set("ToPort", toPort)
        form.set("Groups", groupIDs.map { Single("GroupId", $0) })
        form.set("IpRanges", cidrs.map { Single("CidrIp", $0) })
    }

    /// A structure with one member.
    private struct Single: FormPart {
        let name: String
        let value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }

        func write(to form: inout Form) { form.set(name, value) }
    }
}

/// Lets something into a group.
package struct AuthorizeSecurityGroupIngress: EC2Call {
    /// The group.
    package var groupID: String
    /// What is let in.
    package var permissions: [IPPermission]

    /// Lets something in.
    package init(_ groupID: String, _ permissions: [IPPermission]) {
        self.groupID = groupID
        self.permissions = permissions
    }

    package func write(to form: inout Form) {
        form.set("GroupId", groupID)
        form.set("IpPermissions", permissions)
    }

    /// What a permission answers.
    package typealias Answer = Done
}

/// Lists groups.
package struct DescribeSecurityGroups: EC2Call, PagedCall {
    /// Only these.
    package var groupIDs: [String]
    /// Only those that meet all of these.
    package var filters: [Filter]
    /// Groups a page, 5 to 1000.
    package var maxResults: Int?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists groups.
    package init(groupIDs: [String] = [], filters: [Filter] = [], maxResults: Int? = nil) {
        self.groupIDs = groupIDs
        self.filters = filters
        self.maxResults = maxResults
    }

    /// One page.
    package struct Answer: Sendable {
        /// The groups.
        package let groups: [SecurityGroup]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("GroupId", groupIDs)
        form.set("Filter", filters)
        form.set("MaxResults", maxResults)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            groups: try node.list("securityGroupInfo", SecurityGroup.init),
            nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// A security group.
package struct SecurityGroup: Sendable, Equatable {
    /// The id.
    package let groupID: String
    /// The name.
    package let name: String
    /// The VPC.
    package let vpcID: String?
    /// What it lets in.
    package let ingress: [IPPermission]
    /// The tags.
    package let tags: [Tag]

    init(_ node: XMLNode) throws(AnswerFault) {
        groupID = try node.need("groupId")
        name = try node.need("groupName")
        vpcID = try node.value("vpcId")
        ingress = try node.list("ipPermissions", IPPermission.init)
        tags = try node.tags()
    }
}
