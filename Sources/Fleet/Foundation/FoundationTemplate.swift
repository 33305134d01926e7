// The foundation's CloudFormation template, inside the program: a binary that was copied somewhere
// has nothing beside it. `foundation.yaml` in this folder is a link to the one file there is.

/// The template that `bootstrap` deploys.
package enum FoundationTemplate {
    /// The text, byte by byte that of `environments/cloudformation/foundation.yaml`.
    package static let text = String(decoding: PackageResources.foundation_yaml, as: UTF8.self)
}

/// What can be chosen about the foundation: the template's parameters, by their names there.
package enum FoundationParameter: String, CaseIterable, Sendable {
    case vpc = "VpcId"
    case createsNetwork = "CreateNetwork"
    case networkBlock = "NetworkBlock"
    case firstSubnetBlock = "SubnetBlockA"
    case secondSubnetBlock = "SubnetBlockB"
    case egressPrefixList = "EgressPrefixList"
    case s3PrefixList = "S3PrefixList"
    case logRetentionDays = "LogRetentionDays"
    case runRetentionDays = "RunRetentionDays"

    /// What the template takes where nothing is said.
    package var standard: String {
        switch self {
        case .vpc, .egressPrefixList, .s3PrefixList: ""
        case .createsNetwork: "false"
        case .networkBlock: "10.83.0.0/16"
        case .firstSubnetBlock: "10.83.0.0/20"
        case .secondSubnetBlock: "10.83.16.0/20"
        case .logRetentionDays: "14"
        case .runRetentionDays: "30"
        }
    }

    /// What a value must look like, in words; `nil` if `text` does.
    package func fault(in text: String) -> String? {
        switch self {
        case .vpc: Self.isID(text, "vpc-") ? nil : "an id such as vpc-0123456789abcdef0"
        case .egressPrefixList, .s3PrefixList:
            Self.isID(text, "pl-") ? nil : "an id such as pl-0123456789abcdef0"
        case .createsNetwork: ["true", "false"].contains(text) ? nil : "true or false"
        case .networkBlock, .firstSubnetBlock, .secondSubnetBlock:
            Self.isBlock(text) ? nil : "a range of addresses such as \(standard)"
        case .logRetentionDays:
            Self.logDays.contains(text)
                ? nil : "a number of days of \(Self.logDays.joined(separator: ", "))"
        case .runRetentionDays:
            Int(text).map { $0 >= 1 } ?? false ? nil : "a number of days, 1 or more"
        }
    }

    /// What CloudWatch Logs can keep, as far as the template lets it.
    private static let logDays = ["1", "3", "5", "7", "14", "30", "60", "90"]

    private static func isID(_ text: String, _ prefix: String) -> Bool {
        text.hasPrefix(prefix) && text.count > prefix.count
            && text.dropFirst(prefix.count).allSatisfy { "0123456789abcdef".contains($0) }
    }

    private static func isBlock(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil }
            && (Int(parts[1]).map { (16...28).contains($0) } ?? false)
    }
}
