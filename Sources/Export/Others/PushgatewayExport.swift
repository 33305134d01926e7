// A run's figures as metrics on a Prometheus Pushgateway, in a group of the run's own: sent again,
// they replace what is there. https://github.com/prometheus/pushgateway#api

internal import FoundationEssentials
internal import HTTP
internal import Results

/// Sends summaries to a Pushgateway.
package struct PushgatewayExport: Sendable {
    private let server: Server
    private let courier: Courier

    /// What is sent to `server`, whose URL is that of the Pushgateway itself.
    package init(to server: Server, by courier: Courier) {
        self.server = server
        self.courier = courier
    }

    /// Sends a run's figures.
    ///
    /// - Throws: ``ExportError``.
    package func send(_ run: ExportedRun) async throws -> Exported {
        let request = server.request(
            "PUT", "/metrics/job/loadfleet/" + Self.label("run", run.name),
            type: "text/plain; version=0.0.4; charset=utf-8",
            body: Array(OpenMetricsReport.text(run.summary).utf8))
        _ = try await courier.send(request, to: server)
        return Exported(figures: 1 + run.summary.labels.count)
    }

    /// A label of the group as a part of the path; a slash in it would be one of the path's.
    static func label(_ name: String, _ value: String) -> String {
        guard value.contains("/") else { return "\(name)/\(PercentCoding.encode(value))" }
        let code = Data(value.utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_")
        return "\(name)@base64/\(code)"
    }
}
