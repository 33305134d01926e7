// Prints the command reference; docs/commands.md is its output, and a test holds the two together.
package import ArgumentParser

/// The hidden command `loadfleet reference`.
package struct ReferenceCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Print the command reference as Markdown.",
        shouldDisplay: false)

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        try invocation.output.print(try CommandReference.markdown())
        return .done
    }
}
