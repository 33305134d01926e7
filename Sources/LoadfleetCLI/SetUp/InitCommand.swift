// Makes a folder ready for a first run. Whatever exists stays as it is.
package import ArgumentParser
import FoundationEssentials

/// The command `loadfleet init`.
package struct InitCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make an environment, a small plan and its data in a folder.",
        discussion: "Nothing that exists is overwritten.")

    @Argument(
        help: "The folder; without it, the one you are in.", completion: .directory)
    package var folder = "."

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let place = invocation.context.absolute(folder)
        var made: [String] = []
        for file in Scaffold.files {
            let isNew = try makeFile(file, in: place)
            if isNew { made.append(file.name) }
            if !invocation.output.isJSON {
                try invocation.output.print(
                    isNew
                        ? "made    \(file.name): \(file.about)" : "kept    \(file.name): it exists")
            }
        }
        if try ignore(in: place) {
            made.append(".gitignore")
            if !invocation.output.isJSON {
                try invocation.output.print("made    .gitignore: results stay out of git")
            }
        }
        if invocation.output.isJSON {
            try invocation.output.print(document: ["made": .array(made.map { .string($0) })])
        }
        let change = folder == "." ? "" : "cd \(folder.asShellWord) && "
        invocation.output.note("next: \(change)loadfleet doctor")
        return .done
    }

    /// Makes one file, unless it exists; whoever makes it at the same moment wins.
    private func makeFile(_ file: ScaffoldFile, in place: String) throws -> Bool {
        let url = URL(filePath: "\(place)/\(file.name)")
        guard !FileManager.default.fileExists(atPath: url.path) else { return false }
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(file.text.utf8).write(to: url, options: .withoutOverwriting)
            return true
        } catch {
            throw cannotWrite(file.name)
        }
    }

    /// Adds what is missing to `.gitignore`.
    private func ignore(in place: String) throws -> Bool {
        let url = URL(filePath: "\(place)/.gitignore")
        var text = (try? Data(contentsOf: url)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let present = text.split(whereSeparator: \.isNewline).map { String($0) }
        let missing = Scaffold.ignored.filter { !present.contains($0) }
        guard !missing.isEmpty else { return false }
        if !text.isEmpty, text.last?.isNewline != true { text += "\n" }
        text += missing.map { $0 + "\n" }.joined()
        do {
            try Data(text.utf8).write(to: url)
            return true
        } catch {
            throw cannotWrite(".gitignore")
        }
    }

    private func cannotWrite(_ name: String) -> UsageFailure {
        UsageFailure(
            message: "\(folder)/\(name) can't be written",
            hint: "choose a folder that you may write to")
    }
}
