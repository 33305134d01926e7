// The option that `run`, `attach` and `results` share: whom to tell of the verdict.
package import ArgumentParser
import AWS
import Export
import Results

/// Who wants to know of a verdict.
package struct NotifyOptions: ParsableArguments {
    @Option(
        name: .customLong("notify"),
        help: ArgumentHelp(
            """
            Tell of the verdict: slack=URL, webhook=URL or sns=ARN; may be repeated. A URL can \
            stand in LOADFLEET_NOTIFY_SLACK or _WEBHOOK instead.
            """, valueName: "kind=URL"))
    package var targets: [String] = []

    package init() {}

    /// Whoever is to be told, checked before anything is asked of a fleet.
    ///
    /// - Throws: ``ExportError``, or ``UsageFailure`` for a command that does not wait.
    func checked(for invocation: Invocation, detached: Bool = false) throws -> Notifications {
        if detached, !targets.isEmpty {
            throw UsageFailure(
                message: "'--notify' can't be used with --detach",
                hint: "whoever waits for the verdict tells of it: give it to 'loadfleet attach'")
        }
        let variables = invocation.context.variables
        return Notifications(
            invocation: invocation,
            targets: try targets.map { text throws(ExportError) in
                try NotifyTarget(text, variables: variables)
            })
    }
}

/// The notifications of one command.
struct Notifications {
    let invocation: Invocation
    let targets: [NotifyTarget]

    /// Tells all of them; who can't be told is worth a warning, not the verdict.
    func tell(_ summary: Summary, run: String, plan: String, fleet: String, folder: String) async {
        guard !targets.isEmpty else { return }
        let context = invocation.context
        let notice = Notice(
            run: run, plan: plan, fleet: fleet, summary: summary,
            results: "\(folder) on \(context.host)", link: Self.job(context.variables))
        for target in targets {
            do {
                let access = try AWSAccess(context)
                let courier = Courier(
                    access.transport, rules: Notifier.rules, patience: .seconds(20))
                let notifier = Notifier(by: courier) { region in
                    try await AWSAccess(context, explicit: ExplicitAccess(region: region))
                        .regionalClient()
                }
                try await notifier.send(notice, to: target)
                invocation.output.detail("told \(target)")
            } catch {
                let reason = (error as? any UserFacing)?.message ?? "\(error)"
                invocation.output.warn("cannot tell \(target): \(reason)")
            }
        }
    }

    /// The page of the job that this command is a part of, on GitHub, GitLab or CodeBuild.
    static func job(_ variables: [String: String]) -> String? {
        if let server = variables["GITHUB_SERVER_URL"], let run = variables["GITHUB_RUN_ID"],
            let repository = variables["GITHUB_REPOSITORY"]
        {
            return "\(server)/\(repository)/actions/runs/\(run)"
        }
        return variables["CI_JOB_URL"] ?? variables["CODEBUILD_BUILD_URL"]
    }
}
