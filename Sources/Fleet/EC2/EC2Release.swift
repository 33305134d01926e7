// Gives a fleet back and proves it. Everything is looked for by tag, and by the ids and questions
// in the store for what can't be seen yet; it is over only when EC2 shows nothing any more, and
// nothing can turn up late.

internal import AWS
internal import FoundationEssentials
internal import Store
internal import Units

/// The end of one fleet.
struct EC2Release: Sendable {
    let caller: EC2Caller
    let book: LaunchBook
    let instances: InstanceView
    let schedule: LeaseSchedule
    let fleet: String

    /// Something that is left.
    enum Rest: Sendable {
        case instance(Instance)
        case template(LaunchTemplate)
        case spotFleet(String)
        case schedule(String)
    }

    /// Ends everything, until nothing is left or time is up.
    ///
    /// - Returns: What is left.
    func run(within limit: Duration) async throws -> [Rest] {
        let deadline = caller.clock.elapsed() + limit
        let asked = try await book.readable()
        let records = asked.launches
        let templates = asked.templates
        // The moment after which nothing new can come to light.
        let requests = records.filter { !$0.isRefused }.map(\.requestedAt)
        let latest = (requests + templates.map(\.requestedAt)).max()
        let open =
            records.contains(where: \.isOpen) || templates.contains { $0.id == nil }
            || asked.isDamaged
        // What a damaged record asked for may have been asked for just now.
        let since = asked.isDamaged ? caller.clock.now() : latest
        let horizon = since.map { $0 + LaunchRecord.horizon } ?? .distantPast
        try await end(fleets: records.filter { $0.kind == .instantFleet }.compactMap(\.requestId))
        var pause = Duration.seconds(3)
        // Templates that were made and can't be seen yet.
        var hidden = Set(templates.compactMap(\.id))
        var cancelled: Set<String> = []
        while true {
            var rest = try await sweep(records, &cancelled)
            rest += try await removeTemplates(&hidden)
            let maySurprise = (open || !hidden.isEmpty) && caller.clock.now() < horizon
            if rest.isEmpty, !maySurprise { break }
            guard caller.clock.elapsed() + pause < deadline else { return rest }
            try await caller.clock.sleep(pause)
            pause = min(pause * 1.5, .seconds(15))
        }
        try await schedule.remove(of: fleet)
        return try await schedule.list(of: fleet).map { .schedule($0.name) }
    }

    // MARK: - Fleets

    /// Deletes instant fleets, which ends their instances even where those can't be seen yet.
    private func end(fleets ids: [String]) async throws {
        var left = ids[...]
        while !left.isEmpty {
            let answer = try await caller.send(DeleteFleets(Array(left.prefix(25))))
            left = left.dropFirst(25)
            // A fleet that was made a moment ago may not be known here.
            let unseen = answer.failed.filter { $0.code == "fleetIdDoesNotExist" }.map(\.fleetID)
            for id in unseen { try await endUnseen(id) }
        }
    }

    private func endUnseen(_ id: String) async throws {
        let record = try await book.readable().launches.first { $0.requestId == id }
        let horizon = (record?.requestedAt ?? .distantPast) + LaunchRecord.horizon
        while caller.clock.now() < horizon {
            try await caller.clock.sleep(.seconds(5))
            let answer = try await caller.send(DeleteFleets([id]))
            guard answer.failed.contains(where: { $0.code == "fleetIdDoesNotExist" }) else {
                return
            }
        }
    }

    /// Cancels spot fleets and terminates instances; what of them is still there.
    private func sweep(
        _ records: [LaunchRecord], _ cancelled: inout Set<String>
    ) async throws -> [Rest] {
        let known = records.filter { $0.kind != .instantFleet }
        var rest = try await cancelSpotFleets(known, &cancelled).map { Rest.spotFleet($0) }
        let present = try await instances.present(of: fleet)
        let alive = present.filter { $0.state != "shutting-down" }.map(\.instanceID)
        for start in stride(from: 0, to: alive.count, by: 1_000) {
            try await terminate(Array(alive[start..<min(start + 1_000, alive.count)]))
        }
        rest += present.map { .instance($0) }
        return rest
    }

    /// States in which a spot fleet starts nothing any more.
    static let endsOfSpotFleets: Set<String> = ["cancelled", "cancelled_terminating", "failed"]

    private func cancelSpotFleets(
        _ known: [LaunchRecord], _ cancelled: inout Set<String>
    ) async throws -> [String] {
        // Spot fleets that ended stay listed for two days.
        let states = try await caller.pages(of: DescribeSpotFleetRequests()).flatMap(\.requests)
        let mine = states.filter { state in
            FleetTags.match(state.tags, fleet: fleet)
                || known.contains { $0.requestId == state.requestID }
        }
        let over = Set(mine.filter { Self.endsOfSpotFleets.contains($0.state) }.map(\.requestID))
        let listed = Set(mine.map(\.requestID))
        let youngest = caller.clock.now() - LaunchRecord.horizon
        let unlisted = known.filter { record in
            record.requestId.map { !listed.contains($0) } ?? false && record.requestedAt > youngest
        }.compactMap(\.requestId)
        let ids = Set(listed.subtracting(over)).union(unlisted).subtracting(cancelled).sorted()
        for start in stride(from: 0, to: ids.count, by: 100) {
            let answer = try await caller.send(
                CancelSpotFleetRequests(Array(ids[start..<min(start + 100, ids.count)])))
            cancelled.formUnion(answer.cancelled.map(\.requestID))
        }
        return ids
    }

    func terminate(_ ids: [String]) async throws { try await Self.terminate(ids, caller) }

    /// Ends instances; one id that EC2 does not know any more must not save the others.
    static func terminate(_ ids: [String], _ caller: EC2Caller) async throws {
        guard !ids.isEmpty else { return }
        do {
            _ = try await caller.send(TerminateInstances(ids))
        } catch let error as CallError where error.code == "InvalidInstanceID.NotFound" {
            guard ids.count > 1 else { return }
            try await terminate(Array(ids[..<(ids.count / 2)]), caller)
            try await terminate(Array(ids[(ids.count / 2)...]), caller)
        }
    }

    // MARK: - Templates

    private func removeTemplates(_ hidden: inout Set<String>) async throws -> [Rest] {
        let listed = try await caller.pages(
            of: DescribeLaunchTemplates(filters: FleetTags.filters(fleet: fleet))
        ).flatMap(\.templates).filter { FleetTags.match($0.tags, fleet: fleet) }
        for id in Set(listed.map(\.id)).union(hidden) where try await remove(id) {
            hidden.remove(id)
        }
        return listed.map { .template($0) }
    }

    /// Removes a template; `false` if EC2 does not know it: it is gone already, or not seen yet.
    private func remove(_ id: String) async throws -> Bool {
        do {
            _ = try await caller.send(DeleteLaunchTemplate(templateID: id))
            return true
        } catch let error as CallError where EC2Caller.isNotSeenYet(error) {
            return false
        }
    }
}
