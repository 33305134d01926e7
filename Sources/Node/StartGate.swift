// How the JMeters of a fleet start together. A Java that starts takes seconds, and never the same
// number of them, so each JMeter is started early and held where its plan is loaded and nothing of it
// runs yet: the first thing in the plan is a variable whose value is read from a file, and that file
// is a pipe. JMeter opens it, and the kernel lets it wait until somebody writes.
//
// Nothing is measured while JMeter waits, no sample is made, and what wakes it is the end of the
// pipe: no poll, no clock of its own.

internal import FoundationEssentials
internal import Glibc

/// The gate before one JMeter's load.
///
/// While it is held the node's own end holds the pipe: an agent that dies takes its JMeter along
/// (``JMeterProcess``), before that could make much of its freedom.
final class StartGate {
    private let path: String
    private var descriptor: Int32 = -1

    /// Makes the pipe.
    ///
    /// - Throws: ``NodeError`` where that cannot be done.
    init(at path: String) throws {
        self.path = path
        unlink(path)
        guard mkfifo(path, 0o600) == 0 else {
            throw NodeError("cannot make \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether JMeter waits at the gate.
    ///
    /// A pipe can be opened for writing only when somebody has it open for reading.
    var isReached: Bool {
        if descriptor < 0 { descriptor = Glibc.open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC) }
        return descriptor >= 0
    }

    /// Lets JMeter go.
    func open() {
        // Should the plan's variables be read once more, an empty file does not hold anybody.
        let empty = path + ".open"
        let file = Glibc.open(empty, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        if file >= 0 { close(file) }
        rename(empty, path)
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
