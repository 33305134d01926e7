// Reads one of AWS's shared files, line by line, the way all of AWS's SDKs agreed to read them.
//
// Four kinds of line: a heading in brackets, `key = value`, an indented line that continues the
// value above, and blanks or comments. What nobody can make sense of is an error with its line;
// headings and keys with impossible names are skipped, as the agreement has it.

/// A reader of one shared file.
struct ConfigParser {
    /// Which of the two files; they write the headings of profiles differently.
    enum Kind: Sendable { case config, credentials }

    private let file: String
    private let kind: Kind
    private var sections: [ConfigSection] = []
    private var position = Position.start
    private var line = 0

    /// Where the reader is: decides what an indented line means.
    private enum Position {
        case start
        /// Inside a section; `index` is nil when its heading was skipped.
        case section(index: Int?)
        /// Below a key; `key` is nil when it was skipped or its section was.
        case key(index: Int?, key: String?, nested: Bool)
    }

    private init(file: String, kind: Kind) {
        self.file = file
        self.kind = kind
    }

    /// The sections of a file's bytes; invalid UTF-8 is replaced.
    ///
    /// - Throws: ``AccessError`` of kind configuration, with the line.
    static func sections(
        of bytes: some Collection<UInt8>, file: String, kind: Kind
    ) throws(AccessError) -> [ConfigSection] {
        var parser = ConfigParser(file: file, kind: kind)
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            parser.line += 1
            var text = Substring(String(decoding: line, as: UTF8.self))
            if parser.line == 1, text.unicodeScalars.first == "\u{FEFF}" {
                text.unicodeScalars.removeFirst()
            }
            try parser.read(text)
        }
        return parser.sections
    }

    private mutating func read(_ text: Substring) throws(AccessError) {
        let content = text.trimmed
        guard let first = content.unicodeScalars.first, first != "#", first != ";" else { return }
        if first == "[", text.unicodeScalars.first == "[" {
            try readHeading(content)
        } else if text.unicodeScalars.first != first {
            try readContinuation(content)
        } else {
            try readKey(content)
        }
    }

    private func failure(_ problem: String) -> AccessError {
        AccessError(
            .configuration, "\(file):\(line): \(problem)",
            hint: "correct the line; `aws configure` writes these files, too")
    }
}

// MARK: - Lines

extension ConfigParser {
    private mutating func readHeading(_ content: String) throws(AccessError) {
        // A comment may follow the bracket directly here, unlike after values.
        let scalars = content.unicodeScalars
        let end = scalars.firstIndex { $0 == "#" || $0 == ";" } ?? scalars.endIndex
        let heading = content[..<end].trimmed
        guard heading.hasSuffix("]") else {
            throw failure("Profile definition must end with ']'")
        }
        guard let section = section(heading.dropFirst().dropLast().trimmed) else {
            position = .section(index: nil)
            return
        }
        sections.append(section)
        position = .section(index: sections.count - 1)
    }

    private mutating func readKey(_ content: String) throws(AccessError) {
        let text = Self.withoutComment(content)
        guard let equals = text.unicodeScalars.firstIndex(of: "=") else {
            throw failure("Expected an '=' sign defining a property")
        }
        let key = text[..<equals].trimmed.lowercased()
        let value = text[text.unicodeScalars.index(after: equals)...].trimmed
        guard !key.isEmpty else { throw failure("Property did not have a name") }
        let index: Int?
        switch position {
        case .start: throw failure("Expected a profile definition, found a property")
        case .section(let section), .key(let section, _, _): index = section
        }
        guard let index, Self.isName(key) else {
            position = .key(index: nil, key: nil, nested: value.isEmpty)
            return
        }
        let place = ConfigPlace(file: file, line: line)
        sections[index].values[key] = ConfigValue(text: value, place: place)
        position = .key(index: index, key: key, nested: value.isEmpty)
    }

    private mutating func readContinuation(_ content: String) throws(AccessError) {
        switch position {
        case .start:
            throw failure("Expected a profile definition, found continuation")
        case .section:
            throw failure("Expected a property definition, found continuation")
        case .key(let index, let key, let nested):
            if nested {
                guard let equals = content.unicodeScalars.firstIndex(of: "=") else {
                    throw failure("Expected an '=' sign defining a sub-property")
                }
                guard equals != content.unicodeScalars.startIndex else {
                    throw failure("Sub-property did not have a name")
                }
            }
            guard let index, let key else { return }
            sections[index].values[key]?.text += "\n" + content
        }
    }

    /// A value ends where white space and a comment sign follow it.
    private static func withoutComment(_ text: String) -> String {
        var afterSpace = false
        for index in text.unicodeScalars.indices {
            let scalar = text.unicodeScalars[index]
            if afterSpace, scalar == "#" || scalar == ";" {
                return text[..<index].trimmed
            }
            afterSpace = scalar.properties.isWhitespace
        }
        return text
    }
}

// MARK: - Headings

extension ConfigParser {
    /// The section a heading opens, or `nil` when the agreement says to skip it.
    private func section(_ heading: String) -> ConfigSection? {
        let scalars = heading.unicodeScalars
        guard let space = scalars.firstIndex(where: { $0.properties.isWhitespace }) else {
            // Without a word before it, a profile's name may stand alone only in the
            // credentials file, except for the default profile.
            guard kind == .credentials || heading == "default", Self.isName(heading) else {
                return nil
            }
            return ConfigSection(kind: .profile(prefixed: false), name: heading)
        }
        guard kind == .config, let name = Self.name(heading[space...].trimmed) else {
            return nil
        }
        switch heading[..<space] {
        case "profile": return ConfigSection(kind: .profile(prefixed: true), name: name)
        case "sso-session": return ConfigSection(kind: .ssoSession, name: name)
        case "services": return ConfigSection(kind: .services, name: name)
        default: return nil
        }
    }

    /// A name after `profile` and its like.
    ///
    /// Between quotes it may hold anything, since that is
    /// how the AWS command line writes names with spaces.
    private static func name(_ text: String) -> String? {
        if text.count > 2, let quote = text.first, quote == "\"" || quote == "'",
            text.last == quote
        {
            return String(text.dropFirst().dropLast())
        }
        return isName(text) ? text : nil
    }

    /// Letters, digits and `- _ / . % @ : +`.
    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_/.%@:+".utf8.contains(byte)
                }
            }
    }
}
