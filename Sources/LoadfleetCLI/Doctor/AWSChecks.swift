// What reaching AWS needs: a region, credentials, and the way there. Reads files and variables
// only, unless asking AWS was asked for. No secret is shown: of a key its id's last characters, of
// a proxy all but its password.
import AWS
import Fleet

/// Checks of the access to AWS.
struct AWSChecks: Sendable {
    let context: Context
    let environment: Environment
    /// Whether AWS may be asked.
    let isOnline: Bool

    func findings() async -> [Finding] {
        do throws(AccessError) {
            let access = try AWSAccess(
                context, explicit: ExplicitAccess(region: environment.ec2?.region))
            let survey = try access.chain.survey()
            if !isOnline, environment.provider == .local, try isUntouched(access, survey) {
                return [
                    trouble(
                        "aws", "nothing is configured",
                        fix: "before a fleet on EC2: aws configure, or aws configure sso")
                ]
            }
            var findings = [try await region(access), await credentials(access, survey)]
            if isOnline, findings.allSatisfy(\.isGood) { findings.append(await caller(access)) }
            return findings + [try connection(access)]
        } catch {
            return [trouble("aws", error.message, fix: error.hint)]
        }
    }

    /// A failure where a run needs AWS, and only a remark where none does.
    private func trouble(
        _ name: String, _ detail: String, fix: String?, notes: [String] = []
    ) -> Finding {
        let isNeeded = environment.provider == .ec2 || isOnline
        return Finding(
            name: name, isGood: !isNeeded,
            detail: isNeeded ? detail : "\(detail) (only provider ec2 needs it)", fix: fix,
            notes: notes)
    }

    private func isUntouched(_ access: AWSAccess, _ survey: ChainSurvey) throws(AccessError) -> Bool
    {
        let isBare = survey.chosen?.isLastResort ?? (survey.failure?.kind == .noCredentials)
        let configuration = access.configuration
        let region = try configuration.configuredRegion()
        return isBare && region == nil && configuration.profile == nil
            && !configuration.isProfileChosen
    }

    // MARK: - Region

    private func region(_ access: AWSAccess) async throws(AccessError) -> Finding {
        do throws(AccessError) {
            let region =
                isOnline
                ? try await access.configuration.region(asking: access.transport)
                : try access.configuration.region()
            let source = environment.ec2?.region == nil ? region.source : "ec2.region"
            return .good("aws region", "\(region.value) (\(source))")
        } catch {
            return trouble("aws region", error.message, fix: error.hint)
        }
    }

    // MARK: - Credentials

    private func credentials(_ access: AWSAccess, _ survey: ChainSurvey) async -> Finding {
        let name = "aws credentials"
        let notes = survey.steps.filter { $0.outcome != .notReached }.map { step in
            let isLast = survey.chosen?.isLastResort ?? false
            let word =
                switch step.outcome {
                case .chosen: isLast ? "the last to be asked" : "used"
                case .wrong: "cannot be used"
                case .absent, .notReached: step.detail
                }
            return "\(step.source): \(word)"
        }
        guard let chosen = survey.chosen else {
            return trouble(
                name, survey.failure?.message ?? "there are none", fix: survey.failure?.hint,
                notes: notes)
        }
        if isOnline {
            do throws(AccessError) {
                let grant = try await access.credentials.grant()
                return Finding(
                    name: name, isGood: true, detail: "\(chosen.name), key \(grant.maskedKeyID)",
                    fix: nil, notes: notes)
            } catch {
                return trouble(name, error.message, fix: error.hint, notes: notes)
            }
        }
        if chosen.isLastResort {
            return trouble(
                name, "none are configured; only the role of an EC2 instance is left",
                fix: "run aws configure or aws sso login; on an EC2 instance with a role, ask it "
                    + "with: loadfleet doctor --online", notes: notes)
        }
        let key = chosen.maskedKeyID.map { ", key \($0)" } ?? " (not asked without --online)"
        return Finding(
            name: name, isGood: true, detail: chosen.name + key, fix: nil, notes: notes)
    }

    private func caller(_ access: AWSAccess) async -> Finding {
        do {
            let region = try await access.configuration.region(asking: access.transport)
            let configuration = try access.configuration.renewed(region: region.value)
            let client = try AWSClient(
                configuration, credentials: access.credentials, transport: access.transport)
            let caller = try await client.send(GetCallerIdentity(), within: .seconds(20))
            return .good("aws account", "\(caller.account) as \(caller.arn)")
        } catch let error as CallError {
            return .bad("aws account", error.message, fix: error.hint)
        } catch let error as AccessError {
            return .bad("aws account", error.message, fix: error.hint)
        } catch {
            return .bad("aws account", "\(error)", fix: nil)
        }
    }

    // MARK: - The way there

    private static let services: [AWSService] = [
        .ec2, .s3, .logs, .sts, .ssm, .serviceQuotas, .cloudFormation, .scheduler,
        .pricing, .sns, .sso,
    ]

    private func connection(_ access: AWSAccess) throws(AccessError) -> Finding {
        let connection = access.connection
        var notes: [String] = []
        for (name, proxy) in [("http", connection.httpProxy), ("https", connection.httpsProxy)] {
            if let proxy { notes.append("\(name) by way of \(proxy.value) (\(proxy.source))") }
        }
        if let bundle = connection.caBundle {
            notes.append("trusting the certificates in \(bundle.value) (\(bundle.source))")
        }
        for service in Self.services {
            guard let url = try access.configuration.configuredEndpoint(of: service) else {
                continue
            }
            notes.append("\(service.id) at \(url.value) (\(url.source))")
        }
        return Finding(
            name: "aws connection", isGood: true,
            detail: notes.isEmpty
                ? "direct, to AWS's own endpoints, with the system's certificates"
                : "with settings of its own", fix: nil, notes: notes)
    }
}
