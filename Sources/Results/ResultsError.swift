// What a person can get wrong about results: the wording of a gate, and nothing else so far.

/// A gate that can't be read.
package enum ResultsError: Error, Equatable, Sendable {
    /// The gate's text is wrong at `column` (from 1); `suggestion` is what may have been meant.
    case gate(String, column: Int, problem: String, suggestion: String?)

    /// One line saying what happened and where.
    package var message: String {
        switch self {
        case .gate(let text, let column, let problem, _):
            "gate '\(text)': \(problem) at column \(column)"
        }
    }

    /// What to do about it.
    package var hint: String? {
        switch self {
        case .gate(_, _, _, let suggestion?): "did you mean \(suggestion)?"
        case .gate: "write a gate such as 'p95(Checkout) < 500ms', 'errors < 1%' or 'rps > 200'"
        }
    }
}
