// Where text finally goes: a file descriptor in the program, memory in tests.
import Glibc
import Synchronization

/// A destination of text.
package protocol Sink: Sendable {
    /// Writes all of `text`.
    ///
    /// - Throws: ``SinkError`` when the reader has gone or the device is full.
    func write(_ text: String) throws(SinkError)
}

/// Why text could not be written.
package enum SinkError: Error {
    /// Whoever was reading has gone, as in `loadfleet runs | head -1`; that is success.
    case closed
    /// The system refused, with its error number.
    case refused(errno: Int32)
}

/// Writes to a file descriptor, whole texts at a time.
package struct DescriptorSink: Sink {
    private let descriptor: Int32

    /// Writes to `descriptor`, which stays open and belongs to the caller.
    package init(_ descriptor: Int32) { self.descriptor = descriptor }

    package func write(_ text: String) throws(SinkError) {
        var text = text
        let failure: Int32 = text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let whole = UnsafeRawBufferPointer(rebasing: rest)
                let written = Glibc.write(descriptor, whole.baseAddress, whole.count)
                if written >= 0 {
                    rest = rest.dropFirst(written)
                } else if errno == EAGAIN {
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&waiting, 1, 1_000)
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
        guard failure != EPIPE else { throw .closed }
        guard failure == 0 else { throw .refused(errno: failure) }
    }
}

/// Keeps what was written, for tests.
package final class MemorySink: Sink {
    private let contents = Mutex("")

    /// An empty sink.
    package init() {}

    /// Everything written so far.
    package var text: String { contents.withLock { $0 } }

    package func write(_ text: String) throws(SinkError) { contents.withLock { $0 += text } }
}
