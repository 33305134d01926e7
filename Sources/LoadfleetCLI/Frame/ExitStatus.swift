// The exit codes, which scripts rely on: published in docs/commands.md, never renumbered.

/// What a command ends with.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Done; for a run: verdict passed; for `down`: proven that nothing is left.
    case done = 0
    /// Something failed that is none of the others; the message says what and what to do.
    case failed = 1
    /// Wrong usage, environment, plan or input file; no AWS call was made.
    case wrongInput = 2
    /// Verdict failed: a gate is not met.
    case gateNotMet = 3
    /// Verdict invalid: the run can't be believed.
    case invalid = 4
    /// A deadline or budget passed.
    case deadlinePassed = 5
    /// Credentials are missing, expired or denied.
    case accessDenied = 6
    /// Billable resources remain; they are listed with $/h and the command that removes them.
    case resourcesRemain = 7
    /// Locked by someone else; the message says who and since when.
    case locked = 8
    /// Provisioning failed and was rolled back.
    case rolledBack = 9
    /// Interrupted by Ctrl-C (SIGINT) after an orderly stop; partial results are kept.
    case interrupted = 130
    /// Ended by SIGTERM after an orderly stop; partial results are kept.
    case terminated = 143

    /// The table's sentence for the code, for the command reference.
    package var meaning: String {
        switch self {
        case .done: "done; for a run: verdict passed; for `down`: proven that nothing is left"
        case .failed: "something failed that is none of the below; the message says what to do"
        case .wrongInput: "wrong usage, environment, plan or input file; no AWS call was made"
        case .gateNotMet: "verdict failed: a gate is not met"
        case .invalid: "verdict invalid: the run can't be believed"
        case .deadlinePassed: "a deadline or budget passed"
        case .accessDenied: "credentials missing, expired or denied"
        case .resourcesRemain: "billable resources remain; listed with $/h and the command"
        case .locked: "locked by someone else; who and since"
        case .rolledBack: "provisioning failed and was rolled back"
        case .interrupted: "interrupted (Ctrl-C), after an orderly stop; partial results kept"
        case .terminated: "terminated (SIGTERM), after an orderly stop; partial results kept"
        }
    }

    /// The one to end with when several hold: what costs money wins, and done only when nothing
    /// else holds.
    package static func gravest(of statuses: some Sequence<ExitStatus>) -> ExitStatus {
        let order: [ExitStatus] = [
            .resourcesRemain, .rolledBack, .accessDenied, .deadlinePassed, .invalid, .gateNotMet,
            .locked, .interrupted, .terminated, .wrongInput, .failed,
        ]
        let present = Set(statuses)
        return order.first(where: present.contains) ?? .done
    }
}
