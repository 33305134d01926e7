// Stopping a JMeter that runs a plan: one UDP datagram to a port on its loopback.

/// What a running JMeter can be told.
///
/// Send ``rawValue`` as ASCII in one datagram to 127.0.0.1, at the port of
/// ``JMeterConsole/Event/listening(port:)``. JMeter never answers.
package enum StopCommand: String, Sendable {
    /// Samples under way are finished first, however long they take.
    case shutdown = "Shutdown"
    /// Samples under way are cut off, and recorded as failures.
    case stopNow = "StopTestNow"
}
