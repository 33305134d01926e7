// Processes that die. Whatever `up` or `down` was doing, before or after which of its calls, a
// `down` from elsewhere leaves nothing and touches nobody else's.

import FoundationEssentials
import Store
import Synchronization
import Testing

@testable import Fleet

@Suite struct ChaosTests {
    private static let isCampaign =
        ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] == "1"

    /// A point at which a process dies.
    struct Point: Sendable, CustomStringConvertible {
        let workers: Int
        let call: Int
        let isApplied: Bool
        let habits: CloudHabits

        var description: String {
            "\(workers) workers, \(isApplied ? "after" : "before") call \(call)"
        }
    }

    /// Brings a fleet up and takes it down in one process, which may die on the way.
    private static func live(_ cloud: FakeCloud, _ life: Mortality, workers: Int) async {
        let person = Operator(cloud, life: life)
        guard (try? await person.up(workers)) != nil else { return }
        _ = try? await person.fleets.down("shop")
    }

    /// What is wrong after a process died at a point and another one took the fleet down.
    private static func fault(at point: Point) async -> String? {
        let cloud = FakeCloud(point.habits, foreigners: 50)
        await live(
            cloud, Mortality(lastCall: point.call, isApplied: point.isApplied),
            workers: point.workers)
        if cloud.most > point.workers { return "\(point): \(cloud.most) workers at once" }
        do {
            try await Operator.down(cloud)
        } catch {
            return "\(point): down fails: \(error)"
        }
        // What was on its way when the process died has come to light by now.
        cloud.time.pass(.seconds(180))
        if !cloud.left.isEmpty { return "\(point): there remain \(cloud.left)" }
        if cloud.foreigners != 50 { return "\(point): \(cloud.foreigners) foreigners are left" }
        return nil
    }

    private static func points(
        workers: Int, every step: Int, _ habits: CloudHabits = CloudHabits()
    ) async -> [Point] {
        let life = Mortality()
        let cloud = FakeCloud(habits, foreigners: 50)
        await live(cloud, life, workers: workers)
        return stride(from: 1, through: life.calls, by: step).flatMap { call in
            [false, true].map {
                Point(workers: workers, call: call, isApplied: $0, habits: habits)
            }
        }
    }

    private static func faults(_ points: [Point]) async throws -> [String] {
        try await inParallel(points, atOnce: 2) { await fault(at: $0) }.compactMap(\.self)
    }

    @Test(arguments: [1, 10])
    func `a process may die at any of its calls`(workers: Int) async throws {
        let points = await Self.points(workers: workers, every: Self.isCampaign ? 1 : 5)
        #expect(points.count > 20)
        #expect(try await Self.faults(points) == [])
    }

    @Test func `a process may die while ids are not known yet`() async throws {
        let habits = CloudHabits(visibleAfter: .seconds(40))
        let points = await Self.points(workers: 3, every: Self.isCampaign ? 1 : 9, habits)
        #expect(try await Self.faults(points) == [])
    }

    @Test(.enabled(if: isCampaign, "a campaign: LOADFLEET_CAMPAIGN=1"))
    func `a process with a hundred workers may die at any of its calls`() async throws {
        let points = await Self.points(workers: 100, every: 1)
        print("chaos: \(points.count) points with 100 workers")
        #expect(try await Self.faults(points) == [])
    }

    /// Answers are lost at random; what was asked for is there once, and all of it.
    @Test func `lost answers at random`() async throws {
        let seeds = Self.isCampaign ? 1_000 : 25
        let names = ["CreateFleet", "RequestSpotFleet", "CreateLaunchTemplate"]
        let faults = try await inParallel(Array(0..<seeds), atOnce: 2) { seed -> String? in
            var random = SplitMix(state: UInt64(seed))
            var habits = CloudHabits()
            for name in names { habits.lostAnswers[name] = Int(random.next() % 6) }
            habits.visibleAfter = .seconds(Int64(random.next() % 20))
            let isSpotFleet = random.next() % 2 == 0
            let workers = 1 + Int(random.next() % 20)
            let cloud = FakeCloud(habits)
            let settings = EC2Settings.standard(
                minWorkers: workers, capacity: isSpotFleet ? "spot-fleet" : "ec2-fleet")
            do {
                try await Operator(cloud, settings: settings).up(workers)
            } catch {
                return "seed \(seed): \(error)"
            }
            let (alive, controllers) = (cloud.alive(.worker).count, cloud.alive(.controller).count)
            guard alive == workers, controllers == 1, cloud.most == workers else {
                return "seed \(seed): \(alive) and \(controllers), at most \(cloud.most)"
            }
            return nil
        }.compactMap(\.self)
        #expect(faults == [])
    }

    /// A process dies in `up`, and `up` is asked for again.
    @Test func `up again after a death makes exactly what was asked for`() async throws {
        let points = await Self.points(workers: 4, every: Self.isCampaign ? 1 : 9)
        let faults = try await inParallel(points, atOnce: 2) { point -> String? in
            let cloud = FakeCloud(point.habits)
            let first = Operator(
                cloud, life: Mortality(lastCall: point.call, isApplied: point.isApplied))
            if (try? await first.up(4)) != nil { return nil }
            for object in cloud.memory.paths("locks/") { cloud.memory.delete(object.path) }
            do {
                try await Operator(cloud).up(4)
                cloud.time.pass(.seconds(180))
            } catch {
                return "\(point): \(error)"
            }
            let alive = (cloud.alive(.worker).count, cloud.alive(.controller).count)
            guard alive == (4, 1) else { return "\(point): \(alive)" }
            return nil
        }.compactMap(\.self)
        #expect(faults == [])
    }
}

/// Random numbers that a seed fixes (SplitMix64, https://prng.di.unimi.it/splitmix64.c).
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
