// Where a value came from. Every effective setting carries one, so that "why is it 3?" has an
// answer, and every error about a value starts with one.

/// The place a value was written.
package enum Origin: Sendable, Equatable {
    /// A flag of the command line, as in `--workers`.
    case flag(String)
    /// A variable of the process environment, as in `LOADFLEET_WORKERS`.
    case variable(String)
    /// A position in an environment file; line and column count from 1.
    case file(path: String, line: Int, column: Int)
    /// Nobody wrote it: the built-in default.
    case builtIn

    /// The origin in words: `--workers`, `LOADFLEET_WORKERS`, `loadfleet.yaml:3:10`, `default`.
    package var text: String {
        switch self {
        case .flag(let name), .variable(let name): name
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .builtIn: "default"
        }
    }
}
