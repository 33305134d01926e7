// What `--trim` leaves out.
import Units

/// What is left out at both ends.
enum Trim: Equatable {
    /// Whatever lies outside the time in which all threads were active.
    case ramp
    /// So much.
    case time(Duration)

    /// Reads the word or the time.
    ///
    /// - Throws: `QuantityError`.
    init(_ text: String) throws(QuantityError) {
        self = text == "ramp" ? .ramp : .time(try Quantity.duration(text))
    }
}
