// From "4 vCPUs, 8 GiB" to a list of types. Load generators should be alike, so all types have the
// same number of vCPUs; and none whose speed depends on saved-up credits, which would run out in
// the middle of a test.

internal import AWS
internal import Units

/// Looks for instance types by what they must have.
struct TypeSearch: Sendable {
    let caller: EC2Caller
    /// As AWS writes it.
    let architecture: String
    /// How many types are enough.
    let limit = 20

    /// Current types with the smallest sufficient number of vCPUs, smallest memory first.
    ///
    /// - Throws: ``FleetError/impossible(_:hint:)`` when there are none.
    func types(vCPUs: Int, memoryBytes: Int64) async throws -> [InstanceType] {
        let call = DescribeInstanceTypes(filters: [
            Filter("processor-info.supported-architecture", architecture),
            Filter("supported-usage-class", "spot"), Filter("current-generation", "true"),
            Filter("bare-metal", "false"), Filter("burstable-performance-supported", "false"),
        ])
        let types = try await caller.pages(of: call).flatMap(\.types)
        let chosen = Self.choose(
            types, vCPUs: vCPUs, memoryMiB: Int((memoryBytes + (1 << 20) - 1) >> 20), limit: limit)
        guard !chosen.isEmpty else {
            throw FleetError.impossible(
                "no instance type has \(vCPUs) vCPUs and " + Quantity.text(bytes: memoryBytes),
                hint: "lower 'ec2.requirements', or name types in 'ec2.instance-types'")
        }
        return chosen
    }

    static func choose(
        _ types: [InstanceType], vCPUs: Int, memoryMiB: Int, limit: Int
    ) -> [InstanceType] {
        let fitting = types.filter {
            $0.vCPUs >= vCPUs && $0.memory >= memoryMiB && isGeneral($0.name) && !$0.isBurstable
                && !$0.isBareMetal
        }
        guard let size = fitting.map(\.vCPUs).min() else { return [] }
        return Array(
            fitting.filter { $0.vCPUs == size }
                .sorted { ($0.memory, $0.name) < ($1.memory, $1.name) }.prefix(limit))
    }

    /// Families for computing in general, which share one quota: C, M and R with a number.
    private static func isGeneral(_ name: String) -> Bool {
        guard let family = name.first, "cmr".contains(family) else { return false }
        return name.dropFirst().first?.isNumber ?? false
    }
}
