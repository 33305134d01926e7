// Shows what holds, and why: each effective setting, with --origin the place that set it.
package import ArgumentParser
import Fleet

/// The command `loadfleet config show`.
package struct ConfigShow: Command {
    package static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print each effective setting.",
        discussion: """
            From the strongest: flag, LOADFLEET_* variable, --config file, ./loadfleet.yaml, the \
            user's config.yaml, default. Values that look like secrets are masked.
            """)

    @Flag(help: "Print where each value comes from, too.")
    package var origin = false

    @OptionGroup(title: "Fleet") package var fleet: FleetOptions
    @OptionGroup(title: "Run") package var run: RunOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let settings = try invocation.settings(flags: fleet.flags + run.flags)
        if invocation.output.isJSON {
            try invocation.output.print(document: ["settings": .array(settings.values.map(json))])
            return .done
        }
        let nameWidth = settings.values.map(\.path.count).max() ?? 0
        let valueWidth = min(40, settings.values.map(\.shownText.count).max() ?? 0)
        let color = invocation.output.terminal.colorsOutput
        for setting in settings.values {
            var line = pad(setting.path, nameWidth) + "  "
            if origin {
                line += pad(setting.shownText, valueWidth) + "  "
                line += Emphasis.faint(setting.origin.text, on: color)
            } else {
                line += setting.shownText
            }
            try invocation.output.print(line)
        }
        return .done
    }

    private func json(_ setting: Setting) -> JSON {
        let value: JSON =
            if case .list(let items) = setting.value {
                .array(items.map { .string($0.text) })
            } else {
                .string(setting.shownText)
            }
        let shown: JSON = ["key": .string(setting.path), "value": value]
        return shown.adding(["origin": .string(setting.origin.text)])
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
