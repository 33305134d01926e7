// What the controller says of nodes that are saturated while a run goes on. The verdict is made from
// what the nodes say of themselves at the end: they see more, and miss nothing.

internal import FoundationEssentials
internal import Store

/// Warns of nodes whose figures cannot be trusted now.
struct SaturationWatcher: LiveWatcher {
    private struct Node: Sendable {
        var watch = SaturationWatch()
        var last = Int64.min
        var hasSamples = false
    }

    private var nodes: [String: Node] = [:]
    private var said: [String: String] = [:]

    mutating func see(_ second: MergedSecond) {
        for (name, told) in second.nodes {
            var node = nodes[name] ?? Node()
            defer { nodes[name] = node }
            guard second.second > node.last, let health = told.health else { continue }
            node.last = second.second
            // A Java that starts keeps its processors busy.
            if node.hasSamples {
                node.watch.add(
                    HealthSecond(
                        at: Date(timeIntervalSince1970: Double(second.second + 1)), seconds: 1,
                        health: health))
            }
            node.hasSamples = node.hasSamples || told.samples > 0
        }
    }

    mutating func news() -> WatchNews {
        let warnings = nodes.compactMapValues(\.watch.warning)
        guard warnings != said else { return WatchNews() }
        said = warnings
        return WatchNews(warnings: warnings)
    }

    mutating func conclude(_ outcome: inout RunOutcome) {}
}
