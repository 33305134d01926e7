// Where others look on while a run's seconds are merged: gates on windows, the health of nodes,
// whatever ends a run early. This is the one place to plug something in.
//
// `LiveChannel.watchers(of:)` makes the watchers of a run. Each sees every second when it is merged,
// and again whenever it changed; all of them are called one after another, never two at a time, by
// one task of the controller, which waits for nobody: a watcher counts, and leaves the store alone.

internal import FoundationEssentials
internal import JTL
internal import Store

/// One node in one second.
struct NodeSecond: Sendable, Equatable {
    var samples = 0
    var activeThreads = 0
    var health: NodeHealth?
}

/// A second of the run, as far as it is known now.
struct MergedSecond: Sendable {
    /// Seconds since 1970, of the nodes' clocks.
    let second: Int64
    /// What the samples that were written down in this second add up to.
    let statistics: Statistics
    /// The nodes that are in it; of seconds long past none are known any more.
    let nodes: [String: NodeSecond]
    /// Whether it was seen before, and has changed.
    let isChange: Bool
}

/// What a watcher wants done.
struct WatchNews: Sendable {
    /// Lines for the run's live log.
    var lines: [LiveLine] = []
    /// Ends the run by an orderly stop, on whose behalf: `gate p95 < 500ms`.
    var stop: String?
    /// One line on each node whose figures cannot be trusted, in place of those said before; nil where
    /// there is nothing new.
    var warnings: [String: String]?
}

/// Looks on while a run's seconds are merged.
protocol LiveWatcher: Sendable {
    /// A second was merged, or has changed; seconds come in order as far as they come in time.
    mutating func see(_ second: MergedSecond)

    /// Called several times a second, after what was seen: what there is to be done.
    mutating func news() -> WatchNews

    /// Called once, when the run is over and all its seconds were seen.
    mutating func conclude(_ outcome: inout RunOutcome)
}
