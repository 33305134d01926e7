// What to do about the errors people meet. One line each, naming the thing to do next.

internal import HTTP

extension CallError {
    /// What to do about it; `nil` when AWS's own words say all there is to say.
    package var hint: String? {
        switch reason {
        case .refused(let fault): advice(fault)
        case .unreachable(let error): error.hint
        case .unreadable: Self.strangerAdvice
        case .unsendable(_, let hint): hint
        case .access(let error): error.hint
        }
    }

    private static let strangerAdvice =
        "something between here and AWS answered instead: check HTTPS_PROXY, NO_PROXY, the "
        + "endpoint URL, and the network's login page"

    private func advice(_ fault: ServiceFault) -> String? {
        if !fault.isFromService { return Self.strangerAdvice }
        return credentialAdvice(fault) ?? permissionAdvice(fault) ?? limitAdvice(fault)
            ?? bucketAdvice(fault)
    }

    private func credentialAdvice(_ fault: ServiceFault) -> String? {
        switch fault.code {
        case "ExpiredToken", "ExpiredTokenException":
            return "the session is over: log in again (aws sso login), or renew the credentials"
        case "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture":
            return "this machine's clock is wrong: set it, for example with timedatectl set-ntp on"
        case "InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException",
            "InvalidToken":
            return "AWS does not know this access key, which may be deleted, or belong to another "
                + "partition; see where it comes from with: loadfleet doctor"
        case "AuthFailure", "SignatureDoesNotMatch", "InvalidSignatureException",
            "IncompleteSignature":
            return "the secret key does not fit its id, or this machine's clock is wrong; see "
                + "which with: loadfleet doctor"
        case "OptInRequired", "RegionDisabledException", "SubscriptionRequiredException":
            return "this account may not use \(region ?? "the region"): enable the region in the "
                + "account's settings, or choose another"
        default: return nil
        }
    }

    private func permissionAdvice(_ fault: ServiceFault) -> String? {
        switch fault.code {
        case "UnauthorizedOperation", "AccessDenied", "AccessDeniedException",
            "NotAuthorized", "Forbidden":
            let action = Self.deniedAction(fault.message) ?? action
            let why =
                fault.encodedMessage == nil
                ? "" : "; 'aws sts decode-authorization-message' tells which policy refused"
            return "allow the action \(action) in the policy of the credentials in use\(why)"
        default: return nil
        }
    }

    /// The action that AWS's words name, as in `is not authorized to perform: ec2:CreateFleet`.
    private static func deniedAction(_ message: String) -> String? {
        guard let mark = message.range(of: "perform: ") else { return nil }
        let action = message[mark.upperBound...].prefix { $0 != " " && $0 != "," }
        return action.contains(":") ? String(action) : nil
    }

    /// The action that a policy must allow for this call.
    private var action: String {
        guard service == .s3 else { return "\(service.signingName):\(operation)" }
        return switch operation {
        case "HeadObject", "GetObject": "s3:GetObject"
        case "HeadBucket", "ListObjectsV2": "s3:ListBucket"
        case "PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload":
            "s3:PutObject"
        case "DeleteObject", "DeleteObjects": "s3:DeleteObject"
        case "ListBuckets": "s3:ListAllMyBuckets"
        case "ListMultipartUploads": "s3:ListBucketMultipartUploads"
        case "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration"
        case "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle":
            "s3:PutLifecycleConfiguration"
        default: "s3:\(operation)"
        }
    }

    private func limitAdvice(_ fault: ServiceFault) -> String? {
        switch fault.code {
        case "InsufficientInstanceCapacity", "InsufficientCapacity", "UnfulfillableCapacity":
            return "AWS has no such machines here just now: allow more instance types and "
                + "availability zones, or another region"
        case "MaxSpotInstanceCountExceeded":
            return "the account's quota of spot vCPUs is used up: end instances and open spot "
                + "requests, or ask for more (Service Quotas, ec2, L-34B43A08)"
        case "VcpuLimitExceeded", "InstanceLimitExceeded":
            return "the account's quota of vCPUs is used up: end instances, or ask for more "
                + "(Service Quotas, ec2, L-1216C47A)"
        case "InsufficientFreeAddressesInSubnet":
            return "the subnet has too few free addresses: use a larger one, or several"
        case "DependencyViolation":
            return "something still uses it; ended instances let go of it after some minutes"
        default: break
        }
        switch RetryKind.of(status: fault.status, code: fault.code) {
        case .throttling:
            return "AWS asks for fewer calls; the limit is shared by the account's whole region: "
                + "wait a minute and try again"
        case .transient:
            return "the service has a fault of its own: try again in some minutes, and see "
                + "health.aws.amazon.com if it stays"
        case nil: return nil
        }
    }

    private func bucketAdvice(_ fault: ServiceFault) -> String? {
        switch fault.code {
        case "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException":
            guard let bucketRegion = fault.bucketRegion else {
                return "the bucket is in another region: set the region to the bucket's"
            }
            return "the bucket is in \(bucketRegion): set the region to \(bucketRegion)"
        case "NoSuchBucket":
            return "check the bucket's name, and that the account and region are the right ones"
        case "PreconditionFailed" where mayHaveBeenApplied:
            return "an earlier attempt's answer was lost, so it may be what wrote the object: "
                + "read it before trying again"
        case "PreconditionFailed":
            return "someone else wrote the object in the meantime: read it again"
        default: return nil
        }
    }
}
