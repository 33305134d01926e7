// One element of an XML answer, read with libxml2.
//
// The C document lives only inside `read`; what leaves it are Swift values. Namespaces and
// attributes are dropped, since none of the answers we read says anything with them. Nothing is
// fetched, no entity is expanded, and an answer with a DOCTYPE (a proxy's HTML, mostly) is refused.

internal import CLibXML2

/// An element of an XML answer.
package struct XMLNode: Sendable, Equatable {
    /// The tag's name without its prefix.
    let name: String
    /// Text and CDATA directly inside, joined, as it stands.
    let text: String
    /// The elements inside, in order.
    let children: [XMLNode]

    /// The first element of a name inside this one.
    func child(_ name: String) -> XMLNode? { children.first { $0.name == name } }

    /// All elements of a name inside this one: a flattened list.
    func all(_ name: String) -> [XMLNode] { children.filter { $0.name == name } }

    /// The items of a list with an element of its own around them; none when it is absent.
    func items(_ name: String, item: String) -> [XMLNode] { child(name)?.all(item) ?? [] }
}

extension XMLNode {
    /// The root element of an answer.
    ///
    /// - Throws: ``AnswerFault`` with libxml2's words when the bytes are not whole XML.
    static func read(_ bytes: [UInt8]) throws(AnswerFault) -> XMLNode {
        guard let context = xmlNewParserCtxt() else { throw AnswerFault("no memory for XML") }
        defer { xmlFreeParserCtxt(context) }
        let options =
            XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
        let document = bytes.withUnsafeBytes { buffer in
            xmlCtxtReadMemory(
                context, buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(clamping: buffer.count), nil, nil, Int32(options))
        }
        guard let document else { throw fault(of: context) }
        defer { xmlFreeDoc(document) }
        guard xmlGetIntSubset(document) == nil,
            let root = xmlDocGetRootElement(document).map(node), root.name != "html"
        else { throw AnswerFault("not the XML of an AWS service") }
        return root
    }

    private static func fault(of context: xmlParserCtxtPtr) -> AnswerFault {
        guard let error = xmlCtxtGetLastError(context), let text = error.pointee.message else {
            return AnswerFault("not XML")
        }
        let words = String(cString: text).split(whereSeparator: \.isNewline).joined(separator: " ")
        return AnswerFault("not whole XML: \(words)")
    }

    // Recursion is safe: libxml2 itself refuses more than 256 levels.
    private static func node(_ pointer: xmlNodePtr) -> XMLNode {
        var text = ""
        var children: [XMLNode] = []
        var next = pointer.pointee.children
        while let child = next {
            switch child.pointee.type {
            case XML_ELEMENT_NODE: children.append(node(child))
            case XML_TEXT_NODE, XML_CDATA_SECTION_NODE:
                if let content = child.pointee.content { text += String(cString: content) }
            default: break
            }
            next = child.pointee.next
        }
        return XMLNode(
            name: String(cString: pointer.pointee.name), text: text, children: children)
    }
}

extension XMLNode {
    /// An element with nothing inside.
    static func empty(_ name: String) -> XMLNode { XMLNode(name: name, text: "", children: []) }

    /// Reads the items of a list with an element of its own around them.
    func list<Item>(
        _ name: String, item: String = "item", _ read: (XMLNode) throws(AnswerFault) -> Item
    ) throws(AnswerFault) -> [Item] {
        var result: [Item] = []
        for node in items(name, item: item) { result.append(try read(node)) }
        return result
    }

    /// The texts of a list with an element of its own around them.
    func texts(_ name: String, item: String = "item") -> [String] {
        items(name, item: item).map(\.text)
    }

    /// Reads a structure; `nil` when it is absent.
    func part<Part>(
        _ name: String, _ read: (XMLNode) throws(AnswerFault) -> Part
    ) throws(AnswerFault) -> Part? {
        guard let node = child(name) else { return nil }
        return try read(node)
    }
}
