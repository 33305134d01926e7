// libxml2's reading of a file: is it well-formed, and what are its elements?
//
// The document lives only inside `read`; what leaves it are Swift values. Nothing is fetched, no
// entity is expanded, and a file with a DOCTYPE is refused, since JMeter never writes one.
import CLibXML2

/// One element as libxml2 sees it.
struct XMLElement {
    /// The tag's name.
    let name: String
    /// The attributes, with references resolved.
    let attributes: [String: String]
    /// Text and CDATA directly inside, joined.
    let text: String
    /// The index of the element it stands in; nil for the root.
    let parent: Int?
}

/// What is wrong with a file that should be XML.
struct XMLFault: Error {
    /// libxml2's own words, without a full stop.
    let what: String
    /// From 1; nil if unknown.
    let line: Int?
}

/// The first error of one reading; alive for as long as its parser.
private final class FirstFault {
    var fault: XMLFault?
}

/// Reading with libxml2.
enum XMLTree {
    /// All elements of `bytes` in document order.
    static func read(_ bytes: [UInt8]) throws(XMLFault) -> [XMLElement] {
        guard let context = xmlNewParserCtxt() else { throw XMLFault(what: "no memory", line: nil) }
        defer { xmlFreeParserCtxt(context) }
        // libxml2 keeps only the last error; the first is the one that explains the others.
        let first = FirstFault()
        context.pointee._private = Unmanaged.passUnretained(first).toOpaque()
        context.pointee.sax.pointee.serror = { context, error in
            guard let error,
                let box = context?.assumingMemoryBound(to: xmlParserCtxt.self).pointee._private
            else { return }
            let first = Unmanaged<FirstFault>.fromOpaque(box).takeUnretainedValue()
            // Warnings say nothing about whether the file is well-formed.
            guard first.fault == nil, error.pointee.level != XML_ERR_WARNING else { return }
            first.fault = XMLTree.fault(error.pointee)
        }
        let options =
            XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue
            | XML_PARSE_NOWARNING.rawValue
        let document = bytes.withUnsafeBytes { buffer in
            xmlCtxtReadMemory(
                context, buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(clamping: buffer.count), nil, nil, Int32(options))
        }
        guard let document else {
            throw first.fault ?? XMLFault(what: "not readable as XML", line: nil)
        }
        defer { xmlFreeDoc(document) }
        guard xmlGetIntSubset(document) == nil else {
            throw XMLFault(what: "a DOCTYPE, which JMeter plans don't have", line: nil)
        }
        var elements: [XMLElement] = []
        if let root = xmlDocGetRootElement(document) {
            append(root, parent: nil, to: &elements)
        }
        return elements
    }

    private static func fault(_ error: xmlError) -> XMLFault {
        let text = error.message.map { String(cString: $0) } ?? "not readable as XML"
        let words = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return XMLFault(what: words, line: error.line > 0 ? Int(error.line) : nil)
    }

    // Recursion is safe: libxml2 itself refuses more than 256 levels.
    private static func append(_ node: xmlNodePtr, parent: Int?, to elements: inout [XMLElement]) {
        let index = elements.count
        elements.append(
            XMLElement(
                name: String(cString: node.pointee.name), attributes: attributes(of: node),
                text: text(under: node.pointee.children), parent: parent))
        var child = node.pointee.children
        while let next = child {
            if next.pointee.type == XML_ELEMENT_NODE { append(next, parent: index, to: &elements) }
            child = next.pointee.next
        }
    }

    private static func attributes(of node: xmlNodePtr) -> [String: String] {
        var result: [String: String] = [:]
        var attribute = node.pointee.properties
        while let next = attribute {
            result[String(cString: next.pointee.name)] = text(under: next.pointee.children)
            attribute = next.pointee.next
        }
        return result
    }

    private static func text(under first: xmlNodePtr?) -> String {
        var result = ""
        var node = first
        while let next = node {
            let type = next.pointee.type
            if type == XML_TEXT_NODE || type == XML_CDATA_SECTION_NODE,
                let content = next.pointee.content
            {
                result += String(cString: content)
            }
            node = next.pointee.next
        }
        return result
    }
}
