// The services we call, by the names AWS gives them in different places: the id that settings
// use, the label in host names, the name that signatures carry.

/// A service of AWS.
package struct AWSService: Sendable, Equatable {
    /// The service's id, as in `CloudWatch Logs`; settings derive their names from it.
    package let id: String
    /// The first label of the endpoint's host name.
    package let endpointPrefix: String
    /// The name in the scope of a signature.
    package let signingName: String
    /// The commercial regions that have it, the first one for all others; none if each has it.
    let homeRegions: [String]
    /// Whether its plain endpoints in GovCloud are FIPS endpoints already.
    let isPlainInGovCloud: Bool

    init(
        id: String, endpointPrefix: String, signingName: String? = nil,
        homeRegions: [String] = [], isPlainInGovCloud: Bool = true
    ) {
        self.id = id
        self.endpointPrefix = endpointPrefix
        self.signingName = signingName ?? endpointPrefix
        self.homeRegions = homeRegions
        self.isPlainInGovCloud = isPlainInGovCloud
    }

    /// Virtual machines and their fleets.
    package static let ec2 = AWSService(id: "EC2", endpointPrefix: "ec2")
    /// Objects in buckets.
    package static let s3 = AWSService(
        id: "S3", endpointPrefix: "s3", isPlainInGovCloud: false)
    /// Logs of CloudWatch.
    package static let logs = AWSService(id: "CloudWatch Logs", endpointPrefix: "logs")
    /// Temporary credentials.
    package static let sts = AWSService(id: "STS", endpointPrefix: "sts")
    /// Parameters of Systems Manager.
    package static let ssm = AWSService(id: "SSM", endpointPrefix: "ssm")
    /// Quotas of the account.
    package static let serviceQuotas = AWSService(
        id: "Service Quotas", endpointPrefix: "servicequotas")
    /// Stacks of resources.
    package static let cloudFormation = AWSService(
        id: "CloudFormation", endpointPrefix: "cloudformation")
    /// Schedules of EventBridge.
    package static let scheduler = AWSService(
        id: "Scheduler", endpointPrefix: "scheduler", isPlainInGovCloud: false)
    /// Messages to whoever subscribed to a topic.
    package static let sns = AWSService(id: "SNS", endpointPrefix: "sns")
    /// The price list.
    package static let pricing = AWSService(
        id: "Pricing", endpointPrefix: "api.pricing", signingName: "pricing",
        homeRegions: ["us-east-1", "eu-central-1", "ap-south-1"], isPlainInGovCloud: false)
    /// The portal that turns an SSO login into credentials.
    package static let sso = AWSService(
        id: "SSO", endpointPrefix: "portal.sso", signingName: "awsssoportal")

    /// The end of `AWS_ENDPOINT_URL_…`, as in `CLOUDWATCH_LOGS`.
    var variableSuffix: String {
        String(id.uppercased().map { $0 == " " ? "_" : $0 })
    }

    /// The key below `[services x]`, as in `cloudwatch_logs`.
    var configKey: String { variableSuffix.lowercased() }
}
