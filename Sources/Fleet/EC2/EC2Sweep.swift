// Finds what is running and should not be: what a lease should have ended, and what was left by a
// machine that died. Only what carries our tags is looked at, and the cloud is asked before the
// store, so that what is just being made is never taken for lost.

package import AWS
internal import FoundationEssentials
package import Store
internal import Units

/// A search for forgotten things in one region.
package struct EC2Sweep: Sendable {
    /// A forgotten fleet, or a part of one.
    package struct Finding: Sendable, Equatable {
        package enum Reason: String, Sendable {
            /// Its lease is over.
            case expired
            /// Our store knows no such fleet.
            case unknown
        }

        package let region: String
        package let fleet: String
        package let reason: Reason
        /// Instances that cost something.
        package let machines: [FleetMachine]
        /// Launch templates, which only stand around.
        package let templates: [String]
        /// Spot fleets, which would replace what is ended.
        package let spotFleets: [String]
    }

    let caller: EC2Caller
    let region: String
    /// The store that would know; `nil` where there is none.
    let store: (any ObjectStore)?
    private let foundation: Foundation

    /// Younger things may belong to an `up` that is going on.
    static let grace: TimeInterval = 30

    package init(
        client: AWSClient, region: String, store: (any ObjectStore)?,
        foundation: Foundation = Foundation(), clock: FleetClock = .system
    ) {
        caller = EC2Caller(client: client, clock: clock)
        self.region = region
        self.store = store
        self.foundation = foundation
    }

    /// Everything forgotten in the region.
    package func find() async throws -> [Finding] {
        let now = caller.clock.now()
        let present = try await caller.pages(
            of: DescribeInstances(filters: FleetTags.filters(), maxResults: 1_000)
        ).flatMap(\.instances).filter {
            $0.tag(FleetTags.managed) == "true" && InstanceStates.present.contains($0.state)
        }
        let isOld = { (instance: Instance) in
            (instance.launchTime ?? .distantPast) < now - Self.grace
        }
        let instances = present.filter(isOld)
        // What is done to a part of a fleet would look like all of it.
        let young = Set(present.filter { !isOld($0) }.compactMap { $0.tag(FleetTags.fleet) })
        let templates = try await caller.pages(
            of: DescribeLaunchTemplates(filters: FleetTags.filters())
        ).flatMap(\.templates)
        let requests = try await caller.pages(of: DescribeSpotFleetRequests())
            .flatMap(\.requests).filter {
                FleetTags.value(FleetTags.managed, in: $0.tags) == "true"
                    && !EC2Release.endsOfSpotFleets.contains($0.state)
            }
        let tags = instances.map(\.tags) + templates.map(\.tags) + requests.map(\.tags)
        let names = Set(tags.compactMap { FleetTags.value(FleetTags.fleet, in: $0) }).sorted()
        let prices = try? await SpotPrices.read(
            caller, types: instances.map(\.instanceType), since: now)
        var findings: [Finding] = []
        for name in names {
            let known = try await isKnown(name)
            for reason in [Finding.Reason.expired, .unknown] {
                guard reason == .expired || !young.contains(name) else { continue }
                let isFound = { (tags: [Tag]) in
                    FleetTags.value(FleetTags.fleet, in: tags) == name
                        && self.reason(tags, isKnown: known, now) == reason
                }
                let machines = instances.filter { isFound($0.tags) }
                let stale = templates.filter { isFound($0.tags) }
                let spotFleets = requests.filter { isFound($0.tags) }
                guard !machines.isEmpty || !stale.isEmpty || !spotFleets.isEmpty else { continue }
                findings.append(
                    Finding(
                        region: region, fleet: name, reason: reason,
                        machines: machines.map {
                            EC2Provider.machine(
                                $0, node: nil,
                                hourly: $0.isSpot ? prices?.current($0.pool) : nil)
                        }, templates: stale.map(\.id), spotFleets: spotFleets.map(\.requestID)))
            }
        }
        return findings
    }

    /// Why something is forgotten; `nil` if it is not.
    private func reason(_ tags: [Tag], isKnown: Bool, _ now: Date) -> Finding.Reason? {
        if let text = FleetTags.value(FleetTags.expires, in: tags),
            let end = try? Date(text, strategy: .iso8601), end < now
        {
            return .expired
        }
        // Another store's fleets are for that store's people to judge.
        guard !isKnown, let store,
            FleetTags.value(FleetTags.store, in: tags) == String(store.location.suffix(256))
        else { return nil }
        return .unknown
    }

    private func isKnown(_ fleet: String) async throws -> Bool {
        guard let store else { return true }
        return try await store.read(FleetKeys(fleet).fleet) != nil
    }

    /// Ends what was found; what is still there.
    package func end(_ findings: [Finding]) async throws -> [FleetMachine] {
        let spotFleets = findings.flatMap(\.spotFleets)
        for start in stride(from: 0, to: spotFleets.count, by: 100) {
            _ = try await caller.send(
                CancelSpotFleetRequests(
                    Array(spotFleets[start..<min(start + 100, spotFleets.count)])))
        }
        let machines = findings.flatMap(\.machines)
        for start in stride(from: 0, to: machines.count, by: 1_000) {
            try await EC2Release.terminate(
                machines[start..<min(start + 1_000, machines.count)].map(\.id), caller)
        }
        for template in findings.flatMap(\.templates) {
            do {
                _ = try await caller.send(DeleteLaunchTemplate(templateID: template))
            } catch let error as CallError where EC2Caller.isNotSeenYet(error) {
                // Somebody else was faster.
            }
        }
        let left = try await waitUntilGone(machines)
        // A lease that is over has taken its schedules with it; those of an earlier fleet of the
        // same name are no business of one that lives.
        for finding in findings where finding.reason == .unknown {
            try await LeaseSchedule(caller: caller, foundation: foundation)
                .remove(of: finding.fleet)
        }
        return left
    }

    private func waitUntilGone(_ machines: [FleetMachine]) async throws -> [FleetMachine] {
        let ids = Set(machines.map(\.id))
        let deadline = caller.clock.elapsed() + .seconds(300)
        while true {
            let present = try await caller.pages(
                of: DescribeInstances(filters: FleetTags.filters(), maxResults: 1_000)
            ).flatMap(\.instances).filter {
                ids.contains($0.instanceID) && InstanceStates.present.contains($0.state)
            }.map(\.instanceID)
            let left = machines.filter { present.contains($0.id) }
            if left.isEmpty || caller.clock.elapsed() > deadline { return left }
            try await caller.clock.sleep(.seconds(10))
        }
    }

    /// The regions that the account may use.
    package static func regions(_ client: AWSClient) async throws(CallError) -> [String] {
        try await client.send(DescribeRegions()).sorted()
    }
}
