// Nodes of a fleet whose instances don't boot: what they would leave of a run in the store, and so
// all that whoever follows the run can see of them.
import Compression
import Foundation
import Store

/// What becomes of a fleet's runs.
enum RunCourse: Sendable {
    /// Every worker makes its samples and ends.
    case completes
    /// The first worker falls silent before its first sample.
    case losesWorker
    /// Samples are made until somebody asks for the end.
    case goesOn
}

/// Plays a fleet's nodes in its runs until the task is cancelled.
func playRuns(of fleet: String, in store: S3Store, _ course: RunCourse) async {
    while !Task.isCancelled {
        let current = try? await store.record(CurrentRun.self, at: FleetKeys(fleet).run)
        if let run = current?.run,
            let request = try? await store.record(RunRequest.self, at: RunKeys(run).request)
        {
            try? await play(request, in: store, course)
        }
        try? await Task.sleep(for: .milliseconds(300))
    }
}

/// What a fleet's nodes do in a run, as far as whoever follows it can see: they are lost at once.
func abandonRuns(of fleet: String, in store: S3Store) async {
    while !Task.isCancelled {
        let current = try? await store.record(CurrentRun.self, at: FleetKeys(fleet).run)
        if let run = current?.run {
            let outcome = RunOutcome(endedAt: .now, lost: [LostNode(node: "worker-1", at: .now)])
            try? await store.put(outcome, at: RunKeys(run).outcome)
            try? await store.delete(FleetKeys(fleet).run)
        }
        try? await Task.sleep(for: .milliseconds(300))
    }
}

private func play(_ request: RunRequest, in store: S3Store, _ course: RunCourse) async throws {
    let keys = RunKeys(request.id)
    var stop: StopRequest?
    while course == .goesOn, stop == nil {
        try await Task.sleep(for: .milliseconds(200))
        stop = try await store.record(StopRequest.self, at: keys.stop)
    }
    let lost = course == .losesWorker ? ["worker-1"] : []
    for node in request.workers where !lost.contains(node) {
        let samples = try await deliver(samplesOf: node, to: keys, in: store)
        var outcome = NodeOutcome(
            node: node, ending: stop == nil ? .completed : .stopped, threads: 1, startedAt: .now,
            endedAt: .now, samples: samples)
        if let stop {
            outcome.message = "stopped by \(stop.by)"
            outcome.stoppedBy = stop.by
        }
        try await store.put(outcome, at: keys.node(node).outcome)
    }
    try await store.conclude(
        request, RunOutcome(endedAt: .now, lost: lost.map { LostNode(node: $0, at: .now) }))
}

/// Puts a worker's samples into the store; returns how many they are.
private func deliver(samplesOf node: String, to keys: RunKeys, in store: S3Store) async throws
    -> Int
{
    let now = Int64(Date.now.timeIntervalSince1970 * 1000)
    let rows = (Int64(0)..<5).map { "\(now + $0 * 100),20,Sleep,200,OK,true,10,1\n" }.joined()
    let header = "timeStamp,elapsed,label,responseCode,responseMessage,success,bytes,allThreads\n"
    let text = Array((header + rows).utf8)
    var compressor = try ZstdCompressor()
    let bytes = try compressor.compress(text) + compressor.finish()
    let part = keys.node(node).part(1, end: Int64(text.count))
    try await store.write(Data(bytes), to: part)
    return 5
}
