// What is wrong with an answer that should be readable, and where in it.

/// Why an answer can't be read.
package struct AnswerFault: Error, Equatable {
    /// What is wrong, without a full stop.
    let what: String

    /// A fault in words.
    init(_ what: String) { self.what = what }

    /// A member that every answer of its kind has, but this one has not.
    static func missing(_ member: String, in place: String) -> AnswerFault {
        AnswerFault("'\(place)' without '\(member)'")
    }

    /// A member whose value is not of its type.
    static func unreadable(_ member: String, _ type: String) -> AnswerFault {
        AnswerFault("'\(member)' is not \(type)")
    }
}
