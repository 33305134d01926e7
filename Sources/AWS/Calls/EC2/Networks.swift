// Calls about where instances stand: VPCs, subnets, security groups.

/// Lists VPCs.
package struct DescribeVpcs: EC2Call, PagedCall {
    /// Only these.
    package var vpcIDs: [String]
    /// Only those that meet all of these, as in `is-default`.
    package var filters: [Filter]
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists VPCs.
    package init(vpcIDs: [String] = [], filters: [Filter] = []) {
        self.vpcIDs = vpcIDs
        self.filters = filters
    }

    /// One page.
    package struct Answer: Sendable {
        /// The VPCs.
        package let vpcs: [VPC]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("VpcId", vpcIDs)
        form.set("Filter", filters)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(vpcs: try node.list("vpcSet", VPC.init), nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// A private network.
package struct VPC: Sendable, Equatable {
    /// The id.
    package let vpcID: String
    /// Its addresses, as in `10.0.0.0/16`.
    package let cidrBlock: String?
    /// Whether it is the region's default.
    package let isDefault: Bool
    /// The tags.
    package let tags: [Tag]

    init(_ node: XMLNode) throws(AnswerFault) {
        vpcID = try node.need("vpcId")
        cidrBlock = try node.value("cidrBlock")
        isDefault = try node.value("isDefault") ?? false
        tags = try node.tags()
    }
}

/// Lists subnets.
package struct DescribeSubnets: EC2Call, PagedCall {
    /// Only these.
    package var subnetIDs: [String]
    /// Only those that meet all of these, as in `vpc-id`.
    package var filters: [Filter]
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists subnets.
    package init(subnetIDs: [String] = [], filters: [Filter] = []) {
        self.subnetIDs = subnetIDs
        self.filters = filters
    }

    /// One page.
    package struct Answer: Sendable {
        /// The subnets.
        package let subnets: [Subnet]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("SubnetId", subnetIDs)
        form.set("Filter", filters)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            subnets: try node.list("subnetSet", Subnet.init), nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// A part of a VPC in one availability zone.
package struct Subnet: Sendable, Equatable {
    /// The id.
    package let subnetID: String
    /// Its VPC.
    package let vpcID: String
    /// Its zone.
    package let availabilityZone: String
    /// Its addresses.
    package let cidrBlock: String?
    /// Addresses nobody has yet: what still fits.
    package let availableAddresses: Int?
    /// Whether instances get an address on the internet.
    package let mapsPublicAddresses: Bool
    /// Whether it is the one that AWS made in its zone of the default VPC.
    package let isDefaultInZone: Bool
    /// The tags.
    package let tags: [Tag]

    init(_ node: XMLNode) throws(AnswerFault) {
        subnetID = try node.need("subnetId")
        vpcID = try node.need("vpcId")
        availabilityZone = try node.need("availabilityZone")
        cidrBlock = try node.value("cidrBlock")
        availableAddresses = try node.value("availableIpAddressCount")
        mapsPublicAddresses = try node.value("mapPublicIpOnLaunch") ?? false
        isDefaultInZone = try node.value("defaultForAz") ?? false
        tags = try node.tags()
    }
}
