// An instance as EC2 describes it, in the members loadfleet looks at.

package import FoundationEssentials

/// A virtual machine.
package struct Instance: Sendable, Equatable {
    /// The id, as in `i-0abc…`.
    package let instanceID: String
    /// The type, as in `c7g.large`.
    package let instanceType: String
    /// `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped`.
    package let state: String
    /// Why the state is what it is, as in `Server.SpotInstanceTermination`.
    package let stateReason: StateReason?
    /// The image it was started from.
    package let imageID: String?
    /// When it was launched last.
    package let launchTime: Date?
    /// Its address inside the VPC.
    package let privateIPAddress: String?
    /// Its address on the internet.
    package let publicIPAddress: String?
    /// Its subnet.
    package let subnetID: String?
    /// Its VPC.
    package let vpcID: String?
    /// Its availability zone.
    package let availabilityZone: String?
    /// `arm64` or `x86_64`.
    package let architecture: String?
    /// `spot`; absent for on-demand.
    package let instanceLifecycle: String?
    /// The spot request it came from.
    package let spotInstanceRequestID: String?
    /// The token of the RunInstances that made it.
    package let clientToken: String?
    /// The role it runs under.
    package let instanceProfileARN: String?
    /// Its security groups' ids.
    package let securityGroupIDs: [String]
    /// Its tags.
    package let tags: [Tag]

    init(_ node: XMLNode) throws(AnswerFault) {
        instanceID = try node.need("instanceId")
        instanceType = try node.need("instanceType")
        guard let stateNode = node.child("instanceState") else {
            throw .missing("instanceState", in: node.name)
        }
        state = try stateNode.need("name")
        stateReason = try node.part("stateReason", StateReason.init)
        imageID = try node.value("imageId")
        launchTime = try node.value("launchTime")
        privateIPAddress = try node.value("privateIpAddress")
        publicIPAddress = try node.value("ipAddress")
        subnetID = try node.value("subnetId")
        vpcID = try node.value("vpcId")
        availabilityZone = try node.child("placement")?.value("availabilityZone")
        architecture = try node.value("architecture")
        instanceLifecycle = try node.value("instanceLifecycle")
        spotInstanceRequestID = try node.value("spotInstanceRequestId")
        clientToken = node.token("clientToken")
        instanceProfileARN = try node.child("iamInstanceProfile")?.value("arn")
        securityGroupIDs = try node.list("groupSet") { node throws(AnswerFault) in
            try node.need("groupId")
        }
        tags = try node.tags()
    }

    /// The value of a tag.
    package func tag(_ key: String) -> String? { tags.first { $0.key == key }?.value }
}

/// Why an instance is in its state.
package struct StateReason: Sendable, Equatable {
    /// A code, as in `Client.UserInitiatedShutdown`.
    package let code: String
    /// The code in words.
    package let message: String?

    init(_ node: XMLNode) throws(AnswerFault) {
        code = try node.need("code")
        message = try node.value("message")
    }
}

/// What a call changed about an instance's state.
package struct InstanceStateChange: Sendable, Equatable {
    /// The instance.
    package let instanceID: String
    /// Its state before.
    package let previousState: String?
    /// Its state now.
    package let currentState: String

    init(_ node: XMLNode) throws(AnswerFault) {
        instanceID = try node.need("instanceId")
        previousState = try node.child("previousState")?.value("name")
        guard let current = node.child("currentState") else {
            throw .missing("currentState", in: node.name)
        }
        currentState = try current.need("name")
    }
}
