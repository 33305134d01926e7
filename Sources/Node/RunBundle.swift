// Fetches a run's bundle and lays it out as this node needs it: the plan with the node's share, and
// of each data file what is the node's.

internal import FoundationEssentials
internal import JMeter
internal import Store

/// The plan and data of a run on this node.
struct RunBundle {
    let part: RunPart
    private var bundleFolder: String { part.ownFolder + "/bundle" }

    /// Fetches every file of the bundle.
    ///
    /// - Throws: ``NodeError`` when one is missing, or errors of the store.
    func fetch() async throws {
        for file in part.request.files {
            let target = bundleFolder + "/" + file.name
            try makeFolder(of: target)
            let key = try part.keys.bundled(file.name)
            guard try await part.store.download(key, to: target) else {
                throw NodeError("\(file.name) is missing from the run's bundle")
            }
        }
    }

    /// The plan as it was shipped.
    func plan() throws(JMeterError) -> Plan {
        try Plan(contentsOf: bundleFolder + "/" + part.request.plan)
    }

    /// The share-out of this run.
    var deal: ShareOut {
        ShareOut(
            workers: part.request.workers.count, perWorker: part.request.perWorker,
            setup: part.request.setup.flatMap { SetupPolicy(rawValue: $0.rawValue) },
            rps: part.request.rps,
            properties: part.request.properties)
    }

    /// Puts the data files where the plan will look for them, split among the workers if so asked.
    func layOutData(of plan: Plan, worker index: Int) throws {
        let policies = part.request.files.reduce(into: [String: DataFile.Policy]()) {
            $0[$1.name] = DataFile.Policy(rawValue: $1.kind.rawValue)
        }
        let files = try plan.dataFiles(
            properties: part.request.properties, workingFolder: bundleFolder, policies: policies)
        for file in files {
            let target = part.folder + "/" + file.bundleName
            try makeFolder(of: target)
            switch file.policy {
            case .copy: try FileManager.default.copyItem(atPath: file.path, toPath: target)
            case .split, .uniqueBlock:
                // The other workers' records are theirs to write.
                let paths = (0..<part.request.workers.count).map { $0 == index ? target : nil }
                try file.split(to: paths, weights: try plan.threads(reading: file, deal))
            }
        }
    }

    /// Writes the plan this node runs.
    func write(plan bytes: [UInt8]) throws {
        let path = part.folder + "/" + part.request.plan
        try makeFolder(of: path)
        try Data(bytes).write(to: URL(filePath: path))
    }

    private func makeFolder(of path: String) throws {
        guard let slash = path.lastIndex(of: "/") else { return }
        try FileManager.default.createDirectory(
            atPath: String(path[..<slash]), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
    }
}
