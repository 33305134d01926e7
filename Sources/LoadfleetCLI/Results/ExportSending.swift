// One run on its way to one place after another, with what a person sees of it.
import Export
import Synchronization

/// Sends a run's results.
struct ExportSending {
    let results: ExportedRun
    /// The run's folder; nil where there are only files.
    let folder: String?
    /// How indexes begin.
    let index: String
    let access: AWSAccess
    let output: Output

    /// Sends to one place; what is there now, for programs.
    ///
    /// - Throws: errors of the rooms.
    func send(to target: ExportTarget, _ part: ExportedPart) async throws -> JSON {
        let line = Mutex(ProgressLine(output))
        let progress: @Sendable (Int) -> Void = { count in
            line.withLock { $0.show("\(target): \(count) so far") }
        }
        defer { line.withLock { $0.clear() } }
        let sent = try await send(to: target, part, progress)
        let counts = [
            (sent.samples, "samples"), (sent.figures, "rows of figures"), (sent.files, "files"),
        ]
        let text = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        line.withLock { $0.clear() }
        output.note("\(target): \(text.isEmpty ? "nothing to send" : text)")
        return [
            "to": .string(target.kind.rawValue), "at": .string("\(target)"),
            "samples": .int(Int64(sent.samples)), "figures": .int(Int64(sent.figures)),
            "files": .int(Int64(sent.files)),
        ]
    }

    private func send(
        to target: ExportTarget, _ part: ExportedPart, _ progress: @Sendable (Int) -> Void
    ) async throws -> Exported {
        let courier = Courier(access.transport)
        switch target.place {
        case .bucket(let bucket, let prefix):
            guard let folder else {
                throw UsageFailure(
                    message: "only a run's folder is sent to S3, and this is none",
                    hint: "copy files by themselves with the AWS CLI")
            }
            let client = try await access.regionalClient()
            return try await S3Export(to: bucket, prefix: prefix, by: client)
                .send(folder: folder, name: results.name, part, progress: progress)
        case .openSearch(let server):
            return try await OpenSearchExport(to: server, by: courier, index: index)
                .send(results, part, progress: progress)
        case .pushgateway(let server):
            return try await PushgatewayExport(to: server, by: courier).send(results)
        case .influx(let server):
            return try await InfluxExport(to: server, by: courier)
                .send(results, part, progress: progress)
        }
    }
}
