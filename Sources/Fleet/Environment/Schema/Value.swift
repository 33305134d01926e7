// A value after reading: typed, within its key's limits, and able to write itself back.
import Units

/// The typed value of a setting.
package enum Value: Sendable, Equatable {
    case text(String)
    case count(Int)
    case duration(Duration)
    case bytes(Int64)
    case percent(Double)
    case dollars(Double)
    case boolean(Bool)
    /// Absolute.
    case path(String)
    case ports(ClosedRange<UInt16>)
    case list([Value])

    /// The value as it is written in an environment file.
    package var text: String {
        switch self {
        case .text(let text), .path(let text): text
        case .count(let count): "\(count)"
        case .duration(let duration): Quantity.text(duration)
        case .bytes(let bytes): Quantity.text(bytes: bytes)
        case .percent(let percent): Quantity.text(percent: percent)
        case .dollars(let dollars): Quantity.text(dollars: dollars)
        case .boolean(let boolean): "\(boolean)"
        case .ports(let range): "\(range.lowerBound)-\(range.upperBound)"
        case .list(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        }
    }
}
