// The dashboards in the tree ask for nothing that is not sent.

import Foundation
import LoadfleetTesting
import Machine
import Results
import Testing

@testable import Export

struct `Dashboards` {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func board(_ name: String) throws -> JSONTree {
        let path = ExportServer.package + "/dashboards/grafana-\(name).json"
        return JSONTree(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))))
    }

    /// All values that stand under a name, at any depth.
    private func all(_ name: String, in tree: JSONTree) -> [JSONTree] {
        let own = tree[name]
        let members = (tree.value as? [String: Any] ?? [:]).values.map(JSONTree.init) + tree.list
        return (own.value == nil ? [] : [own]) + members.flatMap { all(name, in: $0) }
    }

    @Test(arguments: ["prometheus", "opensearch"])
    func `are of one piece`(name: String) throws {
        let board = try board(name)
        let panels = board["panels"].list
        #expect(panels.count > 5)
        let ids = panels.compactMap { $0["id"].int }
        #expect(Set(ids).count == panels.count)
        #expect(panels.allSatisfy { $0["title"].text?.isEmpty == false })
        // No two panels in one place, none beyond the edge.
        var cells: Set<[Int]> = []
        for panel in panels.map({ $0["gridPos"] }) {
            let (x, y) = (panel["x"].int ?? -1, panel["y"].int ?? -1)
            let (width, height) = (panel["w"].int ?? 0, panel["h"].int ?? 0)
            #expect(x >= 0 && x + width <= 24 && height > 0)
            for column in x..<x + width {
                for row in y..<y + height {
                    let isFree = cells.insert([column, row]).inserted
                    #expect(isFree)
                }
            }
        }
        // Nothing of the Grafana in which it was made.
        #expect(Set(all("uid", in: board["panels"]).map(\.text)) == ["${datasource}"])
    }

    @Test func `name only metrics that are written`() throws {
        let summary = try SampleText.run(samples: 20, in: folder).summary
        let written = OpenMetricsReport.text(summary).split(separator: "\n")
            .filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
        let queries = try queries()
        let named = queries.flatMap { $0.matches(of: /loadfleet_\w+/).map(\.output) }
        #expect(named.count >= queries.count)
        #expect(Set(named).subtracting(written).isEmpty)
    }

    private func queries() throws -> [String] {
        let board = try board("prometheus")
        return all("expr", in: board).compactMap(\.text)
            + all("query", in: board).compactMap(\.text).filter { $0.contains("loadfleet") }
    }

    @Test(.enabled(if: ExportServer.areThere, "utility/report-test-tools puts promtool in place"))
    func `ask in words that Prometheus understands`() async throws {
        let rules = try queries().filter { !$0.hasPrefix("label_values") }.enumerated().map {
            "  - {record: 'q:\($0.offset)', expr: '\($0.element)'}"
        }
        try folder.write(
            "rules.yml", "groups:\n- name: g\n  rules:\n" + rules.joined(separator: "\n") + "\n")
        let promtool = ExportServer.package + "/.build/report-test-tools/bin/promtool"
        let run = try await CapturedRun.of(
            ProcessRequest(
                promtool, ["check", "rules", folder.path + "/rules.yml"], environment: [:]),
            limit: .seconds(20))
        #expect(run.end == .exited(0), "\(run.output)")
        #expect(run.output.contains("\(rules.count) rules found"), "\(run.output)")
    }

    @Test func `name only fields that OpenSearch is told of`() throws {
        let template = JSONTree(
            try JSONSerialization.jsonObject(with: Data(IndexTemplate.text(for: "x").utf8)))
        let fields = template["template"]["mappings"]["properties"].value as? [String: Any] ?? [:]
        let board = try board("opensearch")
        let named = Set(all("field", in: board).compactMap(\.text))
        #expect(named.count > 5)
        #expect(named.subtracting(fields.keys).isEmpty)
        let queries = all("query", in: board["panels"]).compactMap(\.text)
        let asked = queries.flatMap { $0.matches(of: /(\w+):/).map { String($0.output.1) } }
        #expect(Set(asked).subtracting(fields.keys).isEmpty)
    }
}
