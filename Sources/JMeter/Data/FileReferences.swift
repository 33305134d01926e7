// Where a plan names files that must be there when it runs.

/// One place in a plan that names a file.
struct FileReference {
    /// The name with all expressions replaced.
    let name: String
    /// The property that can be edited; nil when the name stands inside a function call.
    let property: PlanDocument.Property?
    /// The test element's index.
    let element: Int
    /// How the file is read, if a CSV Data Set reads it.
    let csv: DataFile.CSV?
    /// Whether splitting it by bytes is safe: not in UTF-16 or UTF-32.
    let isByteText: Bool
}

extension Plan {
    /// A reference before its expressions are resolved.
    private struct Mention {
        let text: String
        let property: PlanDocument.Property?
        let element: Int
        /// Without this file nothing runs, so its name must be known; others may vary by sample.
        let isRequired: Bool
    }

    /// All references whose names can be known before the run.
    func fileReferences(properties: [String: String]) -> [FileReference] {
        let resolver = resolver(properties: properties)
        return mentions().compactMap { mention in
            guard let name = try? resolver.resolve(mention.text), !name.isEmpty else { return nil }
            return reference(mention, name: name, resolver)
        }
    }

    /// The same, but a name that must be known and can't be is an error.
    ///
    /// - Throws: ``JMeterError`` of cause `unresolved` or `data`.
    func checkedFileReferences(
        properties: [String: String]
    ) throws(JMeterError) -> [FileReference] {
        let resolver = resolver(properties: properties)
        for mention in mentions() {
            let element = document.elements[mention.element]
            let what = "\(element.kind) '\(element.name)'"
            do throws(UnresolvedReason) {
                guard try resolver.resolve(mention.text).isEmpty, mention.isRequired else {
                    continue
                }
            } catch {
                if case .property = error {} else if !mention.isRequired { continue }
                throw JMeterError(
                    .unresolved,
                    "\(what): the file name \(mention.text) can't be known before the "
                        + "run, because \(error.text)", file: path, line: element.line,
                    hint: error.hint)
            }
            throw JMeterError(
                .data, "\(what) names no file", file: path, line: element.line,
                hint: "name the file, or disable the element")
        }
        return fileReferences(properties: properties)
    }

    /// Elements whose files have names that change while the plan runs, so they can't be shipped.
    var varyingFileNames: [(element: Int, text: String)] {
        let resolver = resolver(properties: [:])
        return mentions().compactMap { mention in
            guard !mention.isRequired else { return nil }
            do throws(UnresolvedReason) {
                _ = try resolver.resolve(mention.text)
                return nil
            } catch {
                if case .property = error { return nil }
                return (mention.element, mention.text)
            }
        }
    }

    private func reference(
        _ mention: Mention, name: String, _ resolver: ExpressionResolver
    ) -> FileReference {
        let element = document.elements[mention.element]
        func text(_ property: String) -> String {
            let text = document.text(property, of: element.node)
            return (try? resolver.resolve(text)) ?? text
        }
        let encoding = text("fileEncoding").uppercased()
        var csv: DataFile.CSV?
        if element.kind == "CSVDataSet" {
            let delimiter = text("delimiter")
            csv = DataFile.CSV(
                delimiter: delimiter.isEmpty ? "," : delimiter == "\\t" ? "\t" : delimiter,
                isQuoted: text("quotedData") == "true",
                hasHeader: text("variableNames").isEmpty || text("ignoreFirstLine") == "true",
                recycles: text("recycle") != "false", stopsThreads: text("stopThread") == "true",
                shareMode: text("shareMode").isEmpty ? "shareMode.all" : text("shareMode"))
        }
        return FileReference(
            name: name, property: mention.property, element: mention.element, csv: csv,
            isByteText: !encoding.hasPrefix("UTF-16") && !encoding.hasPrefix("UTF-32"))
    }

    private func mentions() -> [Mention] {
        document.elements.indices.filter { document.elements[$0].isEnabled }.flatMap { index in
            let element = document.elements[index]
            let named = nameProperties(of: element.kind).compactMap { name in
                document.property(name, of: element.node).map {
                    Mention(
                        text: $0.text, property: $0, element: index,
                        isRequired: element.kind == "CSVDataSet")
                }
            }
            return named + nestedMentions(element.node, element: index)
        }.filter { $0.isRequired || !$0.text.isEmpty }
    }

    /// The properties of a kind of element that name a file it reads.
    private func nameProperties(of kind: String) -> [String] {
        switch kind {
        case "CSVDataSet", "ExtendedCsvDataSetConfig", "RandomCSVDataSetConfig": ["filename"]
        case "IncludeController": ["IncludeController.includepath"]
        case let kind where kind.hasPrefix("JSR223") || kind.hasPrefix("BSF"):
            ["filename", "BSFSampler.filename"]
        case let kind where kind.hasPrefix("BeanShell"): ["filename", "BeanShellSampler.filename"]
        default: []
        }
    }

    /// Uploads (`HTTPFileArg`) and files read by functions, anywhere inside an element.
    private func nestedMentions(_ node: Int, element: Int) -> [Mention] {
        var found: [Mention] = []
        if document.nodes[node].attributes["elementType"] == "HTTPFileArg",
            let path = document.property("File.path", of: node)
        {
            found.append(
                Mention(text: path.text, property: path, element: element, isRequired: false))
        }
        let texts = [document.nodes[node].text] + document.nodes[node].attributes.values.sorted()
        // Looking for one byte first made a plan of 20,000 samplers a hundred times as fast.
        for text in texts where text.utf8.contains(UInt8(ascii: "$")) {
            for function in ["__CSVRead(", "__StringFromFile(", "__FileToString("] {
                let parts = text.split(separator: "${" + function, omittingEmptySubsequences: false)
                for part in parts.dropFirst() {
                    let name = part.prefix { $0 != "," && $0 != ")" }
                    // CSVRead's `*alias` is a name for a file that was opened before.
                    guard !name.hasPrefix("*") else { continue }
                    found.append(
                        Mention(
                            text: String(name), property: nil, element: element, isRequired: false))
                }
            }
        }
        return found
            + document.nodes[node].children.flatMap { nestedMentions($0, element: element) }
    }
}
