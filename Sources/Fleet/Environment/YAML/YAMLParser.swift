// Owns libyaml's parser (https://pyyaml.org/wiki/LibYAML) and hands out its events as Swift
// values. Nothing here decides what a document may contain; `YAMLReader` does.
import CLibYAML

/// One event of libyaml, copied out of C memory.
struct YAMLEvent {
    enum Kind {
        case streamEnd
        case documentStart
        case scalar(String, isPlain: Bool)
        case sequenceStart
        case mappingStart
        case end
        case alias(String)
        case other
    }

    let kind: Kind
    let anchor: String?
    let tag: String?
    /// Counted from 1.
    let line: Int
    /// Counted from 1, in characters.
    let column: Int
}

/// Where and why libyaml gave up.
struct YAMLSyntaxError: Error {
    let problem: String
    let line: Int
    let column: Int
}

/// A parser over bytes in memory.
struct YAMLParser: ~Copyable {
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    /// A parser of UTF-8 text.
    init(_ text: [UInt8]) {
        bytes = .allocate(capacity: max(1, text.count))
        _ = bytes.initialize(from: text)
        // Fails only without memory; parsing then reports an error of its own.
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        bytes.deallocate()
    }

    /// The next event.
    mutating func next() throws(YAMLSyntaxError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else {
            let mark = parser.pointee.problem_mark
            let problem = parser.pointee.problem.map { String(cString: $0) }
            throw YAMLSyntaxError(
                problem: problem ?? "out of memory", line: Int(mark.line) + 1,
                column: Int(mark.column) + 1)
        }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(event)
    }
}

extension YAMLEvent {
    fileprivate init(_ event: yaml_event_t) {
        line = Int(event.start_mark.line) + 1
        column = Int(event.start_mark.column) + 1
        var anchor: UnsafeMutablePointer<yaml_char_t>?
        var tag: UnsafeMutablePointer<yaml_char_t>?
        switch event.type {
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            (anchor, tag) = (scalar.anchor, scalar.tag)
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            kind = .scalar(
                String(decoding: bytes, as: UTF8.self),
                isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_SEQUENCE_START_EVENT:
            (anchor, tag) = (event.data.sequence_start.anchor, event.data.sequence_start.tag)
            kind = .sequenceStart
        case YAML_MAPPING_START_EVENT:
            (anchor, tag) = (event.data.mapping_start.anchor, event.data.mapping_start.tag)
            kind = .mappingStart
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .end
        case YAML_ALIAS_EVENT:
            kind = .alias(event.data.alias.anchor.map { String(cString: $0) } ?? "")
        default: kind = .other
        }
        self.anchor = anchor.map { String(cString: $0) }
        self.tag = tag.map { String(cString: $0) }
    }
}
