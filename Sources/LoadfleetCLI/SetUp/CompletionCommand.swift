// Completions for the shells that ArgumentParser knows, under a name that people look for.
package import ArgumentParser

/// The command `loadfleet completion`.
package struct CompletionCommand: Command {
    /// The shells.
    package enum Shell: String, ExpressibleByArgument, CaseIterable, Sendable {
        case bash, zsh, fish
    }

    package static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print the completions for a shell.",
        discussion: """
            bash:  loadfleet completion bash > ~/.local/share/bash-completion/completions/loadfleet
            zsh:   loadfleet completion zsh > "${fpath[1]}/_loadfleet"
            fish:  loadfleet completion fish > ~/.config/fish/completions/loadfleet.fish
            """)

    @Argument(help: "The shell: bash, zsh or fish.")
    package var shell: Shell

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let shell: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        try invocation.output.print(Loadfleet.completionScript(for: shell))
        return .done
    }
}
