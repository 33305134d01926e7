// A controller whose machine is taken away.
import Foundation
import LoadfleetTesting
import Store
import Testing

@testable import Node

@Suite struct ConductorTests {
    @Test func `a controller that is taken away leaves its workers to their load`() async throws {
        let scratch = try TemporaryFolder()
        let store = try FolderStore(at: scratch.path)
        let life = NodeLife()
        let part = RunPart.sample(store, life, node: "controller")
        let keys = part.keys
        try await store.put(
            NodeProgress(node: "worker-1", phase: .ready, at: .now),
            at: keys.node("worker-1").progress)
        let conducting = Task {
            var conductor = Conductor(part)
            await conductor.conduct()
        }
        let deadline = ContinuousClock.now + .seconds(30)
        while try await store.read(keys.go) == nil {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(20))
        }
        life.end(.interrupted)
        await conducting.value
        // Neither ends the workers' part: not the outcome of the run, nor the end of its lock.
        #expect(try await store.read(keys.outcome) == nil)
        #expect(try await store.read(part.ownKeys.outcome) == nil)
        let said = LiveLines.decode(try await store.liveLog(of: "r").read(after: .start).lines)
        #expect(
            said.contains {
                if case .event(_, let text) = $0 {
                    text.contains("the workers go on")
                } else {
                    false
                }
            })
    }
}
