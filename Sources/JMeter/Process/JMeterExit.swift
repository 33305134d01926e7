// What the end of a JMeter process says by itself, which is little.
//
// Exit code 0 is no success: failed samples, missing data files, a busy server and an unwritable
// results file all end with it. Only what is listed here is certain.

/// Reading JMeter's exit code.
package enum JMeterExit {
    /// Why a process ended with `code` (128 + the signal, if by a signal); nil for 0.
    ///
    /// Nil does not mean that the run went well.
    package static func reason(code: Int) -> String? {
        switch code {
        case 0: nil
        case 3: "JMeter ran out of memory: give it a larger heap, or use more workers"
        case 130: "JMeter was interrupted"
        case 137: "JMeter was killed (by hand, or by the system for want of memory)"
        case 143: "JMeter was ended by request"
        default: "JMeter ended with code \(code)"
        }
    }
}
