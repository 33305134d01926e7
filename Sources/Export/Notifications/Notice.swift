// What is told of a run that is over: nothing but what its reports say, and where they are. Values of
// properties, URLs and the environment are no part of it.

internal import FoundationEssentials
package import Results

/// A run's verdict for those who wait for it elsewhere.
package struct Notice: Sendable {
    package var run: String
    package var plan: String
    package var fleet: String
    package var summary: Summary
    /// Where the results are, as a person would find them.
    package var results: String
    /// The page of the pipeline's job, where there is one.
    package var link: String?

    /// A notice of a run.
    package init(
        run: String, plan: String, fleet: String, summary: Summary, results: String, link: String?
    ) {
        self.run = run
        self.plan = plan
        self.fleet = fleet
        self.summary = summary
        self.results = results
        self.link = link
    }

    /// One line.
    package var subject: String { "loadfleet \(NoticeReport.headline(summary)), \(plan)" }

    /// All lines.
    package var text: String {
        let places =
            ["run \(run) on fleet \(fleet)", "results: \(results)"] + (link.map { [$0] } ?? [])
        return ([subject] + NoticeReport.lines(summary) + places).joined(separator: "\n")
    }

    /// The same for programs.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return Array(try encoder.encode(Document(notice: self)))
    }

    private struct Document: Encodable {
        let notice: Notice

        enum Keys: String, CodingKey {
            case schema = "schema_version"
            case type, run, plan, fleet, results, link, text, verdict, total
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Keys.self)
            try fields.encode("1.0", forKey: .schema)
            try fields.encode("verdict", forKey: .type)
            try fields.encode(notice.run, forKey: .run)
            try fields.encode(notice.plan, forKey: .plan)
            try fields.encode(notice.fleet, forKey: .fleet)
            try fields.encode(notice.results, forKey: .results)
            try fields.encode(notice.link, forKey: .link)
            try fields.encode(notice.text, forKey: .text)
            try fields.encode(notice.summary.verdict, forKey: .verdict)
            try fields.encode(notice.summary.total, forKey: .total)
        }
    }
}
