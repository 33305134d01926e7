package import ArgumentParser

/// The `loadfleet` command.
package struct Loadfleet: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "loadfleet", abstract: "Load tests on a fleet.")

    package init() {}

    /// Runs the command line this process was started with.
    package static func enter() async {
        await main()
    }
}
