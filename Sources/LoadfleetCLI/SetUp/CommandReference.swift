// The command reference as Markdown, written from what ArgumentParser itself knows of the
// commands (its `--experimental-dump-help`), so that it can't describe an option that isn't there.
import ArgumentParser
import FoundationEssentials

/// Writes `docs/commands.md`.
enum CommandReference {
    /// The reference, without a last newline.
    static func markdown() throws -> String {
        let dump = try JSONDecoder().decode(Dump.self, from: Data(Loadfleet._dumpHelp().utf8))
        let common = Set(try commonNames(in: dump.command))
        var text = """
            # Commands

            <!-- Written by `make docs` from the program; changes belong in the commands. -->

            \(dump.command.abstract ?? "") \(dump.command.discussion ?? "")

            """
        text += "\n## Options of every command\n\n"
        text += table(of: dump.command.leaf?.arguments.filter { common.contains($0.name) } ?? [])
        for command in dump.command.shown {
            text += section(command, path: "loadfleet", common: common)
        }
        text += "\n## Exit codes\n\n| code | meaning |\n|---|---|\n"
        for status in ExitStatus.allCases { text += "| \(status.rawValue) | \(status.meaning) |\n" }
        text += "\nWhen several hold, the one that costs money wins: 7, 9, 6, 5, 4, 3.\n"
        return String(text.dropLast())
    }

    private static func section(_ command: Dump.Command, path: String, common: Set<String>)
        -> String
    {
        let path = "\(path) \(command.commandName)"
        guard command.shown.isEmpty else {
            return command.shown.map { shown in
                // What is done without a further word is known by the shorter name.
                shown.commandName == command.defaultSubcommand
                    ? section(of: shown, named: path, common: common)
                    : section(shown, path: path, common: common)
            }.joined()
        }
        return section(of: command, named: path, common: common)
    }

    private static func section(
        of command: Dump.Command, named path: String, common: Set<String>
    ) -> String {
        let own = command.arguments.filter { $0.shouldDisplay && !common.contains($0.name) }
        var text = "\n## `\(path)`\n\n\(command.abstract ?? "")\n"
        if let discussion = command.discussion { text += "\n\(paragraphs(discussion))\n" }
        let positional = own.filter { $0.kind == "positional" }.map(\.usage)
        let options = own.contains { $0.kind != "positional" } ? ["[options]"] : []
        text += "\n```\n\(([path] + positional + options).joined(separator: " "))\n```\n"
        return own.isEmpty ? text : text + "\n" + table(of: own)
    }

    /// A discussion that is laid out by hand stays as it is.
    private static func paragraphs(_ text: String) -> String {
        text.contains("\n") && !text.contains("\n\n") ? "```\n\(text)\n```" : text
    }

    private static func table(of arguments: [Dump.Argument]) -> String {
        "| option | |\n|---|---|\n"
            + arguments.map { "| \($0.spelling) | \(escaped($0.abstract ?? "")) |\n" }.joined()
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }

    /// What every command has: the global options, `--help` and `--version`.
    private static func commonNames(in root: Dump.Command) throws -> [String] {
        let global = GlobalOptions._dumpHelp()
        let dump = try JSONDecoder().decode(Dump.self, from: Data(global.utf8))
        return dump.command.arguments.map(\.name) + root.arguments.map(\.name)
    }
}

/// The part of ArgumentParser's description of a command that the reference needs.
private struct Dump: Decodable {
    let command: Command

    struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let discussion: String?
        let shouldDisplay: Bool
        let defaultSubcommand: String?
        private let allArguments: [Argument]?
        private let subcommands: [Command]?

        enum CodingKeys: String, CodingKey {
            case commandName, abstract, discussion, shouldDisplay, defaultSubcommand, subcommands
            case allArguments = "arguments"
        }

        var arguments: [Argument] { allArguments ?? [] }
        var shown: [Command] {
            (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
        }
        /// The first command that does something.
        var leaf: Command? { shown.first.flatMap { $0.shown.isEmpty ? $0 : $0.leaf } }
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
            var dashed: String { (kind == "long" ? "--" : "-") + name }
        }

        let kind: String
        let names: [Name]?
        let valueName: String?
        let abstract: String?
        let isOptional: Bool
        let isRepeating: Bool
        let shouldDisplay: Bool

        var name: String { names?.last?.dashed ?? valueName ?? "" }
        var usage: String {
            let value = "<\(valueName ?? "")>" + (isRepeating ? "…" : "")
            return isOptional ? "[\(value)]" : value
        }
        var spelling: String {
            guard let names, !names.isEmpty else { return "`\(usage)`" }
            let value = kind == "option" ? " <\(valueName ?? "value")>" : ""
            return names.map { "`\($0.dashed)\(value)`" }.joined(separator: ", ")
        }
    }
}
