// Prints the manual of environment files, from the table of keys; docs/environment.md is its
// output, and a test holds the two together.
package import ArgumentParser
import Fleet

/// The hidden command `loadfleet config reference`.
package struct ConfigReference: Command {
    package static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Print the manual of environment files as Markdown.",
        shouldDisplay: false)

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        try invocation.output.print(KeyReference.markdown)
        return .done
    }
}
