// Finds the results that a word on the command line means: a path, a tag, or a run.
import Fleet
import FoundationEssentials
import Runs
import Store

/// Finds results by what people call them.
struct RunFinder {
    private let invocation: Invocation
    /// Opened when it is first needed: paths need none.
    private var workplace: Workplace?

    init(_ invocation: Invocation, _ workplace: Workplace? = nil) {
        (self.invocation, self.workplace) = (invocation, workplace)
    }

    /// The results that `word` means; without one those of the latest run.
    ///
    /// A path wins over a tag, a tag over a run's id.
    /// - Throws: ``RunError``, or ``CommandFailure`` where the results are not on this machine.
    mutating func find(_ word: String?) async throws -> RunFolder {
        if let word {
            let path = invocation.context.absolute(word)
            if FileManager.default.fileExists(atPath: path) {
                return try RunFolder(at: path, named: word)
            }
        }
        let workplace = try await opened()
        var name = word
        if let word, let run = try await RunTags(store: workplace.store).run(tagged: word) {
            name = run
        }
        let entry = try await RunHistory(store: workplace.store).find(name)
        return try folder(of: entry, workplace)
    }

    /// The runs that were fetched to where this machine keeps results.
    mutating func all() async throws -> [RunFolder] {
        let workplace = try await opened()
        return RunFolder.all(in: workplace.resultsFolder)
    }

    private mutating func opened() async throws -> Workplace {
        if let workplace { return workplace }
        let workplace = try await Workplace.open(invocation)
        self.workplace = workplace
        return workplace
    }

    private func folder(of entry: RunEntry, _ workplace: Workplace) throws -> RunFolder {
        let id = entry.request.id
        let places = [workplace.results.folder(of: id)] + [entry.fetched?.folder].compactMap(\.self)
        for place in places where FileManager.default.fileExists(atPath: place + "/run.json") {
            return try RunFolder(at: place, named: id)
        }
        throw CommandFailure(
            message: "the results of run \(id) are not on this machine",
            hint: entry.state == .over
                ? "fetch them with: loadfleet results \(id)"
                : entry.fetched.map { "\($0.by) fetched them to \($0.folder)" }
                    ?? "follow it with: loadfleet attach \(id)")
    }
}
