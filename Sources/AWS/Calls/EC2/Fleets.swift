// EC2 fleets, AWS's present way to start many instances at once: of several types, in several
// zones, spot or on-demand. Partial success is normal: read `errors`.

package import FoundationEssentials

/// How a fleet lives.
package enum FleetKind: String, Sendable {
    /// Answers with its instances and keeps nothing up. It is listed by its id only.
    case instant
    /// Asks for capacity once, in the background.
    case request
    /// Replaces instances that end.
    case maintain
}

/// A type and a place that a fleet may use instead of the template's.
///
/// There is no highest price: AWS says that one makes interruptions likelier.
package struct FleetOverride: FormPart, Equatable {
    /// As in `c7g.large`.
    package var instanceType: String?
    /// The subnet, and with it the zone.
    package var subnetID: String?
    /// How many units of the target one instance counts for.
    package var weightedCapacity: Int?
    /// From 0, the first; for `capacityOptimizedPrioritized` and `prioritized`.
    package var priority: Int?

    /// An override.
    package init(
        instanceType: String? = nil, subnetID: String? = nil, weightedCapacity: Int? = nil,
        priority: Int? = nil
    ) {
        self.instanceType = instanceType
        self.subnetID = subnetID
        self.weightedCapacity = weightedCapacity
        self.priority = priority
    }

    init(_ node: XMLNode) throws(AnswerFault) {
        instanceType = try node.value("instanceType")
        subnetID = try node.value("subnetId")
        // Both are written as numbers with a point.
        weightedCapacity = try node.value("weightedCapacity", as: Double.self)
            .flatMap(Int.init(exactly:))
        priority = try node.value("priority", as: Double.self).flatMap(Int.init(exactly:))
    }

    func write(to form: inout Form) {
        form.set("InstanceType", instanceType)
        form.set("SubnetId", subnetID)
        form.set("WeightedCapacity", weightedCapacity)
        form.set("Priority", priority)
    }
}

/// A template and the ways to vary it.
package struct FleetTemplate: FormPart, Equatable {
    /// The template.
    package var specification: LaunchTemplateSpecification
    /// Each is a pool that capacity may come from.
    package var overrides: [FleetOverride]

    /// A template with its overrides.
    package init(_ specification: LaunchTemplateSpecification, overrides: [FleetOverride] = []) {
        self.specification = specification
        self.overrides = overrides
    }

    func write(to form: inout Form) {
        form.set("LaunchTemplateSpecification", specification)
        form.set("Overrides", overrides)
    }
}

/// Makes a fleet.
package struct CreateFleet: EC2Call {
    /// How it lives.
    package var kind: FleetKind
    /// Templates and overrides.
    package var templates: [FleetTemplate]
    /// Units, which are instances where nothing is weighted; at most 10,000.
    package var target: Int
    /// What the target is filled with.
    package var lifecycle: Lifecycle
    /// As in `price-capacity-optimized`, to be said always: AWS's default is the cheapest pool.
    package var spotStrategy: String?
    /// `lowest-price` or `prioritized`.
    package var onDemandStrategy: String?
    /// Fewer than this many are none; `instant` only, in one zone or of one type.
    package var minimum: Int?
    /// All in one zone.
    package var singleZone: Bool?
    /// When the request ends; not for `instant`.
    package var validUntil: Date?
    /// Whether instances end with the request.
    package var terminatesAtEnd: Bool?
    /// Tags; `instance` for kind `instant` only.
    package var tagSpecifications: [TagSpecification]
    /// Makes the call unique.
    package var clientToken: ClientToken
    /// Asks only whether the call would be allowed.
    package var dryRun: Bool?

    /// Makes a fleet.
    package init(
        kind: FleetKind, templates: [FleetTemplate], target: Int, lifecycle: Lifecycle,
        spotStrategy: String? = "price-capacity-optimized", onDemandStrategy: String? = nil,
        minimum: Int? = nil, singleZone: Bool? = nil, validUntil: Date? = nil,
        terminatesAtEnd: Bool? = nil, tagSpecifications: [TagSpecification] = [],
        clientToken: ClientToken = .unique(), dryRun: Bool? = nil
    ) {
        self.kind = kind
        self.templates = templates
        self.target = target
        self.lifecycle = lifecycle
        self.spotStrategy = spotStrategy
        self.onDemandStrategy = onDemandStrategy
        self.minimum = minimum
        self.singleZone = singleZone
        self.validUntil = validUntil
        self.terminatesAtEnd = terminatesAtEnd
        self.tagSpecifications = tagSpecifications
        self.clientToken = clientToken
        self.dryRun = dryRun
    }

    package func write(to form: inout Form) {
        form.set("Type", kind)
        form.set("LaunchTemplateConfigs", templates)
        form.set("TargetCapacitySpecification.TotalTargetCapacity", target)
        form.set("TargetCapacitySpecification.DefaultTargetCapacityType", lifecycle)
        if lifecycle == .spot {
            form.set("SpotOptions.AllocationStrategy", spotStrategy)
            form.set("SpotOptions.MinTargetCapacity", minimum)
            form.set("SpotOptions.SingleAvailabilityZone", singleZone)
        } else {
            form.set("OnDemandOptions.AllocationStrategy", onDemandStrategy)
            form.set("OnDemandOptions.MinTargetCapacity", minimum)
            form.set("OnDemandOptions.SingleAvailabilityZone", singleZone)
        }
        form.set("ValidUntil", validUntil)
        form.set("TerminateInstancesWithExpiration", terminatesAtEnd)
        form.set("TagSpecification", tagSpecifications)
        form.set("ClientToken", clientToken)
        form.set("DryRun", dryRun)
    }

    /// What a fleet got.
    package struct Answer: Sendable, Equatable {
        /// As in `fleet-…`.
        package let fleetID: String
        /// The instances of an `instant` fleet.
        package let instances: [FleetInstances]
        /// Why there are not more of them.
        package let errors: [PoolError]
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            fleetID: try node.need("fleetId"),
            instances: try node.list("fleetInstanceSet", FleetInstances.init),
            errors: try node.list("errorSet", PoolError.init))
    }
}

/// Instances that a fleet started from one pool.
package struct FleetInstances: Sendable, Equatable {
    /// Their ids.
    package let instanceIDs: [String]
    /// Their type.
    package let instanceType: String?
    /// `spot` or `on-demand`.
    package let lifecycle: String?
    /// The pool.
    package let override: FleetOverride?

    init(_ node: XMLNode) throws(AnswerFault) {
        instanceIDs = node.texts("instanceIds")
        instanceType = try node.value("instanceType")
        lifecycle = try node.value("lifecycle")
        override = try node.child("launchTemplateAndOverrides")?
            .part("overrides", FleetOverride.init)
    }
}

/// Why a pool gave less than it was asked for.
package struct PoolError: Sendable, Equatable {
    /// As in `InsufficientInstanceCapacity`.
    package let code: String
    /// The code in words.
    package let message: String?
    /// `spot` or `on-demand`.
    package let lifecycle: String?
    /// The pool.
    package let override: FleetOverride?

    init(_ node: XMLNode) throws(AnswerFault) {
        code = try node.need("errorCode")
        message = try node.value("errorMessage")
        lifecycle = try node.value("lifecycle")
        override = try node.child("launchTemplateAndOverrides")?
            .part("overrides", FleetOverride.init)
    }
}
