// The kinds of value a key can have, with their limits. A kind reads the written form, says in
// words what it expects, and knows nothing of where the text came from.
import Units

/// What a key's value may be.
package indirect enum Kind: Sendable {
    /// Text that follows a rule.
    case text(TextRule)
    /// One of a few words.
    case choice([String])
    /// A whole number.
    case count(ClosedRange<Int>)
    /// A length of time.
    case duration(ClosedRange<Duration>)
    /// A size.
    case bytes(ClosedRange<Int64>)
    /// From 0% to 100%.
    case percent
    /// US dollars.
    case dollars
    /// `true` or `false`.
    case boolean
    /// An existing file or folder, relative to the environment file that names it.
    case input
    /// A folder that loadfleet writes, relative to the working directory.
    case output
    /// A range of TCP ports, as in `20000-20100`.
    case ports
    /// A list, each item of the same kind.
    case list(Kind)
    /// Names chosen by the user, each with a value of the same kind.
    case map(Kind)

    /// The kind in words, as in "a duration from 1s to 30d, such as 30s".
    package var expectation: String {
        switch self {
        case .text(let rule): rule.expectation
        case .choice(let words): words.map { "'\($0)'" }.joined(separator: " or ")
        case .count(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "a duration from \(Quantity.text(range.lowerBound)) to "
                + Quantity.text(range.upperBound)
        case .bytes(let range):
            "a size from \(Quantity.text(bytes: range.lowerBound)) to "
                + Quantity.text(bytes: range.upperBound)
        case .percent: "a percentage, such as 99.9%"
        case .dollars: "an amount, such as 5usd"
        case .boolean: "true or false"
        case .input: "a path"
        case .output: "a folder"
        case .ports: "a range of ports, such as 20000-20100"
        case .list(let kind): "a list, each item \(kind.expectation)"
        case .map(let kind): "names, each with \(kind.expectation)"
        }
    }

    /// The kind of a single value: a list's items, a map's values, or the kind itself.
    var single: Kind {
        switch self {
        case .list(let kind), .map(let kind): kind
        default: self
        }
    }
}

/// Rules that text must follow.
package enum TextRule: Sendable {
    case any
    /// Text that may be empty, as the value of a property may.
    case free
    case fleetName
    case versionNumber
    case rate
    case region
    case instanceType
    case image
    case subnet
    case securityGroup
    case bucket

    /// The rule in words.
    package var expectation: String {
        switch self {
        case .any: "text"
        case .free: "text (in quotes when empty)"
        case .fleetName: "up to 40 lower-case letters, digits and hyphens, a letter first"
        case .versionNumber: "a version, such as 5.6.3"
        case .rate: "a number above 0 of up to 12 digits, such as 5000 or 0.5"
        case .region: "an AWS region, such as eu-central-1"
        case .instanceType: "an instance type, such as c6i.large"
        case .image: "an image id such as ami-0abc…, or an SSM parameter such as ssm:/aws/service/…"
        case .subnet: "a subnet id, such as subnet-0abc…"
        case .securityGroup: "a security group id, such as sg-0abc…"
        case .bucket: "a bucket name of 3 to 63 lower-case letters, digits, dots and hyphens"
        }
    }

    /// Whether `text` follows the rule.
    func allows(_ text: String) -> Bool {
        switch self {
        case .any: !text.isEmpty
        case .free: true
        case .fleetName: text.wholeMatch(of: /[a-z][a-z0-9-]{0,39}/) != nil && text.last != "-"
        case .versionNumber: text.wholeMatch(of: /[0-9]+(\.[0-9]+){1,2}/) != nil
        case .rate:
            text.count <= 13 && text.wholeMatch(of: /[0-9]+(\.[0-9]+)?/) != nil
                && text.contains { ("1"..."9").contains($0) }
        case .region: text.wholeMatch(of: /[a-z]{2}(-[a-z]+)+-[0-9]/) != nil
        case .instanceType: text.wholeMatch(of: /[a-z][a-z0-9-]*\.[a-z0-9-]+/) != nil
        case .image: text.wholeMatch(of: /ami-[0-9a-f]{8,17}|ssm:\/[A-Za-z0-9_.\/-]+/) != nil
        case .subnet: text.wholeMatch(of: /subnet-[0-9a-f]{8,17}/) != nil
        case .securityGroup: text.wholeMatch(of: /sg-[0-9a-f]{8,17}/) != nil
        case .bucket: text.wholeMatch(of: /[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/) != nil
        }
    }
}
