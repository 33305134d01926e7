// Durations as plain numbers, for records and formats that hold seconds.

extension Duration {
    /// The duration in seconds, to the precision of a Double.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// The duration in whole seconds, a part of one taken for a whole.
    package var secondsRoundedUp: Int {
        Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0)
    }
}
