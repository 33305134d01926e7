// Groups the commands that look at plans without touching a fleet.
package import ArgumentParser

/// The command `loadfleet plan`.
package struct PlanCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Look at test plans.", subcommands: [PlanShow.self])

    package init() {}
}
