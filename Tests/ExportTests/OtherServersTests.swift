// A Pushgateway, an InfluxDB and a bucket, as they are: what was sent is there, once.

import AWS
import Foundation
import LoadfleetTesting
import Results
import Testing

@testable import Export

@Suite(
    .enabled(if: ExportServer.areThere, "utility/report-test-tools puts the servers in place"))
struct `Servers of figures` {
    /// Of the suite, so that it is there until its test is over.
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: ["20270115-080000-q7x2", "nightly/häuser&co?"])
    func `such as the Pushgateway have the summary under the run's name`(
        name: String
    ) async throws {
        let gateway = try await ExportServer.pushgateway()
        let run = try SampleText.run(name, samples: 100, in: folder)
        let export = PushgatewayExport(
            to: try Server(gateway.url, .pushgateway), by: try .hasty())
        for _ in 1...2 {
            #expect(try await export.send(run).figures == 1 + SampleText.labels.count)
        }
        let groups = try await gateway.json("GET", "/api/v1/metrics")["data"].list
        #expect(groups.map { $0["labels"]["run"].text } == [name])
        #expect(groups.map { $0["labels"]["job"].text } == ["loadfleet"])
        let text = try await gateway.get("/metrics")
        let samples = text.split(separator: "\n").filter { $0.hasPrefix("loadfleet_samples{") }
        #expect(samples.count == 1)
        #expect(samples.first?.hasSuffix(" 200") == true, "\(samples)")
        #expect(text.contains(#"quantile="0.95""#))
        // A Pushgateway fills in what a summary lacks, with 0.
        let counts = text.split(separator: "\n").filter {
            $0.hasPrefix("loadfleet_elapsed_seconds_count{")
        }
        #expect(counts.map { $0.hasSuffix(" 200") } == [true], "\(counts)")
    }

    @Test func `such as InfluxDB have figures and samples`() async throws {
        let influx = try await ExportServer.influx()
        try await influx.ask("POST", "/query?q=CREATE%20DATABASE%20load")
        let run = try SampleText.run(samples: 400, in: folder)
        let target = try ExportTarget("influx=\(influx.url)/write?db=load", variables: [:])
        guard case .influx(let server) = target.place else { return }
        let export = InfluxExport(to: server, by: try .hasty())
        for _ in 1...2 {
            let sent = try await export.send(run, .both)
            #expect(sent == Exported(samples: 800, figures: 1 + SampleText.labels.count))
        }
        func first(_ query: String) async throws -> [Int?] {
            let words = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let answer = try await influx.json("GET", "/query?db=load&q=\(words)")
            return answer["results"][0]["series"][0]["values"][0].list.map(\.int)
        }
        // Three samples of a millisecond, and the same ones sent twice: each a point of its own.
        let counted = try await first(
            "SELECT count(elapsed_ms), sum(elapsed_ms) FROM loadfleet_sample")
        #expect(counted.dropFirst() == [800, 2 * (0..<400).reduce(0, +)])
        #expect(
            try await first("SELECT count(samples) FROM loadfleet_label").last
                == SampleText.labels.count)
        #expect(
            try await first("SELECT last(samples) FROM loadfleet_total WHERE run = '\(run.name)'")
                .last == 800)
    }
}

struct `A bucket` {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `has the files of a run's folder, or those that were asked for`() async throws {
        let cloud = try await SimulatedCloud.running()
        let client = try cloud.client()
        let bucket = "export-\(UUID().uuidString.lowercased())"
        _ = try await client.send(CreateBucket(bucket, region: "us-east-1"))
        let files = ["run.json", "summary.json", "samples/worker-1.jtl.zst", "logs/w/jmeter.log"]
        for name in files { try folder.write(name, "of \(name)") }
        let export = S3Export(to: bucket, prefix: "load tests/", by: client)
        func keys() async throws -> [String] {
            try await client.send(ListObjectsV2(bucket)).objects.map(\.key).sorted()
        }
        #expect(try await export.send(folder: folder.path, name: "r", .samples).files == 1)
        #expect(try await keys() == ["load tests/r/samples/worker-1.jtl.zst"])
        #expect(try await export.send(folder: folder.path, name: "r", .both).files == 4)
        #expect(try await keys() == files.map { "load tests/r/" + $0 }.sorted())
    }
}
