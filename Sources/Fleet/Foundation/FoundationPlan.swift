// What `bootstrap` is about to do, known before it does it.

package import AWS

/// A plan for the foundation of one account and region.
package struct FoundationPlan: Sendable, Equatable {
    /// What is to be done.
    package enum Step: Sendable, Equatable {
        /// There is none yet.
        case make
        /// There is the rest of an attempt that failed; it goes first.
        case remake(stackID: String, status: String)
        /// CloudFormation has prepared these changes.
        case change([StackChange], stackID: String, changeSet: String)
        /// It is as it would be.
        case nothing
    }

    /// The account's twelve digits.
    package let account: String
    package let region: String
    package let step: Step
    /// The values of all parameters.
    package let values: [FoundationParameter: String]
    /// Whether the bucket is there already, as one that outlived its stack is.
    package let hasBucket: Bool

    /// The bucket's name, as the template makes it.
    package var bucket: String { "loadfleet-\(account)-\(region)" }

    /// The plan in lines for a person.
    package var lines: [String] {
        let stack = "stack '\(Foundation.stackName)' in \(region), account \(account)"
        switch step {
        case .nothing: return ["\(stack): as it would be"]
        case .change(let changes, _, _):
            return ["\(stack), changed by CloudFormation:"] + changes.map(Self.line)
        case .remake(_, let status):
            return ["\(stack): what a failed attempt left (\(status)) is removed, then"] + parts
        case .make: return ["\(stack):"] + parts
        }
    }

    private static func line(_ change: StackChange) -> String {
        let anew =
            switch change.replacement {
            case "True": ", made anew"
            case "Conditional": ", perhaps made anew"
            default: ""
            }
        return "  \(change.action.lowercased()) \(change.resource) (\(change.resourceType)\(anew))"
    }

    private func value(_ parameter: FoundationParameter) -> String {
        values[parameter] ?? parameter.standard
    }

    private var parts: [String] {
        let store =
            hasBucket
            ? "bucket \(bucket), which is there already"
            : "bucket \(bucket): private, encrypted, runs kept for \(value(.runRetentionDays)) days"
        let network =
            value(.createsNetwork) == "true"
            ? "a VPC of its own (\(value(.networkBlock))), two subnets, an Internet gateway"
            : "VPC \(value(.vpc)), which is there already"
        let egress =
            value(.egressPrefixList).isEmpty
            ? "nodes may reach everything"
            : "nodes may reach each other, S3 and \(value(.egressPrefixList))"
        return [
            "  store     \(store)",
            "  log       group /loadfleet/\(Foundation.stackName), kept for "
                + "\(value(.logRetentionDays)) days",
            "  roles     of workers and controllers, without any permission of EC2; of spot "
                + "fleets and of schedules that end fleets",
            "  network   \(network)",
            "  access    a security group that lets in its own members only; \(egress)",
            "  costs     \(cost)",
        ]
    }

    private var cost: String {
        let stored = "what is kept in the bucket and the log group"
        let hasEndpoint =
            value(.createsNetwork) == "true" && !value(.egressPrefixList).isEmpty
        return hasEndpoint
            ? "\(stored), and an interface endpoint by the hour" : "nothing but \(stored)"
    }
}
