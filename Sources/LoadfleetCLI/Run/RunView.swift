// What a running test looks like: on a terminal a screen that is drawn anew each second, elsewhere
// a line every few seconds, with `--json` an event for each line of the live log.
//
// Lines are taken in as they come and drawn by the clock, so that whoever picks a run up sees what
// went before at once.
import Fleet
import Glibc
import Machine
import Results
import Store
import Synchronization

/// Shows a run's live lines.
final class RunView: Sendable {
    private struct State {
        var board: LiveBoard
        var line: ProgressLine
        var isOver = false
    }

    private let output: Output
    private let events: EventWriter?
    private let screen: LiveScreen?
    private let state: Mutex<State>
    private let began = ContinuousClock.now
    private let drawing = Mutex<Task<Void, Never>?>(nil)

    /// Nothing is drawn before.
    private static let quiet: Duration = .milliseconds(900)

    init(_ request: RunRequest, output: Output, events: EventWriter?) {
        self.output = output
        self.events = events
        // Two may not write to one terminal, and quiet is quiet.
        let isTaken = output.isJSON && output.terminal.isOutputTerminal
        screen =
            output.terminal.hasScreen && !isTaken && !output.isQuiet ? LiveScreen(output) : nil
        state = Mutex(
            State(board: LiveBoard(LiveBoard.Heading(request)), line: ProgressLine(output)))
    }

    /// Draws each second from now on, and learns by the way what the fleet costs.
    func begin(cost: @escaping @Sendable () async throws -> FleetCost?) {
        let task = Task { [weak self] in
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
                self?.draw()
            }
        }
        drawing.withLock { $0 = task }
        guard screen != nil else { return }
        watchTerminal()
        Task { [weak self] in
            // Prices may be withheld from this user, who then sees none.
            guard let cost = try? await cost(), let self else { return }
            state.withLock { $0.board.take(cost, at: .now - began) }
        }
    }

    /// Takes in a line of the live log.
    func show(_ line: LiveLine) {
        // A reader of stdout who has gone is noticed when the verdict is printed.
        try? tell(line)
        state.withLock { $0.board.take(line, at: .now - began) }
        if case .event(_, let text) = line { say(text) }
    }

    /// Says something at once where lines stay; the screen shows it, and says it at its end.
    private func say(_ text: String) {
        guard screen == nil else { return draw() }
        state.withLock { $0.line.clear() }
        output.note(text)
    }

    /// Says what this command, not the fleet, has done, and what keys do from now on.
    func say(_ text: String, hint: String) {
        state.withLock { state in
            state.board.hint = hint
            state.board.take(.event(at: output.date, text: text), at: .now - began)
        }
        // Behind the ^C that the terminal shows.
        if screen != nil { draw() } else { output.show("\n\(text)\n") }
    }

    /// Warns of something that does not end the run.
    func warn(_ text: String) {
        guard screen != nil else { return output.warn(text) }
        state.withLock {
            $0.board.take(.event(at: output.date, text: "warning: \(text)"), at: .now - began)
        }
        draw()
    }

    /// Takes the view away; what it said of events stays on the terminal.
    func finish() {
        drawing.withLock { $0?.cancel() }
        let (isFirst, board) = state.withLock { state in
            defer { state.isOver = true }
            return (!state.isOver, state.board)
        }
        guard isFirst else { return }
        screen?.end()
        if screen != nil { for event in board.events { output.note(event.text) } }
        state.withLock { $0.line.end(text(of: board, atEnd: true)) }
    }

    // MARK: - Drawing

    private func draw() {
        guard let screen else { return drawLine() }
        // A run that is over already is not worth a screen that comes and goes.
        guard .now - began >= Self.quiet else { return }
        let size = screen.size
        let board = state.withLock { $0.isOver ? nil : $0.board }
        guard let board else { return }
        screen.draw(
            LivePicture(
                board: board, columns: size.columns, rows: size.rows, moment: .now - began
            ).lines, columns: size.columns, rows: size.rows)
    }

    private func drawLine() {
        state.withLock { state in
            // Seconds before the first sample say nothing; events say what is waited for.
            guard !state.isOver, let text = text(of: state.board) else { return }
            state.line.show(text)
        }
    }

    /// The run in one line; at its end, no figures of a moment.
    private func text(of board: LiveBoard, atEnd: Bool = false) -> String? {
        guard let figures = board.latest, figures.totalSamples > 0,
            let now = board.history.last
        else { return nil }
        let errors = Double(figures.totalErrors) / Double(figures.totalSamples) * 100
        let totals = "\(figures.totalSamples) samples"
        var parts = [clock(.seconds(board.history.span))]
        parts += atEnd ? [totals] : ["\(now.threads) threads", totals, "\(now.samples)/s"]
        if !atEnd, let p50 = now.p50, let p95 = now.p95 {
            parts.append("p50 \(FixedPoint.text(p50, places: 0)) ms")
            parts.append("p95 \(FixedPoint.text(p95, places: 0)) ms")
        }
        parts.append("errors \(FixedPoint.text(errors, places: 2)) %")
        return parts.joined(separator: "  ")
    }

    /// Takes note of windows that change and of Ctrl-Z, for as long as the process lives: who has
    /// taken a signal has to answer it.
    private func watchTerminal() {
        let signals = Signals([SIGWINCH, SIGTSTP, SIGCONT])
        Task { [weak self] in
            for await number in signals.arrivals {
                switch number {
                case SIGTSTP:
                    guard let screen = self?.screen else {
                        TerminalGuard.stopProcess()
                        continue
                    }
                    screen.suspend { TerminalGuard.stopProcess() }
                case SIGCONT:
                    // After a stop by another, nobody knows what is on the screen.
                    self?.screen?.suspend()
                    self?.draw()
                default: self?.draw()
                }
            }
        }
    }

    private func tell(_ line: LiveLine) throws {
        switch line {
        case .event(_, let text): try events?.write("event", ["message": .string(text)])
        case .figures(let figures): try events?.write("interval", figures.json)
        case .labels(let labels): try events?.write("labels", labels.json)
        case .nodes(let nodes): try events?.write("nodes", nodes.json)
        case .gates(let gates): try events?.write("gates", gates.json)
        }
    }
}

extension LiveBoard.Heading {
    init(_ request: RunRequest) {
        self.init(
            run: request.id, plan: request.plan, fleet: request.fleet, mode: request.mode.rawValue,
            workers: request.workers.count, deadline: .seconds(request.deadlineSeconds))
    }
}
