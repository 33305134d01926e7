// What was seen live is what the run comes to, to the last sample: the seconds of the live log add up
// to the summary, whoever was killed or late in the meantime.
import Foundation
import Glibc
import Machine
import Store
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Agreements {
        private static let isCampaign =
            ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] == "1"

        /// Two labels, eight threads.
        private static func plan(loops: Int) -> String {
            Plans.sleeping(
                threads: "8", loops: loops, milliseconds: 25, labels: ["First", "Second"])
        }

        @Test(.timeLimit(.minutes(40)))
        func `a worker is killed, another one is late: what was seen is what arrived`()
            async throws
        {
            for number in 0..<(Self.isCampaign ? 20 : 1) {
                let (bench, command) = try await Bench.running(Self.plan(loops: 400))
                // The agent stands still, and with it its heartbeats: not for so long that it is lost.
                let late = try bench.agent("worker-1")
                let pause = Duration.milliseconds(Int.random(in: 2500...4500))
                let kill = Duration.milliseconds(Int.random(in: 0...6000))
                async let standing: Void = {
                    late.signal(SIGSTOP)
                    try? await Task.sleep(for: pause)
                    late.signal(SIGCONT)
                }()
                try await Task.sleep(for: kill)
                try bench.agent("worker-2").signal(SIGKILL)
                await standing
                let end = try await command.end(within: .seconds(120))
                #expect(end.code == 4, "\(end.all)")
                let samples = try bench.expectAgreement(
                    "run \(number), killed after \(kill), late by \(pause)")
                // The whole share of the one that was late, and something of the other one's.
                #expect(samples >= 3200 && samples < 6400)
            }
        }

        @Test func `a controller that is killed and started again concludes its run`()
            async throws
        {
            let (bench, command) = try await Bench.running(Self.plan(loops: 250))
            let again = try await bench.startAgain("controller")
            defer { again.signal(SIGKILL) }
            let end = try await command.end(within: .seconds(120))
            #expect(end.code == 0, "\(end.all)")
            #expect(end.output.contains("goes on with the run"), "\(end.all)")
            #expect(try bench.expectAgreement("restarted") == 4000)
            let folder = try #require(try bench.runFolders().last)
            let record = try bench.json(folder + "/run.json")
            #expect((record["lost"] as? [Any])?.isEmpty == true, "\(record)")
        }
    }
}
