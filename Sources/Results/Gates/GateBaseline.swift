// What gates on a baseline are held against: another run's summary, or the reason why there is none
// that would do.

/// What `baseline` stands for in gates.
package enum GateBaseline: Sendable {
    /// Nobody named one.
    case none
    case summary(Summary)
    /// There is one that the run can't be held against, and why.
    case unusable(String)
}

/// What a gate on a baseline came down to.
package struct GateBaselineFigure: Codable, Equatable, Sendable {
    /// The baseline's figure, in the gate's unit; nil where it is not known.
    package var value: Double?
    /// What the run's figure was held against; nil with it.
    package var limit: Double?

    enum CodingKeys: String, CodingKey {
        case value, limit
    }

    package init(value: Double?, limit: Double?) {
        (self.value, self.limit) = (value, limit)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(value, forKey: .value)
        try fields.encode(limit, forKey: .limit)
    }
}
