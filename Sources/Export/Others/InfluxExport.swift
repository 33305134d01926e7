// Results as points of InfluxDB, of any version: the URL is the one to write to, with the database
// or the bucket in it. A point is the same where its tags and its time are, so each sample gets a
// time of its own: within its millisecond, as many nanoseconds as its place in the file says.

internal import HTTP
internal import JTL
internal import Results

/// Sends runs to InfluxDB.
package struct InfluxExport: Sendable {
    private let server: Server
    private let courier: Courier

    /// What is sent to `server`, whose URL is that of `/write` or `/api/v2/write`.
    package init(to server: Server, by courier: Courier) {
        self.server = server
        self.courier = courier
    }

    /// A server whose URL says where to write to.
    ///
    /// - Throws: ``ExportError/target(_:hint:)``.
    static func checked(_ server: Server) throws(ExportError) -> Server {
        let url = server.url
        guard url.path.hasSuffix("/write"), let query = url.query else {
            throw .target(
                "influx=\(url) does not say where to write to",
                hint: "write it like http://host:8086/write?db=NAME, or "
                    + "http://host:8086/api/v2/write?org=ORG&bucket=NAME")
        }
        let precision = query.split(separator: "&").first { $0.hasPrefix("precision=") }
        guard precision == nil || precision == "precision=ns" || precision == "precision=n" else {
            throw .target("times are sent in nanoseconds", hint: "leave '\(precision ?? "")' out")
        }
        return server
    }

    /// Sends a run; how many points are there now.
    ///
    /// `progress` hears how many samples are there so far.
    /// - Throws: ``ExportError``, `ResultsError` for samples that can't be read.
    package func send(
        _ run: ExportedRun, _ part: ExportedPart, progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> Exported {
        var exported = Exported()
        if part.hasSamples {
            let feed = SampleFeed(run.samples, limits: SampleBatch.Limits()) { worker in
                Self.encoder(run: run.name, worker: worker)
            }
            try await feed.forEachBatch { batch in
                try await write(batch.bytes)
                exported.samples += batch.count
                progress(exported.samples)
            }
        }
        if part.hasSummary {
            try await write(
                Array(InfluxReport.text(run.summary, tags: [("run", run.name)]).utf8))
            exported.figures = 1 + run.summary.labels.count
        }
        return exported
    }

    private func write(_ lines: [UInt8]) async throws {
        let request = server.request("POST", type: "text/plain; charset=utf-8", body: lines)
        _ = try await courier.send(request, to: server)
    }

    // MARK: - Samples

    private static func encoder(run: String, worker: String) -> SampleEncoder {
        let head =
            "loadfleet_sample,run=\(InfluxReport.tag(run)),worker=\(InfluxReport.tag(worker)),label="
        return { row, bytes in
            guard let start = row.startMs else {
                throw ExportError.samples(
                    "samples without time stamps are no points in time",
                    hint: "send a summary with --what summary")
            }
            let (ms, isTooLong) = start.multipliedReportingOverflow(by: 1_000_000)
            let (time, isTooLate) = ms.addingReportingOverflow(Int64(row.number % 1_000_000))
            guard !isTooLong, !isTooLate else {
                throw ExportError.samples(
                    "InfluxDB has no time for \(start) ms", hint: "check the samples' time stamps")
            }
            bytes += head.utf8
            bytes += InfluxReport.tag(row.label).utf8
            bytes += ",kind=\(row.isController ? "controller" : "sampler")".utf8
            bytes += " success=\(row.isSuccess),elapsed_ms=\(row.elapsedMs)i".utf8
            bytes += ",latency_ms=\(row.latencyMs)i,connect_ms=\(row.connectMs)i".utf8
            bytes += ",received_bytes=\(row.receivedBytes)i,sent_bytes=\(row.sentBytes)i".utf8
            bytes += ",active_threads=\(row.activeThreads)i,response_code=".utf8
            bytes += quoted(row.responseCode).utf8
            bytes += " \(time)\n".utf8
        }
    }

    /// A field's text.
    private static func quoted(_ text: String) -> String {
        let safe = text.replacing(
            scalars: ["\\": "\\\\", "\"": "\\\"", "\n": " ", "\r": " "])
        return "\"\(safe)\""
    }
}
