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
    private let store: any StoreWithLog
    private let resultsFolder: String

    /// Fetches from `store` into run folders below `resultsFolder`, an absolute path.
    package init(store: any StoreWithLog, resultsFolder: String) {
        self.store = store
        self.resultsFolder = resultsFolder
    }

    package func folder(of run: String) -> String { resultsFolder + "/" + run }

    /// Makes sure that results could be written, without writing anything yet.
    ///
    /// - Throws: ``RunError/resultsFolder(path:reason:)``.
    package func requireWritable() throws {
        var place = resultsFolder
        while access(place, F_OK) != 0, errno == ENOENT, let slash = place.lastIndex(of: "/") {
            place = slash == place.startIndex ? "/" : String(place[..<slash])
        }
        var status = stat()
        guard access(place, W_OK | X_OK) == 0, stat(place, &status) == 0 else {
            throw failure(resultsFolder)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw RunError.resultsFolder(path: resultsFolder, reason: "\(place) is not a folder")
        }
    }

    /// Fetches everything a run left into a folder that ``finish(_:)`` puts in its place.
    ///
    /// - Throws: ``RunError/resultsFolder(path:reason:)``, or errors of the store.
    package func fetch(_ request: RunRequest, _ outcome: RunOutcome) async throws -> FetchedRun {
        // A name of our own: somebody else may be fetching the same run.
        let folder = "\(resultsFolder)/.\(request.id).fetching-\(getpid())"
        do {
            return try await fetch(request, outcome, into: folder)
        } catch {
            discard(folder)
            throw error
        }
    }

    /// Removes what an unfinished fetch has left.
    package func discard(_ folder: String) {
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func fetch(_ request: RunRequest, _ outcome: RunOutcome, into folder: String)
        async throws -> FetchedRun
    {
        // A run that began without some of its workers is a run of the others.
        let request = request.without(outcome.absent ?? [])
        discard(folder)
        try makeFolder(folder + "/samples")
        var nodes: [NodeResult] = []
        for node in request.workers + [request.controller] {
            let settled = outcome.lost.first { $0.node == node }?.settledBytes
            nodes.append(
                try await fetch(node, of: request.id, upTo: settled ?? .max, into: folder))
        }
        let keys = RunKeys(request.id)
        for file in request.files where file.kind == .plan {
            _ = try await store.download(
                keys.bundled(file.name), to: folder + "/" + request.plan)
        }
        try await fetchLog(of: request.id, into: folder + "/live.jsonl")
        return FetchedRun(request: request, outcome: outcome, nodes: nodes, folder: folder)
    }

    /// Writes the whole live log of a run into a file, where it has one.
    private func fetchLog(of run: String, into path: String) async throws {
        let lines = try await store.liveLog(of: run).read(after: .start).lines
        guard !lines.isEmpty else { return }
        let text = lines.map { $0 + "\n" }.joined()
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) else {
            throw failure(path)
        }
    }

    /// Puts a fetched run in its place, over an earlier fetch of the same run.
    ///
    /// - Throws: ``RunError/resultsFolder(path:reason:)``.
    package func finish(_ run: FetchedRun, by: String) async throws -> FetchedRun {
        let place = folder(of: run.request.id)
        let aside = "\(resultsFolder)/.\(run.request.id).replaced-\(getpid())"
        discard(aside)
        // Somebody else's fetch may take the place between our two steps; then it is set aside too.
        for attempt in 1... {
            let isAside = rename(place, aside) == 0
            if rename(run.folder, place) == 0 { break }
            let reason = errno
            if isAside { discard(aside) }
            errno = reason
            guard reason == ENOTEMPTY || reason == EEXIST, attempt < 10 else {
                throw failure(place)
            }
        }
        discard(aside)
        try await store.put(
            FetchedResults(by: by, at: .now, folder: place), at: RunKeys(run.request.id).fetched)
        var run = run
        run.folder = place
        return run
    }

    // MARK: - One node

    /// Fetches what there is of a node; of its samples the parts up to a byte of its JTL.
    private func fetch(
        _ node: String, of run: String, upTo end: Int64, into folder: String
    ) async throws -> NodeResult {
        let keys = RunKeys(run).node(node)
        let outcome = try await store.record(NodeOutcome.self, at: keys.outcome)
        let parts = try await store.list(prefix: keys.partsPrefix).filter {
            (keys.part(at: $0.key)?.end ?? 0) <= end
        }
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
        let present = Set(parts.compactMap { keys.part(at: $0.key)?.number })
        let missing = (outcome?.parts ?? []).filter { !present.contains($0.number) }
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

    /// Makes a folder and those above it, as `mkdir -p` does.
    private func makeFolder(_ path: String) throws {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw failure(path)
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure(path) }
    }

    private func failure(_ path: String) -> RunError {
        .resultsFolder(path: path, reason: String(cString: strerror(errno)))
    }
}
