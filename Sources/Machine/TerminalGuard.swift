// What a program that draws on the whole terminal owes to whoever uses it next: a terminal as it
// was, also when the program is stopped (Ctrl-Z) or ended by a signal that nobody expected.

internal import CMachine
internal import Glibc

/// Care for the terminal of this process.
package enum TerminalGuard {
    /// Has a text written to a descriptor when a signal ends this process, until ``release()``.
    package static func set(_ text: StaticString, on descriptor: Int32) {
        // A literal of ASCII ends with a zero byte and lives as long as the program.
        text.withUTF8Buffer { bytes in
            guard let start = bytes.baseAddress else { return }
            start.withMemoryRebound(to: CChar.self, capacity: bytes.count + 1) {
                lf_guard_terminal(descriptor, $0)
            }
        }
    }

    package static func release() { lf_release_terminal() }

    /// Whether this process may draw on the terminal: its group is the one in the foreground, or
    /// the terminal does not control it at all.
    package static func isInForeground(_ descriptor: Int32) -> Bool {
        let group = tcgetpgrp(descriptor)
        return group < 0 || group == getpgrp()
    }

    /// Stops this process as Ctrl-Z does by default; returns when it goes on.
    ///
    /// The kernel ignores the wish where no shell could make the process go on again.
    package static func stopProcess() {
        var taken = sigaction()
        var mask = sigset_t()
        var before = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, SIGTSTP)
        sigaction(SIGTSTP, nil, &taken)
        signal(SIGTSTP, SIG_DFL)
        // To this thread, which does not block it: so it is done when the call returns.
        pthread_sigmask(SIG_UNBLOCK, &mask, &before)
        raise(SIGTSTP)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        sigaction(SIGTSTP, &taken, nil)
    }
}
