// Results as documents of OpenSearch: each sample, and each row of the summary.
//
// A document's id is made of the run, the worker and the sample's place in the worker's file, and a
// document that is there is not written again. So whatever has to be repeated, a request that broke
// off or the whole command, each sample is there once: there is no progress to remember.

internal import AWS
internal import FoundationEssentials
internal import HTTP
internal import Results

/// Sends runs to OpenSearch.
package struct OpenSearchExport: Sendable {
    private let server: Server
    private let courier: Courier
    private let index: String
    private let limits: SampleBatch.Limits

    /// The bytes and documents of one request, as few servers refuse.
    package static let usualItems = 5000

    /// What is sent to `server` goes into the indexes `index-samples` and `index-summary`.
    ///
    /// - Throws: ``ExportError/target(_:hint:)`` for a name that no index can have.
    package init(
        to server: Server, by courier: Courier, index: String = "loadfleet",
        itemsInRequest: Int = OpenSearchExport.usualItems
    ) throws(ExportError) {
        let isName = index.utf8.allSatisfy { byte in
            "abcdefghijklmnopqrstuvwxyz0123456789-_.".utf8.contains(byte)
        }
        guard isName, let first = index.first, first.isLetter || first.isNumber, index.count <= 100
        else {
            throw .target(
                "no index can be called '\(index)'",
                hint: "use small letters, digits, '-', '_' and '.', a letter or digit first")
        }
        self.server = server
        self.courier = courier
        self.index = index
        limits = SampleBatch.Limits(items: itemsInRequest)
    }

    /// Sends a run; how many documents are there now.
    ///
    /// `progress` hears how many samples are there so far.
    /// - Throws: ``ExportError``, `ResultsError` for samples that can't be read.
    package func send(
        _ run: ExportedRun, _ part: ExportedPart,
        progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> Exported {
        try await putTemplate()
        var exported = Exported()
        if part.hasSamples {
            exported.samples = try await sendSamples(of: run, progress)
        }
        // Last, so that whoever finds the summary finds the samples.
        if part.hasSummary {
            var tally = BulkTally()
            try await deliver(SummaryDocument.batch(of: run), to: "\(index)-summary", &tally)
            try tally.requireAll(server)
            exported.figures = tally.there
        }
        return exported
    }

    private func putTemplate() async throws {
        let request = server.request(
            "PUT", "/_index_template/\(index)", type: "application/json",
            body: Array(IndexTemplate.text(for: index).utf8))
        _ = try await courier.send(request, to: server)
    }

    private func sendSamples(
        of run: ExportedRun, _ progress: @Sendable (Int) -> Void
    ) async throws -> Int {
        let feed = SampleFeed(run.samples, limits: limits) { worker in
            SampleDocument.encoder(run: run.name, worker: worker)
        }
        var tally = BulkTally()
        try await feed.forEachBatch { batch in
            try await deliver(batch, to: "\(index)-samples", &tally)
            progress(tally.there)
        }
        try tally.requireAll(server)
        return tally.there
    }

    // MARK: - One request

    /// Sends a batch, and what was not taken for the moment once more, until nothing is left.
    private func deliver(
        _ batch: SampleBatch, to index: String, _ tally: inout BulkTally
    ) async throws {
        var rest = batch
        var pass = courier.pass()
        while !rest.isEmpty {
            let request = server.request(
                "POST", "/\(index)/_bulk", query: BulkAnswer.filter, type: "application/x-ndjson",
                body: rest.bytes)
            let response = try await courier.send(request, to: server)
            let answer = try BulkAnswer(response.body, items: rest.count, from: server)
            tally.add(answer, server)
            guard let fault = answer.firstToRepeat else { return pass.succeeded() }
            // Where some are taken, the server only wants it slower, not to be left alone.
            if answer.toRepeat.count < rest.count { pass = courier.pass() }
            rest = rest.picking(answer.toRepeat)
            let kind = RetryKind.of(status: fault.status, code: nil)
            guard case .retry(let wait) = pass.decide(kind ?? .transient) else {
                throw ExportError.notTaken(
                    server.url, count: rest.count, reason: server.discreet(fault.text))
            }
            try await Task.sleep(for: wait)
        }
    }
}

/// What of a run is there now.
package struct Exported: Sendable, Equatable {
    /// Samples.
    package var samples = 0
    /// Rows of figures, or documents of them.
    package var figures = 0
    /// Files.
    package var files = 0
}
