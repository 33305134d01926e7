// Commands that loadfleet tells a person to type. Without the environment file that this command
// line named, they would be about another fleet.

/// What must be added to commands in advice, so that they can be typed as they stand.
struct Advice: Sendable {
    /// The environment file named with `--config`, as given.
    let config: String?

    /// The text, with `--config` in each command of loadfleet's that takes settings.
    func complete(_ text: String) -> String {
        guard let config else { return text }
        return text.replacing(Self.command) { "\($0.output) --config \(config.asShellWord)" }
    }

    /// `report`, `init` and `completion` need no environment.
    private static var command: some RegexComponent<Substring> {
        /\bloadfleet (?:up|down|run|attach|stop|results|runs|logs|status|doctor|sweep|bootstrap|image list)\b/
    }
}

extension String {
    /// The text as one word of a shell's command line, with quotes where it needs them.
    var asShellWord: String {
        let isPlain = allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "_-./=:,+@%".contains($0))
        }
        return isPlain && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
    }
}
