// Writes a run's live log: one line after another, none lost while the store is away.

internal import FoundationEssentials
internal import Store

/// The controller's pen for the live log of a run.
actor LiveWriter {
    private let log: any LiveLog
    private let note: @Sendable (String) -> Void
    private var waiting: [String] = []
    private var isWriting = false

    /// Lines kept for a store that is away; of more, the oldest go.
    private static let memory = 10_000

    init(_ part: RunPart) {
        log = part.store.liveLog(of: part.request.id)
        note = part.note
    }

    /// Writes lines after those that still wait; what cannot be written now waits for the next.
    func write(_ lines: [LiveLine]) async {
        do {
            waiting += try LiveLines.encode(lines)
        } catch {
            note("cannot encode live lines: \(sentence(error))")
        }
        // Whoever writes already takes ours along, in their order.
        guard !isWriting else { return }
        isWriting = true
        defer { isWriting = false }
        while !waiting.isEmpty {
            let batch = waiting
            waiting = []
            do {
                try await log.append(batch)
            } catch {
                note("cannot write the live log: \(sentence(error))")
                waiting = (batch + waiting).suffix(Self.memory)
                return
            }
        }
    }
}
