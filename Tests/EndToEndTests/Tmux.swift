// A terminal that a test can type into and look at: tmux, with a server of the test's own.
import Foundation
import Glibc
import Machine
import Testing

/// A terminal with a shell in it.
final class Tmux: Sendable {
    /// What the terminal's programs have changed of it, and would have to change back.
    struct Modes: Equatable {
        var otherScreen: Bool
        var cursor: Bool
        var wrap: Bool

        static let asFound = Modes(otherScreen: false, cursor: true, wrap: true)
    }

    private let bench: Bench
    private let socket: String
    private let server: ProcessIdentity

    private init(_ bench: Bench, socket: String, server: ProcessIdentity) {
        self.bench = bench
        self.socket = socket
        self.server = server
    }

    deinit { server.signal(SIGTERM) }

    /// Opens a terminal of some size, in the bench's folder.
    static func open(_ bench: Bench, columns: Int, rows: Int) async throws -> Tmux {
        let socket = "\(bench.folder)/tmux-\(UUID().uuidString.prefix(8))"
        _ = try await call(
            bench, socket,
            [
                "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)",
                "bash --norc --noprofile",
            ])
        let pid = try await call(bench, socket, ["display-message", "-p", "#{pid}"])
        let number = try #require(Int32(pid.filter(\.isNumber)))
        let tmux = Tmux(
            bench, socket: socket, server: ProcessIdentity(pid: number))
        try await tmux.type("PS1='next> '; ulimit -c 0")
        try await tmux.waitForPrompt()
        return tmux
    }

    private static func call(
        _ bench: Bench, _ socket: String, _ arguments: [String]
    ) async throws -> String {
        let request = ProcessRequest(
            "/usr/bin/env", ["tmux", "-u", "-S", socket, "-f", "/dev/null"] + arguments,
            environment: bench.environment, directory: bench.folder)
        let run = try await CapturedRun.of(request, limit: .seconds(30))
        // `utility/setup` installs it.
        try #require(run.end.code == 0, "tmux \(arguments): \(run.output)")
        return run.output
    }

    private func call(_ arguments: String...) async throws -> String {
        try await Self.call(bench, socket, arguments)
    }

    /// Types a line and Enter.
    func type(_ line: String) async throws {
        _ = try await call("send-keys", "-l", line)
        _ = try await call("send-keys", "Enter")
    }

    /// Presses a key by tmux's name, `C-c`.
    func press(_ key: String) async throws { _ = try await call("send-keys", key) }

    func resize(columns: Int, rows: Int) async throws {
        _ = try await call("resize-window", "-x", "\(columns)", "-y", "\(rows)")
    }

    /// The lines that are seen.
    func screen() async throws -> [String] { lines(try await call("capture-pane", "-p")) }

    /// All lines of the first screen, those too that have gone off at the top.
    func everything() async throws -> [String] {
        // Wrapped lines come as one.
        lines(try await call("capture-pane", "-p", "-J", "-S", "-"))
    }

    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    func modes() async throws -> Modes {
        let text = try await call(
            "display-message", "-p", "#{alternate_on}#{cursor_flag}#{wrap_flag}")
        let flags = text.filter(\.isNumber).map { $0 == "1" }
        try #require(flags.count == 3, "\(text)")
        return Modes(otherScreen: flags[0], cursor: flags[1], wrap: flags[2])
    }

    /// Waits until what is seen is as wanted; returns it.
    @discardableResult
    func wait(
        _ what: String, within limit: Duration = .seconds(90),
        until condition: ([String]) -> Bool
    ) async throws -> [String] {
        let deadline = ContinuousClock.now + limit
        while true {
            let screen = try await screen()
            // Half a picture may be seen while it is drawn; what is seen twice was whole.
            if condition(screen), try await self.screen() == screen { return screen }
            try #require(
                ContinuousClock.now < deadline,
                "gave up waiting for \(what):\n\(screen.joined(separator: "\n"))")
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Waits until the shell asks for the next command.
    func waitForPrompt() async throws {
        try await wait("the shell") { screen in
            screen.last { !$0.isEmpty }?.hasPrefix("next>") == true
        }
    }
}
