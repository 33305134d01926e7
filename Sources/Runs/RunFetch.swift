// Brings what a run left in the store into a folder of this machine. The folder appears whole: it
// is filled under another name beside its place and renamed at the end.

internal import FoundationEssentials
internal import Glibc
package import Store

/// What arrived of one node.
package struct NodeResult: Sendable, Equatable {
    package var node: String
    /// How it ended; nil if it never said.
    package var outcome: NodeOutcome?
    /// Its samples relative to the run folder; nil if none arrived.
    package var samplesFile: String?
    /// Parts its outcome promised and that are not there.
    package var missingParts: Int
}

/// A run's results in a folder.
package struct FetchedRun: Sendable, Equatable {
    package var request: RunRequest
    package var outcome: RunOutcome
    package var nodes: [NodeResult]
    /// The folder, absolute.
    package var folder: String

    /// The nodes whose samples are the run's.
    package var sampleNodes: [NodeResult] {
        let names = request.mode == .standalone ? request.workers : [request.controller]
        return nodes.filter { names.contains($0.node) }
    }
}

/// Fetches results.
package struct RunFetch: Sendable {
    private let store: any ObjectStore
    private let resultsFolder: String

    /// Fetches from `store` into run folders below `resultsFolder`, an absolute path.
    package init(store: any ObjectStore, resultsFolder: String) {
        self.store = store
        self.resultsFolder = resultsFolder
    }

    package func folder(of run: String) -> String { resultsFolder + "/" + run }

    /// Makes sure that results can be written, before there are any.
    ///
    /// - Throws: ``RunError/resultsFolder(path:reason:)``.
    package func requireWritable() throws {
        let probe = resultsFolder + "/.probe-\(getpid())"
        do {
            try FileManager.default.createDirectory(
                atPath: resultsFolder, withIntermediateDirectories: true)
        } catch {
            throw failure(resultsFolder)
        }
        guard mkdir(probe, 0o700) == 0 else { throw failure(resultsFolder) }
        rmdir(probe)
    }

    /// Fetches everything a run left into a folder that ``finish(_:)`` puts in its place.
    ///
    /// - Throws: ``RunError/resultsFolder(path:reason:)``, or errors of the store.
    package func fetch(_ request: RunRequest, _ outcome: RunOutcome) async throws -> FetchedRun {
        let folder = "\(resultsFolder)/.\(request.id).fetching"
        try? FileManager.default.removeItem(atPath: folder)
        try makeFolder(folder + "/samples")
        var nodes: [NodeResult] = []
        for node in request.workers + [request.controller] {
            nodes.append(try await fetch(node, of: request.id, into: folder))
        }
        let keys = RunKeys(request.id)
        for file in request.files where file.kind == .plan {
            _ = try await store.download(
                keys.bundled(file.name), to: folder + "/" + request.plan)
        }
        _ = try await store.download(keys.live, to: folder + "/live.jsonl")
        return FetchedRun(request: request, outcome: outcome, nodes: nodes, folder: folder)
    }

    /// Puts a fetched run in its place, over an earlier fetch of the same run.
    ///
    /// - Throws: ``RunError/resultsFolder(path:reason:)``.
    package func finish(_ run: FetchedRun, by: String) async throws -> FetchedRun {
        let place = folder(of: run.request.id)
        let aside = "\(resultsFolder)/.\(run.request.id).replaced"
        try? FileManager.default.removeItem(atPath: aside)
        guard rename(place, aside) == 0 || errno == ENOENT, rename(run.folder, place) == 0 else {
            throw failure(place)
        }
        try? FileManager.default.removeItem(atPath: aside)
        try await store.put(
            FetchedResults(by: by, at: .now, folder: place), at: RunKeys(run.request.id).fetched)
        var run = run
        run.folder = place
        return run
    }

    // MARK: - One node

    private func fetch(_ node: String, of run: String, into folder: String) async throws
        -> NodeResult
    {
        let keys = RunKeys(run).node(node)
        let outcome = try await store.record(NodeOutcome.self, at: keys.outcome)
        let parts = try await store.list(prefix: keys.partsPrefix)
        for file in try await store.list(prefix: keys.filesPrefix) {
            let name = String(file.key.path.dropFirst(keys.filesPrefix.count))
            try makeFolder("\(folder)/logs/\(node)")
            _ = try await store.download(file.key, to: "\(folder)/logs/\(node)/\(name)")
        }
        var samples: String?
        if !parts.isEmpty {
            samples = "samples/\(node).jtl.zst"
            try await join(parts, into: "\(folder)/samples/\(node).jtl.zst")
        }
        let present = Set(parts.map(\.key))
        let missing = (outcome?.parts ?? []).filter { !present.contains(keys.part($0.number)) }
        return NodeResult(
            node: node, outcome: outcome, samplesFile: samples, missingParts: missing.count)
    }

    /// Parts are zstd frames; frames one after another are a zstd file (RFC 8878, section 3.1).
    private func join(_ parts: [StoreObject], into path: String) async throws {
        let output = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw failure(path) }
        defer { close(output) }
        let piece = path + ".part"
        defer { unlink(piece) }
        for part in parts {
            guard try await store.download(part.key, to: piece) else { continue }
            let input = open(piece, O_RDONLY | O_CLOEXEC)
            guard input >= 0 else { throw failure(piece) }
            defer { close(input) }
            while case let count = sendfile(output, input, nil, 1 << 30), count != 0 {
                guard count > 0 || errno == EINTR else { throw failure(path) }
            }
        }
    }

    private func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw failure(path)
        }
    }

    private func failure(_ path: String) -> RunError {
        .resultsFolder(path: path, reason: String(cString: strerror(errno)))
    }
}
