// Calls about regions.

/// Lists the regions that the account may use.
package struct DescribeRegions: EC2Call {
    /// Lists regions.
    package init() {}

    package func write(to form: inout Form) {}

    /// Their names, as in `eu-central-1`.
    package typealias Answer = [String]

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> [String] {
        try node.list("regionInfo") { node throws(AnswerFault) in try node.need("regionName") }
    }
}
