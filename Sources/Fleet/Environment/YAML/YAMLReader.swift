// Builds the tree of one document and holds it to limits: a file a person wrote is small, flat
// and without tricks. An alias costs as much as what it repeats, so a file that unfolds to
// millions of nodes ("billion laughs") is refused before it takes memory.

/// Reads one YAML document.
struct YAMLReader: ~Copyable {
    static let maximumDepth = 16
    static let maximumNodes = 20_000

    private var parser: YAMLParser
    private let bytes: [UInt8]
    private let file: String
    private var anchors: [String: YAMLNode] = [:]
    private var nodes = 0

    /// The document in `bytes`, or `nil` when there is nothing but blanks and comments.
    static func read(_ bytes: [UInt8], file: String) throws(EnvironmentError) -> YAMLNode? {
        try requireUTF8(bytes, file: file)
        var reader = YAMLReader(bytes, file: file)
        return try reader.document()
    }

    private init(_ bytes: [UInt8], file: String) {
        parser = YAMLParser(bytes)
        self.bytes = bytes
        self.file = file
    }

    private mutating func document() throws(EnvironmentError) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let event = try next()
            switch event.kind {
            case .streamEnd: return root
            case .documentStart:
                guard root == nil else {
                    throw error(
                        "a second document starts here", at: event, hint: "remove the '---'")
                }
                root = try node(try next(), depth: 1)
            default: break
            }
        }
    }

    private mutating func node(
        _ event: YAMLEvent, depth: Int
    ) throws(EnvironmentError) -> YAMLNode {
        if let tag = event.tag {
            throw error("tags such as '\(tag)' are not supported", at: event, hint: "remove it")
        }
        guard depth <= Self.maximumDepth else {
            throw error("nested deeper than \(Self.maximumDepth) levels", at: event)
        }
        if case .alias(let name) = event.kind { return try repetition(of: name, at: event) }
        try count(1, at: event)
        let before = nodes
        let content = try content(of: event, depth: depth)
        let node = YAMLNode(
            content: content, origin: origin(event), weight: nodes - before + 1)
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
    }

    private mutating func content(
        of event: YAMLEvent, depth: Int
    ) throws(EnvironmentError) -> YAMLNode.Content {
        switch event.kind {
        case .scalar(let text, let isPlain):
            return .scalar(text, isPlain: isPlain)
        case .sequenceStart:
            var items: [YAMLNode] = []
            while true {
                let event = try next()
                if case .end = event.kind { break }
                items.append(try node(event, depth: depth + 1))
            }
            return .sequence(items)
        case .mappingStart:
            return .mapping(try pairs(depth: depth))
        default:
            throw error("this can't be read", at: event)
        }
    }

    private mutating func pairs(depth: Int) throws(EnvironmentError) -> [YAMLNode.Pair] {
        var pairs: [YAMLNode.Pair] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try next()
            if case .end = event.kind { return pairs }
            guard case .scalar(let name, _) = event.kind else {
                throw error("a key must be plain text", at: event)
            }
            if let line = lines[name] {
                throw EnvironmentError(
                    .duplicateKey, at: origin(event), key: name,
                    problem: "this key stands in line \(line) already", hint: "keep one of the two")
            }
            lines[name] = event.line
            try count(1, at: event)
            pairs.append(
                .init(
                    name: name, nameOrigin: origin(event),
                    value: try node(try next(), depth: depth + 1)))
        }
    }

    private mutating func repetition(
        of name: String, at event: YAMLEvent
    ) throws(EnvironmentError) -> YAMLNode {
        guard let node = anchors[name] else {
            throw error("nothing above is named '&\(name)'", at: event)
        }
        try count(node.weight, at: event)
        return node
    }

    private mutating func count(_ weight: Int, at event: YAMLEvent) throws(EnvironmentError) {
        nodes += weight
        guard nodes <= Self.maximumNodes else {
            throw error(
                "the file unfolds to more than \(Self.maximumNodes) values", at: event,
                hint: "use fewer aliases (*name)")
        }
    }
}

// MARK: - Errors

extension YAMLReader {
    private mutating func next() throws(EnvironmentError) -> YAMLEvent {
        do {
            return try parser.next()
        } catch {
            throw syntax(error)
        }
    }

    /// libyaml's words, with those replaced that say nothing to the author of the file.
    private func syntax(_ failure: YAMLSyntaxError) -> EnvironmentError {
        let line =
            bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .dropFirst(failure.line - 1).first ?? []
        let origin = Origin.file(path: file, line: failure.line, column: failure.column)
        let blanks = line.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        if blanks.contains(UInt8(ascii: "\t")) {
            return EnvironmentError(
                .syntax, at: origin, problem: "a tab can't indent YAML", hint: "use spaces")
        }
        let hint =
            switch failure.problem {
            case "mapping values are not allowed in this context":
                "check the indentation, or put the value in quotes if it holds ': '"
            case "found character that cannot start any token": "put the value in quotes"
            default: "check the indentation and the quotes in this line and the one above"
            }
        return EnvironmentError(
            .syntax, at: origin, problem: "this is not YAML: \(failure.problem)", hint: hint)
    }

    private func origin(_ event: YAMLEvent) -> Origin {
        .file(path: file, line: event.line, column: event.column)
    }

    private func error(
        _ problem: String, at event: YAMLEvent, hint: String? = nil
    ) -> EnvironmentError {
        EnvironmentError(.syntax, at: origin(event), problem: problem, hint: hint)
    }

    /// Refuses bytes that are not UTF-8, with their position, before libyaml sees them.
    private static func requireUTF8(_ bytes: [UInt8], file: String) throws(EnvironmentError) {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var line = 1
        var column = 1
        while true {
            switch decoder.decode(&iterator) {
            case .emptyInput: return
            case .scalarValue("\n"): (line, column) = (line + 1, 1)
            case .scalarValue: column += 1
            case .error:
                throw EnvironmentError(
                    .syntax, at: .file(path: file, line: line, column: column),
                    problem: "this is not UTF-8 text", hint: "save the file as UTF-8")
            }
        }
    }
}
