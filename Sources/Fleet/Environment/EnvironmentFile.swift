// From a YAML file to assignments: which key gets which value, written where. Keys that do not
// exist, values of the wrong kind and groups in the wrong place all end here.
import Units

/// One key (or one entry of a map) set to one value in one place.
struct Assignment: Sendable {
    let key: Key
    /// The user's own name within a map: `threads` in `run.properties.threads`.
    let entry: String?
    let value: Value
    let origin: Origin
    /// Where each item of a list was written.
    var itemOrigins: [Origin] = []
}

/// Reads one environment file.
struct EnvironmentFile {
    static let maximumSize = 1 << 20

    let path: String
    let bases: PathBases

    /// The assignments of the file at `path`, in order.
    ///
    /// `path` is what messages show; relative, it starts at `directory`.
    static func read(
        _ path: String, directory: String, home: String?
    ) throws(EnvironmentError) -> [Assignment] {
        let absolute = PathText.absolute(path, from: directory)
        let bytes = try contents(of: absolute, named: path)
        let folder = PathText.absolute("..", from: absolute)
        let file = EnvironmentFile(
            path: path, bases: PathBases(input: folder, output: directory, home: home))
        guard let root = try YAMLReader.read(bytes, file: path), !root.isNull else { return [] }
        return try file.assignments(in: root, section: "")
    }

    private static func contents(
        of absolute: String, named path: String
    ) throws(EnvironmentError) -> [UInt8] {
        func unreadable(_ problem: String, _ hint: String) -> EnvironmentError {
            EnvironmentError(.unreadable, at: nil, problem: "\(path): \(problem)", hint: hint)
        }
        switch SmallFile.read(absolute, limit: maximumSize) {
        case .bytes(let bytes): return bytes
        case .missing:
            throw unreadable(
                "there is no such environment file", "check the path, or make one: loadfleet init")
        case .folder:
            throw unreadable("this is a folder, not an environment file", "name the file in it")
        case .tooLarge:
            throw unreadable(
                "larger than \(Quantity.text(bytes: Int64(maximumSize)))",
                "environment files are small; is this the right one?")
        case .refused(let reason):
            throw unreadable(
                "the environment file can't be read: \(reason)", "check its permissions")
        }
    }

    private func assignments(
        in node: YAMLNode, section: String
    ) throws(EnvironmentError) -> [Assignment] {
        guard !node.isNull else { return [] }
        guard case .mapping(let pairs) = node.content else {
            throw EnvironmentError(
                .value, at: node.origin, key: section.isEmpty ? nil : section,
                problem: "expected a group of keys, found \(node.noun)",
                hint: "write 'key: value', each on its own line")
        }
        var assignments: [Assignment] = []
        for pair in pairs {
            let path = section.isEmpty ? pair.name : "\(section).\(pair.name)"
            if let key = Key.at(path) {
                assignments += try self.assignments(of: pair.value, to: key)
            } else if Key.all.contains(where: { $0.path.hasPrefix(path + ".") }) {
                assignments += try self.assignments(in: pair.value, section: path)
            } else {
                throw unknown(pair, section: section)
            }
        }
        return assignments
    }

    private func assignments(
        of node: YAMLNode, to key: Key
    ) throws(EnvironmentError) -> [Assignment] {
        switch (key.kind, node.content) {
        case (.map(let kind), .mapping(let pairs)):
            var entries: [Assignment] = []
            for pair in pairs {
                let path = "\(key.path).\(pair.name)"
                let value = try single(pair.value, kind: kind, path: path)
                entries.append(
                    Assignment(key: key, entry: pair.name, value: value, origin: pair.value.origin))
            }
            return entries
        case (.map, .scalar) where node.isNull: return []
        case (.list(let kind), .sequence(let items)):
            var values: [Value] = []
            for item in items { values.append(try single(item, kind: kind, path: key.path)) }
            return [
                Assignment(
                    key: key, entry: nil, value: .list(values), origin: node.origin,
                    itemOrigins: items.map(\.origin))
            ]
        case (.list, _), (.map, _): throw unexpected(node, kind: key.kind, path: key.path)
        default:
            let value = try single(node, kind: key.kind, path: key.path)
            return [Assignment(key: key, entry: nil, value: value, origin: node.origin)]
        }
    }

    private func single(
        _ node: YAMLNode, kind: Kind, path: String
    ) throws(EnvironmentError) -> Value {
        guard case .scalar(let text, _) = node.content, !node.isNull else {
            throw unexpected(node, kind: kind, path: path)
        }
        do throws(ValueProblem) {
            return try kind.value(text, bases: bases)
        } catch {
            throw EnvironmentError(
                .value, at: node.origin, key: path, problem: error.problem, hint: error.hint)
        }
    }

    private func unexpected(_ node: YAMLNode, kind: Kind, path: String) -> EnvironmentError {
        EnvironmentError(
            .value, at: node.origin, key: path,
            problem: "expected \(kind.expectation), found \(node.noun)",
            hint: "give it a value, or remove the line")
    }

    private func unknown(_ pair: YAMLNode.Pair, section: String) -> EnvironmentError {
        EnvironmentError(
            .unknownKey, at: pair.nameOrigin,
            key: section.isEmpty ? pair.name : "\(section).\(pair.name)",
            problem: "there is no such key",
            hint: KeySuggestion.hint(for: pair.name, section: section))
    }
}
