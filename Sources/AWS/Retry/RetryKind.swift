// Which failures are worth another attempt. Error codes come first, since AWS sends codes of very
// different meaning under one status: EC2 says "no capacity" with HTTP 500, and S3 hides an error
// in a 200. The lists are those AWS's own SDKs share; where ours differ, it says why.

/// A failure worth another attempt, by what it says about the service.
package enum RetryKind: Sendable, Equatable {
    /// Something broke on the way or over there; a fresh attempt may well succeed at once.
    case transient
    /// The service asks for fewer calls; the next attempt waits longer.
    case throttling
}

extension RetryKind {
    /// The kind of a failure AWS answered with, or `nil` when the answer stands.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - code: The error code without namespace, as in `SlowDown`; `nil` when there was none.
    /// - Returns: The kind, or `nil`.
    package static func of(status: Int, code: String?) -> RetryKind? {
        if let code {
            if answers.contains(code) { return nil }
            if throttlingCodes.contains(code) { return .throttling }
            if transientCodes.contains(code) { return .transient }
        }
        switch status {
        case 429: return .throttling
        case 500, 502, 503, 504: return .transient
        default: return nil
        }
    }

    /// Codes of the shared throttling list.
    ///
    /// `LimitExceededException` is in that list, too, but for every service we call it means a quota that only the account's owner can raise.
    static let throttlingCodes: Set<String> = [
        "BandwidthLimitExceeded", "EC2ThrottledException", "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
        "RequestThrottledException", "SlowDown", "ThrottledException", "Throttling",
        "ThrottlingException", "TooManyRequestsException", "TransactionInProgressException",
    ]

    /// Codes of the shared transient list, with the internal errors S3 may send under a 200, its
    /// conflict of two conditional writes at once (S3's guide: upload again), and STS's word for
    /// an identity provider that did not answer.
    static let transientCodes: Set<String> = [
        "ConditionalRequestConflict", "IDPCommunicationError", "InternalError", "InternalFailure",
        "InternalServerError",
        "InternalServerException", "RequestTimeout", "RequestTimeoutException",
        "ServiceUnavailable", "ServiceUnavailableException", "Unavailable",
    ]

    /// Capacity and quotas: answers to act on (another pool, a smaller fleet), whatever the status.
    ///
    /// EC2 sends some of them with 500.
    static let answers: Set<String> = [
        "InstanceLimitExceeded", "InsufficientAddressCapacity", "InsufficientCapacity",
        "InsufficientFreeAddressesInSubnet", "InsufficientHostCapacity",
        "InsufficientInstanceCapacity", "InsufficientReservedInstanceCapacity",
        "InsufficientVolumeCapacity", "LimitExceededException", "MaxConfigLimitExceededException",
        "MaxSpotFleetRequestCountExceeded", "MaxSpotInstanceCountExceeded",
        "ServiceQuotaExceededException", "SpotMaxPriceTooLow", "UnfulfillableCapacity",
        "Unsupported", "VcpuLimitExceeded",
    ]
}
