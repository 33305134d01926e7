// What an account has once and every fleet uses: bucket, log group, roles, security group. `bootstrap`
// makes it as a CloudFormation stack, and the stack's outputs say what it is called; each can be
// replaced by a setting, for accounts in which somebody else makes such things.

package import AWS

/// What every fleet of an account and region uses.
package struct Foundation: Sendable, Equatable {
    /// The stack's name.
    package static let stackName = "loadfleet"

    package var bucket: String?
    package var logGroup: String?
    package var securityGroup: String?
    /// The workers' instance profile.
    package var nodeProfile: String?
    /// The controller's; without it, the workers'.
    package var controllerProfile: String?
    /// The ARN of the role of RequestSpotFleet.
    package var spotFleetRole: String?
    /// The ARN of the role under which a schedule ends fleets.
    package var schedulerRole: String?
    /// The group that schedules are in; `nil` for AWS's default one.
    package var scheduleGroup: String?
    /// The network that the security group is of.
    package var vpc: String?
    /// Subnets of the foundation's own VPC, if it has one.
    package var subnets: [String]

    /// Nothing but what a stack's outputs say.
    package init(outputs: [String: String] = [:]) {
        bucket = outputs["Bucket"]
        logGroup = outputs["LogGroup"]
        securityGroup = outputs["SecurityGroup"]
        nodeProfile = outputs["NodeProfile"]
        controllerProfile = outputs["ControllerProfile"]
        spotFleetRole = outputs["SpotFleetRole"]
        schedulerRole = outputs["SchedulerRole"]
        scheduleGroup = outputs["ScheduleGroup"]
        vpc = outputs["Vpc"]
        subnets = (outputs["Subnets"] ?? "").split(separator: ",").map(String.init)
    }

    /// Reads the outputs of the stack; an absent stack has none.
    ///
    /// - Throws: ``CallError``.
    package static func read(_ client: AWSClient) async throws(CallError) -> Foundation {
        do {
            let answer = try await client.send(DescribeStacks(name: stackName))
            return Foundation(outputs: answer.stacks.first?.outputs ?? [:])
        } catch {
            // CloudFormation's word for a stack that is not there.
            guard error.code == "ValidationError" else { throw error }
            return Foundation()
        }
    }

    /// The foundation with a user's own things in their places.
    package func with(_ settings: EC2Settings) -> Foundation {
        var result = self
        if let own = settings.bucket { result.bucket = own }
        if let own = settings.logGroup { result.logGroup = own }
        if let own = settings.securityGroup {
            result.securityGroup = own
            // It may be of any network.
            result.vpc = nil
        }
        if let own = settings.instanceProfile {
            result.nodeProfile = own
            result.controllerProfile = own
        }
        if !settings.subnets.isEmpty { result.subnets = settings.subnets }
        return result
    }
}
