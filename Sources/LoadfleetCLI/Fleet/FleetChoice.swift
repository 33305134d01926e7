// The flag with which every command but `up` says which fleet it means.
package import ArgumentParser
package import Fleet

/// Which fleet a command is about.
package struct FleetChoice: ParsableArguments {
    @Option(name: .customLong("fleet"), help: ArgumentHelp("The fleet's name.", valueName: "name"))
    package var name: String?

    package init() {}

    /// The flag, if it was given.
    package var flags: [SettingFlag] {
        name.map { [SettingFlag("name", text: $0, name: "--fleet")] } ?? []
    }
}
