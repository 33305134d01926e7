// The options that say what the foundation is to be like, each a parameter of its template.
package import ArgumentParser
package import Fleet

/// The options of `bootstrap`.
package struct FoundationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The network of the fleets; without it, the region's default VPC.", valueName: "id"))
    package var vpc: String?

    @Flag(help: "Make a network for the fleets: a VPC with two subnets, without a NAT gateway.")
    package var createNetwork = false

    @Option(
        help: ArgumentHelp("The addresses of that network.", valueName: "block"))
    package var networkBlock: String?

    @Option(
        name: .customLong("subnet-block"),
        help: ArgumentHelp(
            "The addresses of its first subnet; given twice, of both.", valueName: "block"))
    package var subnetBlocks: [String] = []

    @Option(
        help: ArgumentHelp(
            "What nodes may reach besides each other and S3; without it, everything.",
            valueName: "id"))
    package var egressPrefixList: String?

    @Option(
        name: .customLong("s3-prefix-list"),
        help: ArgumentHelp(
            "The region's prefix list of S3, which --egress-prefix-list needs.", valueName: "id"))
    package var s3PrefixList: String?

    @Option(
        help: ArgumentHelp("For how many days the bucket keeps runs.", valueName: "days"))
    package var runRetentionDays: String?

    @Option(
        help: ArgumentHelp("For how many days live logs are kept.", valueName: "days"))
    package var logRetentionDays: String?

    package init() {}

    /// The parameters that were given.
    ///
    /// - Throws: `ValidationError` for a value that none can have, or that excludes another.
    package func values() throws -> [FoundationParameter: String] {
        if createNetwork, vpc != nil {
            throw ValidationError("--vpc and --create-network exclude each other")
        }
        guard subnetBlocks.count <= 2 else {
            throw ValidationError("--subnet-block can be given twice at most")
        }
        let given: [(FoundationParameter, String, String?)] = [
            (.vpc, "--vpc", vpc),
            (.createsNetwork, "--create-network", createNetwork ? "true" : nil),
            (.networkBlock, "--network-block", networkBlock),
            (.firstSubnetBlock, "--subnet-block", subnetBlocks.first),
            (.secondSubnetBlock, "--subnet-block", subnetBlocks.dropFirst().first),
            (.egressPrefixList, "--egress-prefix-list", egressPrefixList),
            (.s3PrefixList, "--s3-prefix-list", s3PrefixList),
            (.runRetentionDays, "--run-retention-days", runRetentionDays),
            (.logRetentionDays, "--log-retention-days", logRetentionDays),
        ]
        var values: [FoundationParameter: String] = [:]
        for case (let parameter, let name, let value?) in given {
            if let wanted = parameter.fault(in: value) {
                throw ValidationError("\(name) is '\(value)', not \(wanted)")
            }
            values[parameter] = value
        }
        return values
    }
}
