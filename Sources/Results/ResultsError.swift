// What can be wrong with what a person gives this room: a file, or the wording of a gate.

package import JTL

/// Why there are no results.
package enum ResultsError: Error, Equatable, Sendable {
    /// The gate's text is wrong at `column` (from 1); `suggestion` is what may have been meant.
    case gate(String, column: Int, problem: String, suggestion: String?)

    /// A file is no JTL.
    case samples(JTLError)

    /// A file can't be read, or its compressed data is damaged.
    case file(String, hint: String?)

    /// One line saying what happened and where.
    package var message: String {
        switch self {
        case .gate(let text, let column, let problem, _):
            "gate '\(text)': \(problem) at column \(column)"
        case .samples(let error): error.message
        case .file(let message, _): message
        }
    }

    /// What to do about it.
    package var hint: String? {
        switch self {
        case .gate(_, _, _, let suggestion?): "did you mean \(suggestion)?"
        case .gate: "write a gate such as 'p95(Checkout) < 500ms', 'errors < 1%' or 'rps > 200'"
        case .samples(let error): error.hint
        case .file(_, let hint): hint
        }
    }
}
