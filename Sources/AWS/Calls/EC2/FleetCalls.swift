// Looking at EC2 fleets and ending them.

package import FoundationEssentials

/// Lists fleets.
///
/// An `instant` fleet is listed only when it is asked for by its id, so instances are to be swept
/// by their tags.
package struct DescribeFleets: EC2Call, PagedCall {
    /// Only these.
    package var fleetIDs: [String]
    /// Only those that meet all of these.
    package var filters: [Filter]
    /// Fleets a page.
    package var maxResults: Int?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists fleets.
    package init(fleetIDs: [String] = [], filters: [Filter] = [], maxResults: Int? = nil) {
        self.fleetIDs = fleetIDs
        self.filters = filters
        self.maxResults = maxResults
    }

    /// One page.
    package struct Answer: Sendable {
        /// The fleets.
        package let fleets: [FleetState]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("FleetId", fleetIDs)
        form.set("Filter", filters)
        form.set("MaxResults", maxResults)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            fleets: try node.list("fleetSet", FleetState.init),
            nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// A fleet as EC2 describes it.
package struct FleetState: Sendable, Equatable {
    /// The id.
    package let fleetID: String
    /// As in `active` or `deleted_terminating`.
    package let state: String
    /// As in `pending_fulfillment`, `fulfilled` or `error`.
    package let activity: String?
    /// `instant`, `request` or `maintain`.
    package let kind: String?
    /// When it was made.
    package let createTime: Date?
    /// Units filled so far.
    package let fulfilled: Double?
    /// Units asked for.
    package let target: Int?
    /// When it ends by itself.
    package let validUntil: Date?
    /// The instances of an `instant` fleet.
    package let instances: [FleetInstances]
    /// Why there are not more of them.
    package let errors: [PoolError]
    /// The tags.
    package let tags: [Tag]

    init(_ node: XMLNode) throws(AnswerFault) {
        fleetID = try node.need("fleetId")
        state = try node.need("fleetState")
        activity = try node.value("activityStatus")
        kind = try node.value("type")
        createTime = try node.value("createTime")
        fulfilled = try node.value("fulfilledCapacity")
        target = try node.child("targetCapacitySpecification")?.value("totalTargetCapacity")
        validUntil = try node.value("validUntil")
        instances = try node.list("fleetInstanceSet", FleetInstances.init)
        errors = try node.list("errorSet", PoolError.init)
        tags = try node.tags()
    }
}

/// Lists the running instances of a fleet that is not `instant`.
package struct DescribeFleetInstances: EC2Call, PagedCall {
    /// The fleet.
    package var fleetID: String
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists a fleet's instances.
    package init(_ fleetID: String) { self.fleetID = fleetID }

    /// One page.
    package typealias Answer = ActiveInstances

    package func write(to form: inout Form) {
        form.set("FleetId", fleetID)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        try ActiveInstances(node)
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// One page of a fleet's instances, whatever the fleet's kind.
package struct ActiveInstances: Sendable {
    /// The instances.
    package let instances: [ActiveInstance]
    let nextToken: String?

    init(_ node: XMLNode) throws(AnswerFault) {
        instances = try node.list("activeInstanceSet", ActiveInstance.init)
        nextToken = node.token("nextToken")
    }
}

/// An instance as its fleet knows it.
package struct ActiveInstance: Sendable, Equatable {
    /// The instance.
    package let instanceID: String
    /// Its type.
    package let instanceType: String?
    /// The spot request it came from.
    package let spotInstanceRequestID: String?
    /// `healthy` or `unhealthy`.
    package let health: String?

    init(_ node: XMLNode) throws(AnswerFault) {
        instanceID = try node.need("instanceId")
        instanceType = try node.value("instanceType")
        spotInstanceRequestID = try node.value("spotInstanceRequestId")
        health = try node.value("instanceHealth")
    }
}

/// Ends fleets; at most 25 instant ones, or 100 others, in a call.
package struct DeleteFleets: EC2Call {
    /// The fleets.
    package var fleetIDs: [String]
    /// Whether their instances end, too; an `instant` fleet takes nothing but `true`.
    package var terminateInstances: Bool
    /// Asks only whether the call would be allowed.
    package var dryRun: Bool?

    /// Ends fleets.
    package init(_ fleetIDs: [String], terminateInstances: Bool = true, dryRun: Bool? = nil) {
        self.fleetIDs = fleetIDs
        self.terminateInstances = terminateInstances
        self.dryRun = dryRun
    }

    package func write(to form: inout Form) {
        form.set("FleetId", fleetIDs)
        form.set("TerminateInstances", terminateInstances)
        form.set("DryRun", dryRun)
    }

    /// What came of it, fleet by fleet.
    package struct Answer: Sendable, Equatable {
        /// Fleets that end, with their new state.
        package let deleted: [FleetDeletion]
        /// Fleets that don't.
        package let failed: [FleetFailure]
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            deleted: try node.list("successfulFleetDeletionSet", FleetDeletion.init),
            failed: try node.list("unsuccessfulFleetDeletionSet") { node throws(AnswerFault) in
                try FleetFailure(node, id: "fleetId")
            })
    }
}

/// A fleet that ends.
package struct FleetDeletion: Sendable, Equatable {
    /// The fleet.
    package let fleetID: String
    /// As in `deleted_terminating`.
    package let state: String

    init(_ node: XMLNode) throws(AnswerFault) {
        fleetID = try node.need("fleetId")
        state = try node.need("currentFleetState")
    }
}

/// A fleet that could not be ended, and why.
package struct FleetFailure: Sendable, Equatable {
    /// The fleet.
    package let fleetID: String
    /// As in `fleetIdDoesNotExist`.
    package let code: String
    /// The code in words.
    package let message: String?

    /// Reads a failure; the two kinds of fleet name their id differently.
    init(_ node: XMLNode, id: String) throws(AnswerFault) {
        fleetID = try node.need(id)
        guard let error = node.child("error") else { throw .missing("error", in: node.name) }
        code = try error.need("code")
        message = try error.value("message")
    }
}
