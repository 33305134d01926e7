// Writes a live log: one line after another, none lost while the store is away.

internal import FoundationEssentials
internal import Store

/// A node's pen for a live log: the controller's for that of the run, each one's for its own.
actor LiveWriter {
    private let log: any LiveLog
    private let note: @Sendable (String) -> Void
    private var waiting: [String] = []
    /// What could not be written, as far as is known; it may be in the log all the same.
    private var unsure: LogBatch?
    private var isWriting = false

    /// Lines kept for a store that is away; of more, the oldest go.
    private static let memory = 10_000

    init(_ log: any LiveLog, note: @escaping @Sendable (String) -> Void) {
        self.log = log
        self.note = note
    }

    /// Writes lines after those that still wait; what cannot be written now waits for the next.
    func write(_ lines: [LiveLine]) async {
        do {
            await write(texts: try LiveLines.encode(lines))
        } catch {
            note("cannot encode live lines: \(sentence(error))")
        }
    }

    /// Writes lines as they are.
    func write(texts: [String]) async {
        waiting += texts
        // Whoever writes already takes ours along, in their order.
        guard !isWriting else { return }
        isWriting = true
        defer { isWriting = false }
        while let batch = next() {
            do {
                try await log.append(batch)
                unsure = nil
            } catch {
                note("cannot write the live log: \(sentence(error))")
                waiting = waiting.suffix(Self.memory)
                return
            }
        }
    }

    /// What is to be written now; the same again until it is known to be written, so that readers
    /// can tell a repetition.
    private func next() -> LogBatch? {
        if unsure == nil, !waiting.isEmpty {
            unsure = log.batch(waiting)
            waiting = []
        }
        return unsure
    }
}
