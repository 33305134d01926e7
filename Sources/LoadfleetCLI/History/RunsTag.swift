// Gives a run a name under which it is found again, such as the baseline of a branch.
package import ArgumentParser
import Runs
import Store

/// The command `loadfleet runs tag`.
package struct RunsTag: Command {
    package static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Give a run a name, or take a name away.",
        discussion: """
            A name belongs to one run; giving it to another takes it from the first. Tagged runs \
            are not pruned.
            """)

    @Argument(help: ArgumentHelp("The name, as in main or release-7.", valueName: "tag"))
    var tag: String

    @Argument(
        help: ArgumentHelp(
            "The run's id, how it begins, or another tag; the latest by default.",
            valueName: "run"))
    var run: String?

    @Flag(help: "Take the name away.")
    var delete = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        guard !delete || run == nil else {
            throw ValidationError("--delete takes a tag only.")
        }
    }

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let workplace = try await Workplace.open(invocation)
        let tags = RunTags(store: workplace.store)
        let output = invocation.output
        if delete {
            let run = try await tags.remove(tag)
            try say(output, run, "run \(run) is no longer tagged \(tag)")
            return .done
        }
        var name = run
        if let run, let tagged = try await tags.run(tagged: run) { name = tagged }
        let entry = try await RunHistory(store: workplace.store).find(name)
        let before = try await tags.run(tagged: tag)
        try await tags.set(tag, to: entry.request.id, by: workplace.user)
        let taken = before.map { $0 == entry.request.id ? "" : ", and run \($0) no longer" } ?? ""
        try say(output, entry.request.id, "run \(entry.request.id) is tagged \(tag)\(taken)")
        return .done
    }

    private func say(_ output: Output, _ run: String, _ text: String) throws {
        guard output.isJSON else { return try output.print(text) }
        try output.print(document: [
            "tag": delete ? .null : .string(tag), "run": .string(run),
        ])
    }
}
