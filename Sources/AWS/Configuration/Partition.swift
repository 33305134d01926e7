// AWS is several worlds with their own domains. Which one a region is in, its name says.
// Source: AWS's own partition data, as its SDKs carry it.

/// The domains of one of AWS's worlds.
struct Partition: Sendable, Equatable {
    /// The end of host names.
    let suffix: String
    /// The end of host names that also answer over IPv6.
    let dualStackSuffix: String

    /// The partition of a region; a region of unknown name is in the commercial one.
    static func of(region: String) -> Partition {
        let named = prefixes.first { region.hasPrefix($0.0) }
        return named?.1 ?? Partition(suffix: "amazonaws.com", dualStackSuffix: "api.aws")
    }

    /// Whether a region is one of the commercial partition, as far as its name tells.
    static func isCommercial(region: String) -> Bool {
        !["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"].contains { region.hasPrefix($0) }
    }

    /// From the longest prefix to the shortest, where one begins with another.
    private static let prefixes: [(String, Partition)] = [
        (
            "cn-",
            Partition(
                suffix: "amazonaws.com.cn", dualStackSuffix: "api.amazonwebservices.com.cn")
        ),
        ("us-isob-", Partition(suffix: "sc2s.sgov.gov", dualStackSuffix: "api.aws.scloud")),
        ("us-isof-", Partition(suffix: "csp.hci.ic.gov", dualStackSuffix: "api.aws.hci.ic.gov")),
        (
            "eu-isoe-",
            Partition(suffix: "cloud.adc-e.uk", dualStackSuffix: "api.cloud-aws.adc-e.uk")
        ),
        ("us-iso-", Partition(suffix: "c2s.ic.gov", dualStackSuffix: "api.aws.ic.gov")),
        ("eusc-", Partition(suffix: "amazonaws.eu", dualStackSuffix: "api.amazonwebservices.eu")),
    ]
}
