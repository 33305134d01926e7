// AWS's own alarm clock: a schedule that deletes instant fleets when the lease ends, and then
// itself. It works when nobody else does: no laptop, no node, no network of ours.

internal import AWS
internal import FoundationEssentials
internal import Store

/// The schedules of a fleet.
struct LeaseSchedule: Sendable {
    let caller: EC2Caller
    let foundation: Foundation

    /// Plans the end of fleets; without a role to do it under, nothing happens.
    func end(_ fleetIDs: [String], of fleet: FleetRecord, number: Int) async throws {
        guard let role = foundation.schedulerRole, !fleetIDs.isEmpty else { return }
        let ids = fleetIDs.map { "\"\($0)\"" }.joined(separator: ",")
        let schedule = Schedule(
            expression: Schedule.at(max(fleet.leaseEndsAt, caller.clock.now() + 60)),
            targetARN: "arn:aws:scheduler:::aws-sdk:ec2:deleteFleets", roleARN: role,
            input: "{\"FleetIds\":[\(ids)],\"TerminateInstances\":true}",
            description: "ends the fleets of \(fleet.name) with its lease", retryAttempts: 10)
        do {
            _ = try await caller.send(
                CreateSchedule(
                    name: Self.name(fleet.name, "\(fleet.creation)-\(number)"),
                    group: foundation.scheduleGroup, schedule: schedule,
                    clientToken: ClientToken(fleet.token("s\(number)"))))
        } catch let error as CallError where error.code == "ConflictException" {
            // Made by an `up` that did not live to hear of it.
        }
    }

    /// Removes all schedules of a fleet, whichever making of it they are from.
    func remove(of fleet: String) async throws {
        guard foundation.schedulerRole != nil else { return }
        for schedule in try await list(of: fleet) {
            do {
                _ = try await caller.send(
                    DeleteSchedule(name: schedule.name, group: schedule.group))
            } catch let error as CallError where error.code == "ResourceNotFoundException" {
                // Gone by itself in the meantime.
            }
        }
    }

    /// The schedules of a fleet that are still there.
    func list(of fleet: String) async throws -> [ScheduleName] {
        guard foundation.schedulerRole != nil else { return [] }
        let call = ListSchedules(
            group: foundation.scheduleGroup, namePrefix: Self.name(fleet, ""))
        return try await caller.pages(of: call).flatMap(\.schedules)
    }

    /// At most 64 characters; fleets' names have at most 40, and no dot in them.
    private static func name(_ fleet: String, _ rest: String) -> String { "lf.\(fleet).\(rest)" }
}
