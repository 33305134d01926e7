// From written text to a typed value, for one value of one kind.
import Units

/// Why a text is not a value of its key's kind, before the place is known.
struct ValueProblem: Error {
    let problem: String
    let hint: String?
}

/// The folders that relative paths start from.
struct PathBases: Sendable {
    /// Where files to read are looked for: the folder of the environment file.
    let input: String
    /// Where folders to write are made: the working directory.
    let output: String
    /// What `~/` stands for; `nil` when the process has no home.
    let home: String?
}

extension Kind {
    /// The value that `text` states.
    func value(_ text: String, bases: PathBases) throws(ValueProblem) -> Value {
        switch self {
        case .text(let rule):
            guard rule.allows(text) else { throw unexpected(text) }
            return .text(text)
        case .choice(let words): return .text(try choice(text, of: words))
        case .count(let range):
            guard let count = Int(text), range.contains(count) else { throw unexpected(text) }
            return .count(count)
        case .boolean: return .boolean(try boolean(text))
        case .input: return .path(try path(text, base: bases.input, home: bases.home))
        case .output: return .path(try path(text, base: bases.output, home: bases.home))
        case .ports: return .ports(try ports(text))
        case .duration, .bytes, .percent, .dollars: return try quantity(text)
        case .list(let kind), .map(let kind): return try kind.value(text, bases: bases)
        }
    }

    private func quantity(_ text: String) throws(ValueProblem) -> Value {
        do throws(QuantityError) {
            switch self {
            case .duration(let range):
                let duration = try Quantity.duration(text)
                if range.contains(duration) { return .duration(duration) }
            case .bytes(let range):
                let bytes = try Quantity.bytes(text)
                if range.contains(bytes) { return .bytes(bytes) }
            case .percent: return .percent(try Quantity.percent(text))
            case .dollars: return .dollars(try Quantity.dollars(text))
            default: break
            }
        } catch {
            throw ValueProblem(problem: error.message, hint: error.hint)
        }
        throw unexpected(text)
    }

    private func choice(_ text: String, of words: [String]) throws(ValueProblem) -> String {
        if words.contains(text) { return text }
        let near = Suggestion.nearest(to: text, in: words)
        throw ValueProblem(
            problem: "expected \(expectation), found '\(text)'",
            hint: near.map { "did you mean '\($0)'?" })
    }

    private func boolean(_ text: String) throws(ValueProblem) -> Bool {
        switch text {
        case "true": return true
        case "false": return false
        default:
            let word = ["yes", "on", "1"].contains(text.lowercased()) ? "true" : "false"
            throw ValueProblem(
                problem: "expected true or false, found '\(text)'", hint: "write '\(word)'")
        }
    }

    private func ports(_ text: String) throws(ValueProblem) -> ClosedRange<UInt16> {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first > 0, first <= last
        else { throw unexpected(text) }
        return first...last
    }

    private func path(
        _ text: String, base: String, home: String?
    ) throws(ValueProblem) -> String {
        guard !text.isEmpty, !text.utf8.contains(0) else { throw unexpected(text) }
        guard text == "~" || text.hasPrefix("~/") else {
            return PathText.absolute(text, from: base)
        }
        guard let home else {
            throw ValueProblem(
                problem: "'~' means nothing without HOME", hint: "write the whole path")
        }
        return PathText.absolute(String(text.dropFirst(2)), from: home)
    }

    private func unexpected(_ text: String) -> ValueProblem {
        ValueProblem(problem: "expected \(expectation), found '\(text)'", hint: nil)
    }
}

/// Paths as text, without asking the file system.
enum PathText {
    /// `path` from the root, with `.` and `..` and doubled slashes resolved.
    static func absolute(_ path: String, from base: String) -> String {
        var parts: [Substring] = []
        for part in ((path.hasPrefix("/") ? "" : base + "/") + path).split(separator: "/") {
            switch part {
            case ".": break
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }
}
