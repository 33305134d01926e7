// What can go wrong with the foundation of an account and region.

/// A foundation that could not be made, changed or removed.
package enum FoundationError: Error, Sendable, Equatable {
    /// CloudFormation is working on the stack already.
    case busy(status: String)
    /// The stack is in a state that only a person can lead it out of.
    case stuck(status: String)
    /// There is no network to be in.
    case noNetwork(region: String)
    /// CloudFormation takes neither the template nor its parameters.
    case refused(reason: String)
    /// Something of the stack could not be made, changed or removed.
    case failed(StackFailure)
    /// It did not end in time, and goes on.
    case late(after: Duration, status: String)
    /// Fleets use it.
    case inUse(fleets: [String])
    /// Objects of the bucket could not be removed.
    case bucketRemains(String, reason: String)

    /// What happened, in one line.
    package var message: String {
        switch self {
        case .busy(let status):
            "CloudFormation is at work on stack '\(Foundation.stackName)' (\(status))"
        case .stuck(let status):
            "stack '\(Foundation.stackName)' is in a state that can't be changed (\(status))"
        case .noNetwork(let region): "region \(region) has no default VPC for the nodes to be in"
        case .refused(let reason): "CloudFormation refuses the foundation: \(reason)"
        case .failed(let failure): failure.message
        case .late(let limit, let status):
            "CloudFormation is not done after \(limit.components.seconds) s (\(status)), and goes on"
        case .inUse(let fleets):
            "the foundation is in use by \(fleets.count == 1 ? "fleet" : "fleets") "
                + fleets.map { "'\($0)'" }.joined(separator: ", ")
        case .bucketRemains(let bucket, let reason): "bucket \(bucket) is still there: \(reason)"
        }
    }

    /// What to do about it.
    package var hint: String? {
        switch self {
        case .busy: "wait until it is done, then try again"
        case .stuck:
            "lead it out by CloudFormation's console ('Continue update rollback'), or remove it "
                + "with: loadfleet bootstrap --delete"
        case .noNetwork:
            "name a VPC with --vpc, or have one made with: loadfleet bootstrap --create-network"
        case .refused: "mend what it says, then try again"
        case .failed(let failure): failure.hint
        case .late: "look again with the same command; it takes up where CloudFormation is then"
        case .inUse(let fleets):
            "end them first with: "
                + fleets.map { "loadfleet down --fleet \($0)" }.joined(separator: " && ")
        case .bucketRemains: "try again with: loadfleet bootstrap --delete --delete-bucket"
        }
    }
}

/// The first thing that went wrong with a stack; what follows it is mostly its consequence.
package struct StackFailure: Sendable, Equatable {
    /// What the stack is in now, as in `ROLLBACK_COMPLETE`.
    package let status: String
    /// The resource's name in the template; `nil` for the stack itself.
    package let resource: String?
    /// As in `AWS::S3::Bucket`.
    package let resourceType: String?
    /// CloudFormation's reason.
    package let reason: String?

    /// Whether everything is as it was before.
    package var isRolledBack: Bool { status.hasSuffix("ROLLBACK_COMPLETE") }

    var message: String {
        let what = [resource, resourceType.map { "(\($0))" }].compactMap(\.self)
            .joined(separator: " ")
        let outcome =
            isRolledBack
            ? "and was rolled back" : "and stack '\(Foundation.stackName)' is in \(status)"
        return "\(what.isEmpty ? "the stack" : what) failed, \(outcome): "
            + (reason ?? "CloudFormation gives no reason")
    }

    /// By CloudFormation's words, which have no code of their own.
    var hint: String {
        let words = (reason ?? "").lowercased()
        if words.contains("not authorized") || words.contains("accessdenied")
            || words.contains("access denied")
        {
            return "docs/aws-permissions.md has the policy of whoever calls 'bootstrap'"
        }
        if words.contains("already exists") {
            return resourceType == "AWS::Logs::LogGroup"
                ? "remove the log group /loadfleet/\(Foundation.stackName), then try again"
                : "remove the one that is there if it is yours, then try again"
        }
        if words.contains("limit") || words.contains("quota") {
            return resourceType?.hasPrefix("AWS::EC2") == true
                ? "use a network that is there with --vpc, or have the quota raised"
                : "have the quota raised, then try again"
        }
        if status == "DELETE_FAILED" {
            return "remove what it says, then try again with: loadfleet bootstrap --delete"
        }
        return "mend what it says, then try again with: loadfleet bootstrap"
    }
}
