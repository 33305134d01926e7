// The layers that are not files: built-in defaults, variables, flags; and which files there are.
import FoundationEssentials
import Units

extension SettingSources {
    /// The environment files that exist, weakest first.
    func files() throws(EnvironmentError) -> [String] {
        var files: [String] = []
        let user = userFolder(variable: "XDG_CONFIG_HOME", fallback: ".config")
        let optional = [user.map { "\($0)/loadfleet/config.yaml" }, "loadfleet.yaml"]
        for case let path? in optional {
            let absolute = PathText.absolute(path, from: directory)
            if FileManager.default.fileExists(atPath: absolute) { files.append(path) }
        }
        let named = file ?? variables["LOADFLEET_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        if let named {
            // Named and found by itself, a file is still one layer.
            let absolute = PathText.absolute(named, from: directory)
            files.removeAll { PathText.absolute($0, from: directory) == absolute }
            files.append(named)
        }
        return files
    }

    /// The defaults of the table, and those that depend on the machine.
    func builtIn() throws(EnvironmentError) -> [Assignment] {
        var assignments: [Assignment] = []
        for key in Key.all {
            if let text = key.fallback {
                assignments.append(try assignment(key, text: text, origin: .builtIn))
            }
        }
        let state = userFolder(variable: "XDG_STATE_HOME", fallback: ".local/state")
        if let state, let key = Key.at("local.store") {
            assignments.append(
                try assignment(key, text: "\(state)/loadfleet", origin: .builtIn))
        }
        return assignments
    }

    /// The `LOADFLEET_` variables that name a key; an empty one counts as not set.
    ///
    /// Items of a list are separated by `;`, and so are the `name=value` entries of a map.
    func fromVariables() throws(EnvironmentError) -> [Assignment] {
        var assignments: [Assignment] = []
        for key in Key.all {
            guard let text = variables[key.variable], !text.isEmpty else { continue }
            let origin = Origin.variable(key.variable)
            let items = text.split(separator: ";").map { item in
                String(
                    item.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace)
                        .reversed())
            }
            switch key.kind {
            case .list: assignments.append(try list(key, items: items, origin: origin))
            case .map:
                for item in items {
                    assignments.append(try entry(key, text: item, origin: origin))
                }
            default: assignments.append(try assignment(key, text: text, origin: origin))
            }
        }
        return assignments
    }

    /// The flags; one given again replaces itself, or adds an item to a list.
    func fromFlags() throws(EnvironmentError) -> [Assignment] {
        var assignments: [Assignment] = []
        var lists: [String: (key: Key, items: [String], origin: Origin)] = [:]
        for flag in flags {
            guard let key = Key.at(flag.path) else {
                preconditionFailure("the flag \(flag.name) sets '\(flag.path)', which is no key")
            }
            let origin = Origin.flag(flag.name)
            switch (key.kind, flag.entry) {
            case (.list, _):
                lists[key.path, default: (key, [], origin)].items.append(flag.text)
            case (.map, nil): assignments.append(try entry(key, text: flag.text, origin: origin))
            default:
                assignments.append(
                    try assignment(key, entry: flag.entry, text: flag.text, origin: origin))
            }
        }
        for (key, items, origin) in lists.values {
            assignments.append(try list(key, items: items, origin: origin))
        }
        return assignments
    }

    /// One line for each `LOADFLEET_` variable that nothing reads.
    func unknownVariables() -> [String] {
        let known = Key.all.map(\.variable) + ["LOADFLEET_CONFIG"]
        // These belong to the scripts that build loadfleet and fetch JMeter, and to servers that
        // results are sent to.
        let foreign = [
            "LOADFLEET_DOWNLOADS", "LOADFLEET_FLEET", "LOADFLEET_JMETER_URL",
            "LOADFLEET_JMETER_SHA512",
            "LOADFLEET_JMETER_WHEEL", "LOADFLEET_JMETER_WHEEL_SHA256", "LOADFLEET_STRICT",
            "LOADFLEET_OPENSEARCH_USER", "LOADFLEET_OPENSEARCH_PASSWORD",
            "LOADFLEET_OPENSEARCH_TOKEN", "LOADFLEET_PUSHGATEWAY_USER",
            "LOADFLEET_PUSHGATEWAY_PASSWORD", "LOADFLEET_PUSHGATEWAY_TOKEN",
            "LOADFLEET_INFLUX_USER", "LOADFLEET_INFLUX_PASSWORD", "LOADFLEET_INFLUX_TOKEN",
            "LOADFLEET_NOTIFY_SLACK", "LOADFLEET_NOTIFY_WEBHOOK",
        ]
        return variables.keys.sorted()
            .filter { $0.hasPrefix("LOADFLEET_") && !known.contains($0) && !foreign.contains($0) }
            .map { name in
                let near = Suggestion.nearest(to: name, in: known)
                return "the variable \(name) is not known and has no effect"
                    + (near.map { "; did you mean \($0)?" } ?? "")
            }
    }

    // MARK: - One assignment

    private func list(
        _ key: Key, items: [String], origin: Origin
    ) throws(EnvironmentError) -> Assignment {
        var values: [Value] = []
        for item in items {
            values.append(try assignment(key, text: item, origin: origin).value)
        }
        return Assignment(
            key: key, entry: nil, value: .list(values), origin: origin,
            itemOrigins: items.map { _ in origin })
    }

    private func entry(
        _ key: Key, text: String, origin: Origin
    ) throws(EnvironmentError) -> Assignment {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw EnvironmentError(
                .value, at: origin, key: key.path, problem: "expected name=value, found '\(text)'",
                hint: "put a '=' between the name and \(key.kind.single.expectation)")
        }
        return try assignment(key, entry: String(parts[0]), text: String(parts[1]), origin: origin)
    }

    private func assignment(
        _ key: Key, entry: String? = nil, text: String, origin: Origin
    ) throws(EnvironmentError) -> Assignment {
        let bases = PathBases(input: directory, output: directory, home: home)
        do throws(ValueProblem) {
            let value = try key.kind.single.value(text, bases: bases)
            return Assignment(key: key, entry: entry, value: value, origin: origin)
        } catch {
            throw EnvironmentError(
                .value, at: origin, key: entry.map { "\(key.path).\($0)" } ?? key.path,
                problem: error.problem, hint: error.hint)
        }
    }
}
