// The elements of a plan: libxml2's values joined with the byte ranges of our scanner.
//
// A JMeter plan is a tree written sideways: each test element is followed by a `hashTree` that
// holds its children. Here that becomes a list of test elements, each knowing its parent.

/// One XML element of a plan.
struct PlanNode {
    let name: String
    let attributes: [String: String]
    let text: String
    let parent: Int?
    let ranges: ElementRanges
    var children: [Int] = []
}

/// One test element: a sampler, controller, timer or thread group.
struct TestElement {
    /// Its XML element.
    let node: Int
    /// The class without its package, as in `ThreadGroup`.
    let kind: String
    /// The class as written.
    let className: String
    /// The name its owner gave it.
    let name: String
    /// The plan's line, from 1.
    let line: Int
    /// Whether it and all it stands in are enabled.
    let isEnabled: Bool
    /// The index of the thread group it stands in, or is.
    let group: Int?
}

/// A plan's XML, with everything needed to edit it in place.
struct PlanDocument {
    private(set) var nodes: [PlanNode] = []
    private(set) var elements: [TestElement] = []

    init(_ bytes: [UInt8]) throws(XMLFault) {
        let judged = Self.withoutControlReferences(bytes)
        let tree = try XMLTree.read(judged)
        guard let ranges = TagScanner.elements(in: judged), ranges.count == tree.count else {
            throw XMLFault(what: "tags that can't be told apart", line: nil)
        }
        for (element, ranges) in zip(tree, ranges) {
            if let parent = element.parent { nodes[parent].children.append(nodes.count) }
            nodes.append(
                PlanNode(
                    name: element.name, attributes: element.attributes, text: element.text,
                    parent: element.parent, ranges: ranges))
        }
        guard nodes.first?.name == "jmeterTestPlan" else {
            let name = nodes.first.map { "<\($0.name)>" } ?? "nothing"
            throw XMLFault(what: "not a JMeter test plan: it holds \(name)", line: nil)
        }
        for tree in nodes[0].children where nodes[tree].name == "hashTree" {
            collect(tree, isEnabled: true, group: nil)
        }
    }

    private mutating func collect(_ tree: Int, isEnabled: Bool, group: Int?) {
        var owner: (isEnabled: Bool, group: Int?) = (isEnabled, group)
        for child in nodes[tree].children {
            let node = nodes[child]
            if node.name == "hashTree" {
                collect(child, isEnabled: owner.isEnabled, group: owner.group)
                continue
            }
            let className = node.attributes["testclass"] ?? node.name
            let kind = className.split(separator: ".").last.map(String.init) ?? className
            let isOn = isEnabled && node.attributes["enabled"] != "false"
            owner = (isOn, kind.hasSuffix("ThreadGroup") ? elements.count : group)
            elements.append(
                TestElement(
                    node: child, kind: kind, className: className,
                    name: node.attributes["testname"] ?? "", line: node.ranges.line,
                    isEnabled: isOn, group: owner.group))
        }
    }

    /// The same bytes with references to characters that XML forbids (`&#x1;`) masked.
    ///
    /// JMeter writes and reads such references; libxml2 refuses them. The mask has the same
    /// length, so byte positions stay true.
    private static func withoutControlReferences(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        var index = 0
        while let start = bytes[index...].firstIndex(of: UInt8(ascii: "&")) {
            index = start + 1
            guard bytes[index...].first == UInt8(ascii: "#"),
                let end = bytes[index...].prefix(12).firstIndex(of: UInt8(ascii: ";"))
            else { continue }
            let digits = String(decoding: bytes[start + 2..<end], as: UTF8.self)
            let value = digits.hasPrefix("x") ? Int(digits.dropFirst(), radix: 16) : Int(digits)
            guard let value, isForbidden(value) else { continue }
            for position in start...end { result[position] = UInt8(ascii: "?") }
        }
        return result
    }

    private static func isForbidden(_ scalar: Int) -> Bool {
        switch scalar {
        case 0x9, 0xA, 0xD: false
        case ..<0x20, 0xD800...0xDFFF, 0xFFFE, 0xFFFF: true
        default: false
        }
    }
}

extension PlanDocument {
    /// The `hashTree` that holds what stands in the test plan; nil when nothing does.
    var planTree: Int? {
        guard let plan = elements.first(where: { $0.kind == "TestPlan" }),
            let parent = nodes[plan.node].parent,
            let tree = nodes[parent].children.first(where: {
                $0 > plan.node && nodes[$0].name == "hashTree"
            })
        else { return nil }
        return nodes[tree].ranges.isSelfClosing ? nil : tree
    }
}

// MARK: - Properties

extension PlanDocument {
    /// The value of a property and the XML element that holds it.
    struct Property {
        /// The element to edit: its content is the value.
        let value: Int
        /// The element of the property as a whole; the same, but for `<doubleProp>`.
        let whole: Int
        /// The value as written, before any expression is resolved.
        let text: String
    }

    /// The property `name` of an element, in whatever form JMeter wrote it.
    func property(_ name: String, of node: Int) -> Property? {
        for child in nodes[node].children {
            if nodes[child].attributes["name"] == name {
                return Property(value: child, whole: child, text: nodes[child].text)
            }
            // <doubleProp><name>throughput</name><value>60.0</value></doubleProp>
            let parts = nodes[child].children
            if parts.contains(where: { nodes[$0].name == "name" && nodes[$0].text == name }),
                let value = parts.first(where: { nodes[$0].name == "value" })
            {
                return Property(value: value, whole: child, text: nodes[value].text)
            }
        }
        return nil
    }

    /// The property as text; empty when it is absent.
    func text(_ name: String, of node: Int) -> String {
        property(name, of: node)?.text ?? ""
    }

    /// The rows of a table property, each with its XML element and its cells by position.
    ///
    /// Names of rows and cells are hash codes that may repeat, so only positions count.
    func rows(_ name: String, of node: Int) -> [(node: Int, cells: [Property])] {
        guard let table = property(name, of: node) else { return [] }
        return nodes[table.whole].children.map { row in
            let cells = nodes[row].children.map {
                Property(value: $0, whole: $0, text: nodes[$0].text)
            }
            return (row, cells)
        }
    }
}
