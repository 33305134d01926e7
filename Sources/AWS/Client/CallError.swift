// Why a call brought no answer to work with: AWS refused it, or it never came about.

package import HTTP

/// A call that failed.
package struct CallError: Error, Sendable {
    /// What happened.
    package enum Reason: Sendable {
        /// AWS said no.
        case refused(ServiceFault)
        /// There was no whole answer.
        case unreachable(HTTPError)
        /// There was an answer that cannot be read.
        case unreadable(String)
        /// The request cannot be made or signed.
        case unsendable(String, hint: String?)
        /// There are no credentials or no region.
        case access(AccessError)
    }

    /// What happened in the last attempt.
    package let reason: Reason
    /// The operation, as in `CreateFleet`.
    package let operation: String
    /// The service.
    package let service: AWSService
    /// The region; `nil` when it isn't known.
    package let region: String?
    /// Why no further attempt followed; `nil` when none was ever possible.
    package let stop: RetryStop?
    /// How many attempts were made.
    package let attempts: Int
    /// Whether an attempt may have been carried out though its answer was lost.
    package let mayHaveBeenApplied: Bool

    /// AWS's error code, if AWS answered.
    package var code: String? { fault?.code }

    /// AWS's error, if AWS answered.
    package var fault: ServiceFault? {
        guard case .refused(let fault) = reason else { return nil }
        return fault
    }
}

extension CallError: CustomStringConvertible {
    /// The same as ``message``.
    package var description: String { message }

    /// One line: who was asked what, and what came of it.
    package var message: String {
        let place = region.map { " in \($0)" } ?? ""
        let asked = "\(service.id) \(operation)\(place)"
        let what =
            switch reason {
            case .refused(let fault): Self.words(fault)
            case .unreachable(let error): error.message
            case .unreadable(let what): "the answer is \(what)"
            case .unsendable(let what, _): what
            case .access(let error): error.message
            }
        return "\(asked): \(what)\(ending)"
    }

    private static func words(_ fault: ServiceFault) -> String {
        guard fault.isFromService else {
            return "HTTP \(fault.status) without an error of AWS's in it"
        }
        let text = fault.message.isEmpty ? fault.code : "\(fault.code): \(fault.message)"
        return text + (fault.requestID.map { " (request \($0))" } ?? "")
    }

    private var ending: String {
        switch stop {
        case .attempts(let count): ", after \(count) attempts"
        case .deadline: ", and the deadline left no time for another attempt"
        case .bucket: ", and too much has failed lately for another attempt"
        case .answer, nil: attempts > 1 ? ", after \(attempts) attempts" : ""
        }
    }
}
