// Finding the files a plan names, and deciding how the workers get them.
import FoundationEssentials

extension Plan {
    /// The files the plan needs, found relative to the plan, then to `workingFolder`.
    ///
    /// `policies` maps names or base names, as the user wrote them, to a policy. By default files
    /// of CSV Data Sets are split and all others copied; a CSV file is copied too when every
    /// thread reads all of it (`shareMode.thread`), or when two elements read it differently.
    ///
    /// - Throws: ``JMeterError`` of cause `data` for a missing file, a policy for no file, or a
    ///   file that can't be split; of cause `unresolved` for a name that can't be known.
    package func dataFiles(
        properties: [String: String], workingFolder: String,
        policies: [String: DataFile.Policy] = [:]
    ) throws(JMeterError) -> [DataFile] {
        var references: [String: [FileReference]] = [:]
        var order: [String] = []
        for reference in try checkedFileReferences(properties: properties) {
            if references[reference.name] == nil { order.append(reference.name) }
            references[reference.name, default: []].append(reference)
        }
        try checkPolicies(policies, names: order)
        var files: [DataFile] = []
        for name in order {
            guard let mentions = references[name] else { continue }
            let asked = policies[name] ?? policies[Self.baseName(name)]
            files.append(
                try dataFile(mentions, asked: asked, workingFolder: workingFolder, others: files))
        }
        return files
    }

    private func checkPolicies(
        _ policies: [String: DataFile.Policy], names: [String]
    ) throws(JMeterError) {
        let known = Set(names + names.map(Self.baseName))
        guard let stray = policies.keys.filter({ !known.contains($0) }).min() else { return }
        let list = names.isEmpty ? "no files" : names.sorted().joined(separator: ", ")
        throw JMeterError(
            .data, "the plan reads no file \(stray)", file: path, hint: "it reads: \(list)")
    }

    private func dataFile(
        _ mentions: [FileReference], asked: DataFile.Policy?, workingFolder: String,
        others: [DataFile]
    ) throws(JMeterError) -> DataFile {
        let first = mentions[0]
        let element = document.elements[first.element]
        let found = try locate(first, workingFolder: workingFolder)
        let csv = mentions.allSatisfy { $0.csv == first.csv } ? first.csv : nil
        let isSplittable = csv != nil && mentions.allSatisfy(\.isByteText)
        if let asked, asked.isDealt && !isSplittable {
            throw JMeterError(
                .data, "\(first.name) can't be split", file: path, line: element.line,
                hint:
                    "only files that CSV Data Sets read, all in one way, and in an encoding other "
                    + "than UTF-16, can be; use --data \(Self.baseName(first.name))=copy")
        }
        let isSharedByThreads = csv.map { $0.shareMode != "shareMode.thread" } ?? false
        return DataFile(
            name: first.name, path: found,
            bundleName: try bundleName(for: first, at: found, others: others),
            policy: asked ?? (isSplittable && isSharedByThreads ? .split : .copy), csv: csv,
            element: element.name, line: element.line)
    }

    private func locate(
        _ reference: FileReference, workingFolder: String
    ) throws(JMeterError) -> String {
        let name = reference.name
        let folder =
            path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : ""
        let planFolder = folder.isEmpty ? (path.hasPrefix("/") ? "/" : workingFolder) : folder
        let candidates =
            name.hasPrefix("/") ? [name] : ["\(planFolder)/\(name)", "\(workingFolder)/\(name)"]
        for candidate in candidates {
            var isFolder = false
            if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder
            {
                guard FileManager.default.isReadableFile(atPath: candidate) else { break }
                return candidate
            }
        }
        let element = document.elements[reference.element]
        throw JMeterError(
            .data,
            "\(element.kind) '\(element.name)' reads \(name), which is not there or can't be "
                + "read", file: path, line: element.line,
            hint: "looked for \(candidates.joined(separator: " and "))")
    }

    /// The name a worker knows the file by: as written if that stays inside the bundle.
    private func bundleName(
        for reference: FileReference, at found: String, others: [DataFile]
    ) throws(JMeterError) -> String {
        let name = reference.name
        let isInside = !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
        if isInside && !others.contains(where: { $0.bundleName == name }) { return name }
        guard reference.property != nil else {
            let element = document.elements[reference.element]
            throw JMeterError(
                .data, "\(element.kind) '\(element.name)' reads \(name) by a function", file: path,
                line: element.line, hint: "use a name relative to the plan, without ..")
        }
        let base = Self.baseName(name)
        let names = ["data/\(base)"] + (2...(others.count + 2)).map { "data/\($0)-\(base)" }
        return names.first { name in !others.contains { $0.bundleName == name } } ?? name
    }

    static func baseName(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}

extension DealtPlan {
    /// What every worker gets of the records of a file that a CSV Data Set reads, and a warning
    /// if that is too little.
    ///
    /// - Throws: ``JMeterError`` of cause `data` as ``DataFile/split(to:weights:)``.
    package func records(
        of file: DataFile
    ) throws(JMeterError) -> (records: [Int], shortage: PlanNote?) {
        let workers = 0..<deal.shareOut.workers
        let threads = threads(reading: file)
        let records =
            file.policy.isDealt
            ? try file.split(to: workers.map { _ in nil }, weights: threads)
            : Array(repeating: try file.countRecords(), count: workers.count)
        return (records, file.shortage(records: records, threads: threads))
    }

    /// The number of threads on each worker that read a file.
    ///
    /// They are those of the groups in which its CSV Data Sets stand; all zeros if no group
    /// states a number.
    package func threads(reading file: DataFile) -> [Int] {
        let groups = groups(reading: file)
        return (0..<deal.shareOut.workers).map { worker in
            groups.reduce(0) { $0 + (deal.threads[$1]?[worker] ?? 0) }
        }
    }

    /// The enabled groups whose threads read a file.
    func groups(reading file: DataFile) -> [Int] {
        let references = plan.fileReferences(properties: deal.shareOut.properties)
        let places = references.filter { $0.name == file.name }.map {
            plan.document.elements[$0.element].group
        }
        return places.contains(nil) ? deal.groups : deal.groups.filter { places.contains($0) }
    }
}

extension Plan {
    /// The number of threads on each worker that read a file, as ``DealtPlan/threads(reading:)``.
    ///
    /// - Throws: ``JMeterError`` as ``dealt(_:)``.
    package func threads(
        reading file: DataFile, _ shareOut: ShareOut
    ) throws(JMeterError) -> [Int] {
        try dealt(shareOut).threads(reading: file)
    }
}
