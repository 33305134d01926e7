// The live channel from end to end in memory: every sample exactly once, whatever the network does.
import Foundation
import JTL
import Store
import Testing

@testable import Node

@Suite struct LinkTests {
    private static let isCampaign =
        ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] == "1"
    private static let firstSeed =
        ProcessInfo.processInfo.environment["LOADFLEET_SEED"].flatMap(UInt64.init) ?? 1

    /// What the logs of all nodes add up to, second by second.
    private func direct(_ nodes: [LoggedNode]) -> (seconds: [Int64: Statistics], all: Statistics) {
        var seconds: [Int64: Statistics] = [:]
        var all = Statistics()
        for record in nodes.flatMap(\.records) {
            let packed = record.statistics ?? PackedStatistics()
            seconds[record.second, default: Statistics()].add(packed)
            all.add(packed)
        }
        return (seconds, all)
    }

    /// The figures of all labels.
    private func figures(_ statistics: Statistics) -> [String: Aggregate] {
        Dictionary(uniqueKeysWithValues: statistics.labels.map { ($0.label, $0.samples) })
    }

    @Test func `every sample is counted exactly once, whatever the network does`() throws {
        var (cuts, restarts, refusals, seconds) = (0, 0, 0, 0)
        let count: UInt64 = Self.isCampaign ? 1000 : 50
        for seed in Self.firstSeed..<(Self.firstSeed + count) {
            var network = LinkNetwork(seed: seed)
            var seen: [Int64: LiveFigures] = [:]
            for step in 0..<600 {
                try network.step()
                guard step % 50 == 0 else { continue }
                for (figures, _) in network.merge.takeDue(atEnd: false, watched: false) {
                    seen[figures.second] = figures
                }
            }
            try network.settle()
            let (expected, all) = direct(network.nodes)
            var merged: [Int64: MergedSecond] = [:]
            for (figures, second) in network.merge.takeDue(atEnd: true, watched: true) {
                seen[figures.second] = figures
                merged[figures.second] = second
            }
            for (second, statistics) in expected {
                let total = statistics.total
                #expect(seen[second]?.samples == total.samples, "seed \(seed)")
                #expect(seen[second]?.errors == total.errors, "seed \(seed)")
                #expect(
                    seen[second]?.p95Ms == Distribution(total.elapsed).percentile(95),
                    "seed \(seed)")
                if let found = merged[second] {
                    #expect(
                        self.figures(found.statistics) == self.figures(statistics), "seed \(seed)")
                }
            }
            let labels = network.merge.labels()?.labels ?? []
            #expect(
                labels.reduce(into: [:]) { $0[$1.label] = $1.samples }
                    == figures(all).mapValues(\.samples).filter { $0.value > 0 }, "seed \(seed)")
            for node in network.nodes {
                let own = node.records.reduce(0) { $0 + ($1.statistics?.samples ?? 0) }
                #expect(network.merge.samples(of: node.name) == own, "seed \(seed)")
            }
            cuts += network.cuts
            restarts += network.restarts
            refusals += network.refusals
            seconds += expected.count
        }
        print(
            "\(count) networks: \(seconds) seconds, \(cuts) cuts, \(restarts) restarts,",
            "\(refusals) refusals")
        #expect(cuts > 10 && restarts > 10 && refusals > 10)
    }

    private func count(_ records: some Collection<IntervalRecord>) -> Int {
        records.reduce(0) { $0 + ($1.statistics?.samples ?? 0) }
    }

    @Test func `what did not arrive of a node is taken out, and only that`() throws {
        var dice = Dice(state: 7)
        for _ in 0..<40 {
            let nodes = [LoggedNode("worker-1"), LoggedNode("worker-2")]
            let merge = LiveMerge(nodes: nodes.map(\.name))
            for node in nodes {
                for _ in 0..<20 { try node.tick(&dice) }
                #expect(try merge.take(node.log, from: 0, of: node.name) == node.log.count)
            }
            _ = merge.takeDue(atEnd: true, watched: false)
            let lost = nodes[1]
            let stays = Int.random(in: 0...lost.records.count, using: &dice)
            // The end of what arrived may lie within a second.
            let delivered =
                (stays == 0 ? 0 : lost.records[stays - 1].counted) + (dice.roll(2) ? 1 : 0)
            merge.mark(lost.name, .lost)
            let settled = try #require(merge.settle(lost.name, delivered: delivered))
            let arrived = lost.records.prefix { $0.counted <= delivered }
            #expect(settled.known == count(lost.records))
            #expect(settled.removed == count(lost.records.dropFirst(arrived.count)))
            #expect(merge.samples(of: lost.name) == count(arrived))
            var expected = Statistics()
            for record in nodes[0].records + arrived { expected.add(record.statistics ?? .init()) }
            let labels = try #require(merge.labels()).labels
            for statistics in expected.labels where statistics.samples.samples > 0 {
                let found = labels.first { $0.label == statistics.label }
                #expect(found.map(\.samples) == statistics.samples.samples)
                #expect(found.map(\.errors) == statistics.samples.errors)
                #expect(found.map(\.maxMs) == statistics.samples.maxElapsed)
            }
            // What a lost node tells afterwards does not count.
            try lost.tick(&dice)
            _ = try merge.take(lost.log, from: 0, of: lost.name)
            #expect(merge.samples(of: lost.name) == count(arrived))
        }
    }

    @Test func `a second that is long past is still added to, and published again`() throws {
        var dice = Dice(state: 9)
        var book = SecondBook()
        var expected = 0
        for second in Int64(0)..<700 {
            let packed = try packedSamples(&dice)
            if second == 3 { expected = packed.samples }
            book.add(packed, of: "worker-1", NodeSecond(), in: second, counts: true)
        }
        _ = book.takeDue(passed: 700, atEnd: true)
        let late = try packedSamples(&dice)
        book.add(late, of: "worker-2", NodeSecond(), in: 3, counts: true)
        let due = book.takeDue(passed: 700, atEnd: true)
        #expect(due == [3])
        let published = book.publish(3, watched: false)
        let figures = try #require(published).0
        #expect(figures.samples == expected + late.samples)
        #expect(figures.workers == 2)
    }

    @Test func `records come back as they were written`() throws {
        var dice = Dice(state: 3)
        var encoder = IntervalLogEncoder()
        var decoder = IntervalLogDecoder()
        for index in 0..<50 {
            var record = IntervalRecord(
                second: 1_700_000_000 + Int64(index), counted: Int64(index) * 1000, delivered: 7,
                health: nil, statistics: dice.roll(3) ? nil : try packedSamples(&dice))
            if dice.roll(2) {
                record.health = NodeHealth(
                    cpuPercent: 97.25, gcPercent: 0.5, receivedBytes: 1 << 40,
                    clockOffsetMs: -1234.56)
            }
            let found = try decoder.read(encoder.encode(record))
            #expect(found.map(\.record) == [record])
            #expect(try decoder.decode(again: found[0].bytes) == record)
        }
        #expect(throws: (any Error).self) {
            _ = try decoder.read([255, 255, 255, 255, 0])
        }
    }

    @Test func `an empty second is a handful of bytes`() {
        var encoder = IntervalLogEncoder()
        let bytes = encoder.encode(
            IntervalRecord(
                second: 1_700_000_000, counted: 9_000_000, delivered: 9_000_000, health: nil,
                statistics: PackedStatistics()))
        #expect(bytes.count < 30)
    }

    @Test func `the clock of a node is measured by the fastest answer`() {
        var clock = ClockOffset()
        clock.take(sentAt: 1_000_000, answeredAt: 1_400_000, heardAt: 2_000_000)
        clock.take(sentAt: 3_000_000, answeredAt: 2_500_500, heardAt: 3_001_000)
        clock.take(sentAt: 9_000_000, answeredAt: 8_000_000, heardAt: 9_900_000)
        #expect(clock.milliseconds == 500)
    }
}
