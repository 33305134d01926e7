// Starting programs from tests: output to a file, a status, and never a shell.
import Glibc

/// A program started by a test; it is killed if the test forgets it.
final class Child {
    private let pid: pid_t
    private var status: Int32?

    /// Starts `arguments[0]`; output and errors go to the file `output`.
    init(_ arguments: [String], environment: [String], folder: String, output: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // env changes the folder and becomes the program: the pid stays the same.
        let env = "/usr/bin/env"
        var argv = ([env, "-C", folder] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var started: pid_t = 0
        let code = posix_spawn(&started, env, &actions, nil, &argv, &envp)
        guard code == 0 else { throw StartFailure(program: arguments[0], code: code) }
        pid = started
    }

    struct StartFailure: Error {
        let program: String
        let code: Int32
    }

    /// The exit code, or 128 + signal; nil if it still runs after `seconds`.
    func exitCode(within seconds: Double) async throws -> Int32? {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while status == nil, ContinuousClock.now < deadline {
            var raw: Int32 = 0
            if waitpid(pid, &raw, WNOHANG) == pid { status = raw }
            // Polling a child's end, not waiting for an effect: the deadline decides.
            if status == nil { try await Task.sleep(for: .milliseconds(20)) }
        }
        return status.map { $0 & 0x7F == 0 ? ($0 >> 8) & 0xFF : 128 + ($0 & 0x7F) }
    }

    deinit {
        guard status == nil else { return }
        kill(pid, SIGKILL)
        var raw: Int32 = 0
        waitpid(pid, &raw, 0)
    }
}
