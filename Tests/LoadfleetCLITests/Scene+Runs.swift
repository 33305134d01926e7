// Scenes in which there have been runs.
import Fleet
import FoundationEssentials
import Runs
import Store

@testable import LoadfleetCLI

extension Scene {
    /// A scene whose settings keep all there is within it.
    static func local() throws -> Scene {
        let scene = try Scene()
        try scene.write("loadfleet.yaml", "provider: local\nlocal:\n  store: state\n")
        return scene
    }

    /// Puts runs into the store as `run` and `results` leave them.
    func keep(runs ids: [String]) async throws {
        let store = try FolderStore(at: LocalProvider.storeFolder(in: folder + "/state"))
        for (number, id) in ids.enumerated() {
            let time = Date(timeIntervalSince1970: 1_700_000_000 + Double(number) * 86_400)
            let results = folder + "/results/" + id
            let request = RunRequest(
                id: id, fleet: "f", mode: .standalone, controller: "controller",
                workers: ["worker-1"], plan: "plan.jmx", planPath: "plan.jmx", files: [],
                perWorker: false, properties: [:], threads: [1], requestedAt: time,
                requestedBy: "a@b", readySeconds: 1, deadlineSeconds: 1, stopSeconds: 1)
            let keys = RunKeys(id)
            try await store.put(request, at: keys.request)
            try await store.put(RunOutcome(endedAt: time), at: keys.outcome)
            try await store.put(
                FetchedResults(by: "a@b", at: time, folder: results), at: keys.fetched)
            try write("results/\(id)/run.json", "{}")
        }
    }
}
