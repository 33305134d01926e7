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
    /// - Throws: ``UsageFailure``.
    init(_ text: String) throws(UsageFailure) {
        if text == "ramp" {
            self = .ramp
            return
        }
        do throws(QuantityError) {
            self = .time(try Quantity.duration(text))
        } catch {
            throw UsageFailure(
                message: "--trim: \(error.message)",
                hint: "write 'ramp', or a time such as 30s or 1m30s")
        }
    }
}
