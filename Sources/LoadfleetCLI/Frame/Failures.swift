// How each room's errors look to a person: one line that says what happened, one that says what
// to do, and the exit status. The only file that maps errors to exit codes.
// Of AWS only this: a `FleetError` is there, too, as EC2 means it.
package import struct AWS.AccessError
package import struct AWS.CallError
package import Export
package import Fleet
package import JMeter
package import Node
package import Results
package import Runs
package import Store
package import Units

/// An error that a person can act on.
package protocol UserFacing: Error {
    /// What happened and where, in one line.
    var message: String { get }
    /// What to do about it.
    var hint: String? { get }
    /// What the command ends with.
    var exitStatus: ExitStatus { get }
}

/// A command used in a way that can't work.
package struct UsageFailure: UserFacing {
    package let message: String
    package let hint: String?
    package let exitStatus = ExitStatus.wrongInput

    /// A wrong use, and the right one.
    package init(message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}

/// Something a command found out itself and that no room has an error for.
package struct CommandFailure: UserFacing {
    package let message: String
    package let hint: String?
    package let exitStatus: ExitStatus

    /// A failure with its exit status.
    package init(message: String, hint: String? = nil, exitStatus: ExitStatus = .failed) {
        self.message = message
        self.hint = hint
        self.exitStatus = exitStatus
    }
}

extension QuantityError: UserFacing {
    package var exitStatus: ExitStatus { .wrongInput }
}

extension EnvironmentError: UserFacing {
    package var exitStatus: ExitStatus { .wrongInput }
}

extension FleetError: UserFacing {
    package var exitStatus: ExitStatus {
        switch self {
        case .none, .cannotStart, .notHealed: .failed
        case .different, .portInUse, .unsupported, .impossible: .wrongInput
        case .tooExpensive: .deadlinePassed
        case .rolledBack: .rolledBack
        case .remains: .resourcesRemain
        case .busy, .locked: .locked
        }
    }
}

extension FoundationError: UserFacing {
    package var exitStatus: ExitStatus {
        switch self {
        case .stuck, .noNetwork, .refused: .failed
        case .failed(let failure): failure.isRolledBack ? .rolledBack : .failed
        case .busy: .locked
        case .late: .deadlinePassed
        case .inUse, .bucketRemains: .resourcesRemain
        }
    }
}

extension ImageError: UserFacing {
    package var exitStatus: ExitStatus {
        switch self {
        case .failed: .rolledBack
        case .notOurs: .wrongInput
        }
    }
}

extension AccessError: UserFacing {
    package var exitStatus: ExitStatus {
        switch kind {
        case .configuration, .unsupported: .wrongInput
        case .noCredentials, .sourceFailed, .refused: .accessDenied
        }
    }
}

extension CallError: UserFacing {
    package var exitStatus: ExitStatus {
        if case .access(let error) = reason { return error.exitStatus }
        return code.map(Self.denials.contains) ?? false ? .accessDenied : .failed
    }

    /// Credentials that are wrong, over, or not enough.
    private static let denials: Set<String> = [
        "AccessDenied", "AccessDeniedException", "AuthFailure", "ExpiredToken",
        "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId",
        "InvalidClientTokenId", "SignatureDoesNotMatch", "UnauthorizedOperation",
        "UnrecognizedClientException",
    ]
}

extension ExportError: UserFacing {
    package var exitStatus: ExitStatus {
        isWrongInput ? .wrongInput : isDenial ? .accessDenied : .failed
    }
}

extension RunError: UserFacing {
    package var exitStatus: ExitStatus {
        switch self {
        case .locked: .locked
        case .none, .noRuns, .noTag, .storeAway: .failed
        case .resultsFolder, .notResults, .notAlike, .badTag: .wrongInput
        case .deadline, .queued: .deadlinePassed
        }
    }
}

/// Everything of this room is found before anything starts, on the user's side.
extension JMeterError: UserFacing {
    package var exitStatus: ExitStatus { .wrongInput }
}

extension NodeError: UserFacing {
    package var hint: String? { nil }
    package var exitStatus: ExitStatus { .failed }
}

extension StoreError: UserFacing {
    package var exitStatus: ExitStatus {
        switch self {
        case .denied: .accessDenied
        case .locked, .lockTaken: .locked
        case .badKey, .failed, .unreadable, .tooNew, .lockLost: .failed
        }
    }
}

extension SinkError: UserFacing {
    package var message: String {
        switch self {
        case .closed: "nobody reads the output any more"
        case .refused(let number): "the output can't be written (error \(number))"
        }
    }
    package var hint: String? { "check the disk that the output goes to" }
    package var exitStatus: ExitStatus {
        if case .closed = self { .done } else { .failed }
    }
}

extension ResultsError: UserFacing {
    package var exitStatus: ExitStatus { .wrongInput }
}
