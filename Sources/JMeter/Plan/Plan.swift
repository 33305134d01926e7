// A JMeter test plan, read and checked, and kept as its owner wrote it.
//
// libxml2 judges the XML; a small scanner of our own adds the byte range of every tag. All later
// changes are edits of byte ranges, so that what needn't change stays identical to the byte.
import FoundationEssentials

/// A test plan (`.jmx`).
package struct Plan: Sendable {
    /// The file's name, as the user gave it.
    package let path: String
    /// The file, untouched.
    package let bytes: [UInt8]
    let document: PlanDocument

    /// Reads the plan at `path`.
    ///
    /// - Throws: ``JMeterError`` of cause `plan` when the file can't be read, isn't well-formed
    ///   XML, or isn't a JMeter test plan.
    package init(contentsOf path: String) throws(JMeterError) {
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            let exists = FileManager.default.fileExists(atPath: path)
            throw JMeterError(
                .plan, exists ? "the plan can't be read" : "there is no such plan", file: path,
                hint: exists ? "is it a file you may read?" : "give the path of a .jmx file")
        }
        try self.init(bytes, path: path)
    }

    /// Reads a plan from memory; `path` is for messages and for finding data files.
    ///
    /// - Throws: ``JMeterError`` of cause `plan`.
    package init(_ bytes: [UInt8], path: String) throws(JMeterError) {
        guard !bytes.isEmpty else {
            throw JMeterError(
                .plan, "the plan is empty", file: path, hint: "save it again in JMeter")
        }
        if bytes.prefix(4).contains(0) || bytes.starts(with: [0xFF, 0xFE])
            || bytes.starts(with: [0xFE, 0xFF])
        {
            throw JMeterError(
                .plan, "the plan is in UTF-16 or no text at all", file: path,
                hint: "save it as UTF-8, as JMeter does")
        }
        do throws(XMLFault) {
            document = try PlanDocument(bytes)
        } catch {
            throw JMeterError(
                .plan, "not a usable plan: \(error.what)", file: path, line: error.line,
                hint: "open it in JMeter and save it again")
        }
        self.path = path
        self.bytes = bytes
    }

    /// Checks that `installation` has the class of every element.
    ///
    /// - Throws: ``JMeterError`` of cause `unknownClass`, with class and line.
    package func check(against installation: JMeterInstallation) throws(JMeterError) {
        var lines: [String: Int] = [:]
        for element in document.elements {
            for name in [document.nodes[element.node].name, element.className]
            where lines[name] == nil {
                lines[name] = element.line
            }
        }
        let missing = try installation.missingClasses(among: Set(lines.keys))
        guard let first = missing.min(by: { (lines[$0] ?? 0, $0) < (lines[$1] ?? 0, $1) }) else {
            return
        }
        throw JMeterError(
            .unknownClass, "JMeter \(installation.version) has no class \(first)", file: path,
            line: lines[first],
            hint: "put the plug-in's jar into \(installation.home)/lib/ext, or remove the element")
    }

    /// The thread groups, with their numbers resolved.
    ///
    /// - Throws: ``JMeterError`` of cause `unresolved` when a number can't be known.
    package func threadGroups(
        properties: [String: String]
    ) throws(JMeterError) -> [ThreadGroup] {
        let values = try resolvedValues(properties: properties).filter {
            $0.value.rule == .threads
        }
        return document.groupIndices.map { index in
            let element = document.elements[index]
            let own = values.filter { $0.value.element == index }
            let kind = document.groupKind(of: index)
            return ThreadGroup(
                name: element.name, className: element.className, kind: kind, line: element.line,
                isEnabled: element.isEnabled,
                expression: document.sharedValues(of: index).first?.property.text ?? "",
                threads: kind == .arrivals || !element.isEnabled
                    ? nil : own.reduce(0) { $0 + $1.count })
        }
    }
}
