// How far the reading of long files has come, on a terminal only: whoever pipes a report waits for
// the report and nothing else.
import Results
import Synchronization

/// Shows bytes and time left, a few times a second.
final class ReadingProgress: Sendable {
    private struct State {
        var line: ProgressLine
        var next: ContinuousClock.Instant
    }

    private let state: Mutex<State>
    private let animates: Bool
    private let start = ContinuousClock.now

    /// A file that is read faster than this shows no progress.
    private static let patience: Duration = .seconds(1)

    init(_ output: Output) {
        animates = output.terminal.animates
        state = Mutex(State(line: ProgressLine(output), next: start + Self.patience))
    }

    /// Shows the state, unless it was shown a moment ago.
    func show(_ progress: SampleFiles.Progress) {
        guard animates else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            guard now >= state.next else { return }
            state.next = now + .milliseconds(200)
            state.line.show(text(progress, after: now - start))
        }
    }

    /// Takes the line away.
    func clear() { state.withLock { $0.line.clear() } }

    private func text(_ progress: SampleFiles.Progress, after time: Duration) -> String {
        let read = Double(progress.bytesRead)
        let seconds = time / .seconds(1)
        let speed = "\(Int(read / seconds / 1e6)) MB/s"
        guard let total = progress.bytes, total > 0 else {
            return "read \(progress.bytesRead / 1_000_000) MB, \(speed)"
        }
        let left = Duration.seconds(Int((Double(total) - read) / read * seconds))
        let percent = Int(read * 100 / Double(total))
        return "read \(percent)% of \(total / 1_000_000) MB, \(speed), \(clock(left)) left"
    }
}
