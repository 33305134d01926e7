// The manual of environment files as Markdown, written from the table of keys so that it can't
// say anything the program does not do.

/// Writes `docs/environment.md`.
package enum KeyReference {
    /// The manual, without a last newline.
    package static var markdown: String {
        var text = introduction
        var section = ""
        for key in Key.all {
            let next = key.path.contains(".") ? String(key.path.prefix { $0 != "." }) : "fleet"
            if next != section {
                section = next
                text += "\n## \(titles[section] ?? section)\n"
            }
            text += "\n### `\(key.path)`\n\n\(key.about)\n\n"
            text += "- expects: \(key.kind.expectation)\n"
            text += "- default: \(key.fallback.map { "`\($0)`" } ?? "not set")\n"
            text += "- variable: `\(key.variable)`\n"
        }
        return String(text.dropLast())
    }

    private static let titles = [
        "fleet": "The fleet", "heartbeat": "Signs of life: `heartbeat`",
        "jmeter": "JMeter: `jmeter`",
        "run": "Runs: `run`", "local": "The local provider: `local`", "ec2": "EC2: `ec2`",
    ]

    private static let introduction = """
        # Environment files

        <!-- Written by `make docs` from the program; changes belong in the table of keys. -->

        An environment file is YAML. It says where a fleet lives, of what, for how long, and how \
        it runs plans. Every key is optional; `loadfleet config show --origin` prints what holds \
        and which place said so, `loadfleet config validate FILE` checks a file by itself.

        The strongest place wins: flag, `LOADFLEET_*` variable, the file of `--config` (or \
        `LOADFLEET_CONFIG`), `./loadfleet.yaml`, `$XDG_CONFIG_HOME/loadfleet/config.yaml`, \
        default. A list is replaced as a whole; names in a map are merged one by one. Keys of the \
        provider that is not in use are ignored when a stronger place chose the other provider, \
        and an error otherwise.

        Quantities carry their unit: `500ms`, `30s`, `1h30m`, `2GiB`, `99.9%`, `5usd`. In a \
        variable, items of a list and `name=value` pairs of a map are separated by `;`. A path \
        to read starts at the folder of the file that names it; a folder to write starts where \
        you are; `~/` is your home. Tags, merge keys and second documents are not supported.

        """
}
