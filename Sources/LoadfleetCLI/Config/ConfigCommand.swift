// Groups the commands that look at environments without touching a fleet.
package import ArgumentParser

/// The command `loadfleet config`.
package struct ConfigCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show and check environments.",
        subcommands: [ConfigShow.self, ConfigValidate.self, ConfigReference.self])

    package init() {}
}
