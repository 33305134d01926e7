// Spot fleets, the older kind of fleet. AWS discourages it ("legacy API with no planned
// investment"); it is here for accounts whose permissions name it.

package import FoundationEssentials

/// Asks for a spot fleet.
package struct RequestSpotFleet: EC2Call {
    /// The ARN of the role that lets the fleet start and tag instances.
    package var fleetRoleARN: String
    /// Templates and overrides.
    package var templates: [FleetTemplate]
    /// Units, which are instances where nothing is weighted.
    package var target: Int
    /// As in `priceCapacityOptimized`.
    package var strategy: String
    /// `request` or `maintain`.
    package var kind: FleetKind
    /// When the request ends.
    package var validUntil: Date?
    /// Whether instances end with the request.
    package var terminatesAtEnd: Bool?
    /// Tags; the one resource type is `spot-fleet-request`.
    package var tagSpecifications: [TagSpecification]
    /// Makes the call unique.
    package var clientToken: ClientToken
    /// Asks only whether the call would be allowed.
    package var dryRun: Bool?

    /// Asks for a spot fleet.
    package init(
        fleetRoleARN: String, templates: [FleetTemplate], target: Int,
        strategy: String = "priceCapacityOptimized", kind: FleetKind = .maintain,
        validUntil: Date? = nil, terminatesAtEnd: Bool? = nil,
        tagSpecifications: [TagSpecification] = [], clientToken: ClientToken = .unique(),
        dryRun: Bool? = nil
    ) {
        self.fleetRoleARN = fleetRoleARN
        self.templates = templates
        self.target = target
        self.strategy = strategy
        self.kind = kind
        self.validUntil = validUntil
        self.terminatesAtEnd = terminatesAtEnd
        self.tagSpecifications = tagSpecifications
        self.clientToken = clientToken
        self.dryRun = dryRun
    }

    package func write(to form: inout Form) {
        form.set("SpotFleetRequestConfig", Configuration(request: self))
        form.set("DryRun", dryRun)
    }

    private struct Configuration: FormPart {
        let request: RequestSpotFleet

        func write(to form: inout Form) {
            form.set("IamFleetRole", request.fleetRoleARN)
            form.set("LaunchTemplateConfigs", request.templates)
            form.set("TargetCapacity", request.target)
            form.set("AllocationStrategy", request.strategy)
            form.set("Type", request.kind)
            form.set("ValidUntil", request.validUntil)
            form.set("TerminateInstancesWithExpiration", request.terminatesAtEnd)
            form.set("TagSpecification", request.tagSpecifications)
            form.set("ClientToken", request.clientToken)
        }
    }

    /// The request's id, as in `sfr-…`.
    package typealias Answer = String

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> String {
        try node.need("spotFleetRequestId")
    }
}

/// Ends spot fleets, at most 100 in a call.
package struct CancelSpotFleetRequests: EC2Call {
    /// The requests.
    package var requestIDs: [String]
    /// Whether their instances end, too.
    package var terminateInstances: Bool

    /// Ends spot fleets.
    package init(_ requestIDs: [String], terminateInstances: Bool = true) {
        self.requestIDs = requestIDs
        self.terminateInstances = terminateInstances
    }

    package func write(to form: inout Form) {
        form.set("SpotFleetRequestId", requestIDs)
        form.set("TerminateInstances", terminateInstances)
    }

    /// What came of it, fleet by fleet.
    package struct Answer: Sendable, Equatable {
        /// Fleets that end, with their new state.
        package let cancelled: [SpotFleetCancellation]
        /// Fleets that don't.
        package let failed: [FleetFailure]
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            cancelled: try node.list(
                "successfulFleetRequestSet", SpotFleetCancellation.init),
            failed: try node.list("unsuccessfulFleetRequestSet") { node throws(AnswerFault) in
                try FleetFailure(node, id: "spotFleetRequestId")
            })
    }
}

/// A spot fleet that ends.
package struct SpotFleetCancellation: Sendable, Equatable {
    /// The request.
    package let requestID: String
    /// As in `cancelled_terminating`.
    package let state: String

    init(_ node: XMLNode) throws(AnswerFault) {
        requestID = try node.need("spotFleetRequestId")
        state = try node.need("currentSpotFleetRequestState")
    }
}

/// Lists spot fleets.
///
/// AWS allows three of these a second: poll slowly.
package struct DescribeSpotFleetRequests: EC2Call, PagedCall {
    /// Only these.
    package var requestIDs: [String]
    /// Requests a page.
    package var maxResults: Int?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists spot fleets.
    package init(_ requestIDs: [String] = [], maxResults: Int? = nil) {
        self.requestIDs = requestIDs
        self.maxResults = maxResults
    }

    /// One page.
    package struct Answer: Sendable {
        /// The requests.
        package let requests: [SpotFleetState]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("SpotFleetRequestId", requestIDs)
        form.set("MaxResults", maxResults)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            requests: try node.list("spotFleetRequestConfigSet", SpotFleetState.init),
            nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// A spot fleet as EC2 describes it.
package struct SpotFleetState: Sendable, Equatable {
    /// The request.
    package let requestID: String
    /// As in `active` or `cancelled_terminating`.
    package let state: String
    /// As in `pending_fulfillment` or `fulfilled`.
    package let activity: String?
    /// When it was made.
    package let createTime: Date?
    /// Units asked for.
    package let target: Int?
    /// Units filled so far.
    package let fulfilled: Double?
    /// When it ends by itself.
    package let validUntil: Date?
    /// The tags.
    package let tags: [Tag]

    init(_ node: XMLNode) throws(AnswerFault) {
        requestID = try node.need("spotFleetRequestId")
        state = try node.need("spotFleetRequestState")
        activity = try node.value("activityStatus")
        createTime = try node.value("createTime")
        let configuration = node.child("spotFleetRequestConfig")
        target = try configuration?.value("targetCapacity")
        fulfilled = try configuration?.value("fulfilledCapacity")
        validUntil = try configuration?.value("validUntil")
        tags = try node.tags()
    }
}

/// Lists the running instances of a spot fleet.
package struct DescribeSpotFleetInstances: EC2Call, PagedCall {
    /// The request.
    package var requestID: String
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists a spot fleet's instances.
    package init(_ requestID: String) { self.requestID = requestID }

    /// One page.
    package typealias Answer = ActiveInstances

    package func write(to form: inout Form) {
        form.set("SpotFleetRequestId", requestID)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        try ActiveInstances(node)
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// Reads what happened to a spot fleet: why it has fewer instances than it should.
package struct DescribeSpotFleetRequestHistory: EC2Call, PagedCall {
    /// The request.
    package var requestID: String
    /// From when on; events are kept for 48 hours.
    package var startTime: Date
    /// `instanceChange`, `fleetRequestChange`, `error` or `information`; `nil` for all.
    package var eventType: String?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Reads a history.
    package init(_ requestID: String, since startTime: Date, eventType: String? = nil) {
        self.requestID = requestID
        self.startTime = startTime
        self.eventType = eventType
    }

    /// One page.
    package struct Answer: Sendable {
        /// The events, oldest first.
        package let events: [SpotFleetEvent]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("SpotFleetRequestId", requestID)
        form.set("StartTime", startTime)
        form.set("EventType", eventType)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            events: try node.list("historyRecordSet", SpotFleetEvent.init),
            nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// Something that happened to a spot fleet.
package struct SpotFleetEvent: Sendable, Equatable {
    /// When.
    package let time: Date
    /// As in `error`.
    package let type: String
    /// As in `spotInstanceCountLimitExceeded`.
    package let subtype: String?
    /// The event in words.
    package let description: String?
    /// The instance it is about.
    package let instanceID: String?

    init(_ node: XMLNode) throws(AnswerFault) {
        time = try node.need("timestamp")
        type = try node.need("eventType")
        let information = node.child("eventInformation")
        subtype = try information?.value("eventSubType")
        description = try information?.value("eventDescription")
        instanceID = try information?.value("instanceId")
    }
}
