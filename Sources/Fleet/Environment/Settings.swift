// The effective settings: every layer laid over the one below, each value with its origin. From
// the strongest: flag, LOADFLEET_* variable, the file of --config, ./loadfleet.yaml, the user's
// own file, built-in default. Lists are replaced whole; maps are merged entry by entry.
import FoundationEssentials
import Units

/// One effective value with its origin.
package struct Setting: Sendable {
    /// The key, from the table.
    package let key: Key
    /// The user's own name within a map; `nil` for other keys.
    package let entry: String?
    /// The typed value.
    package let value: Value
    /// Where it was written.
    package let origin: Origin
    /// Where each item of a list was written.
    package let itemOrigins: [Origin]

    /// The full name: `run.max-loss`, `run.properties.threads`.
    package var path: String { entry.map { "\(key.path).\($0)" } ?? key.path }

    /// Whether its value must not be shown: a property that is named like a password.
    package var isSecret: Bool {
        guard let name = entry?.lowercased() else { return false }
        return ["password", "passwd", "secret", "token", "key", "credential", "authorization"]
            .contains { name.contains($0) }
    }

    /// The value as it may be shown to anyone.
    package var shownText: String { isSecret ? "********" : value.text }
}

/// A flag of the command line that sets a key.
package struct SettingFlag: Sendable {
    /// The key's path.
    package let path: String
    /// The user's own name within a map.
    package let entry: String?
    /// The value as given; a flag given again adds an item to a list.
    package let text: String
    /// The flag as it is typed, `--workers`.
    package let name: String

    /// A flag, its key and its value.
    package init(_ path: String, entry: String? = nil, text: String, name: String) {
        self.path = path
        self.entry = entry
        self.text = text
        self.name = name
    }
}

/// All effective settings, and the environment they make.
package struct Settings: Sendable {
    /// The settings in the order of the table, unset keys left out.
    package let values: [Setting]
    /// What deserves a word on stderr, such as an unknown `LOADFLEET_` variable.
    package let warnings: [String]
    /// The typed form, checked as a whole.
    package let environment: Environment

    /// The setting at `path`, if it has a value.
    package subscript(path: String) -> Setting? { values.first { $0.path == path } }
}

/// The places settings come from.
package struct SettingSources: Sendable {
    /// The command line's flags.
    package var flags: [SettingFlag]
    /// The process environment.
    package var variables: [String: String]
    /// The file named with `--config`; `LOADFLEET_CONFIG` stands in for it.
    package var file: String?
    /// The working directory, absolute.
    package var directory: String

    /// Sources; only the directory is always there.
    package init(
        flags: [SettingFlag] = [], variables: [String: String] = [:], file: String? = nil,
        directory: String
    ) {
        self.flags = flags
        self.variables = variables
        self.file = file
        self.directory = directory
    }

    var home: String? { variables["HOME"].flatMap { $0.isEmpty ? nil : $0 } }

    /// A folder of the XDG base directory specification
    /// (https://specifications.freedesktop.org/basedir-spec/).
    func userFolder(variable: String, fallback: String) -> String? {
        if let folder = variables[variable], folder.hasPrefix("/") { return folder }
        return home.map { "\($0)/\(fallback)" }
    }
}

extension Settings {
    /// Reads all sources, weakest first, and checks the result as a whole.
    ///
    /// - Throws: ``EnvironmentError`` for the first mistake, with its place.
    package static func resolve(_ sources: SettingSources) throws(EnvironmentError) -> Settings {
        var layers = Layers()
        layers.add(try sources.builtIn())
        for file in try sources.files() {
            layers.add(
                try EnvironmentFile.read(
                    file, directory: sources.directory, home: sources.home))
        }
        layers.add(try sources.fromVariables())
        layers.add(try sources.fromFlags())
        let values = try layers.effective()
        return Settings(
            values: values, warnings: sources.unknownVariables(),
            environment: try Environment(values))
    }

    /// The defaults alone, when what a person wrote can't be used.
    ///
    /// - Throws: ``EnvironmentError`` when a default needs a home and there is none.
    package static func builtIn(_ sources: SettingSources) throws(EnvironmentError) -> Settings {
        var layers = Layers()
        layers.add(try sources.builtIn())
        let values = try layers.effective()
        return Settings(values: values, warnings: [], environment: try Environment(values))
    }

    /// Checks one file by itself, over the defaults and nothing else.
    ///
    /// - Throws: ``EnvironmentError`` for the first mistake, with its place.
    package static func validate(
        file: String, directory: String, home: String?
    ) throws(EnvironmentError) -> Settings {
        let variables = home.map { ["HOME": $0] } ?? [:]
        let sources = SettingSources(variables: variables, directory: directory)
        var layers = Layers()
        layers.add(try sources.builtIn())
        layers.add(try EnvironmentFile.read(file, directory: directory, home: home))
        let values = try layers.effective()
        return Settings(values: values, warnings: [], environment: try Environment(values))
    }
}

/// Assignments, layer over layer.
private struct Layers {
    private var settings: [String: (setting: Setting, layer: Int)] = [:]
    private var count = 0

    mutating func add(_ assignments: [Assignment]) {
        count += 1
        for item in assignments {
            let setting = Setting(
                key: item.key, entry: item.entry, value: item.value, origin: item.origin,
                itemOrigins: item.itemOrigins)
            settings[setting.path] = (setting, count)
        }
    }

    /// What is left when keys of the other provider are dropped.
    ///
    /// A key that stands in a weaker layer than the choice of provider was written for another
    /// fleet; in the same or a stronger layer it is a mistake. A variable may be there for good.
    func effective() throws(EnvironmentError) -> [Setting] {
        let chosen = settings["provider"]
        var values: [Setting] = []
        for key in Key.all {
            let entries = settings.values.filter { $0.setting.key.path == key.path }
                .sorted { $0.setting.path < $1.setting.path }
            for (setting, layer) in entries {
                guard let owner = key.provider, let chosen,
                    chosen.setting.value != .text(owner.rawValue)
                else {
                    values.append(setting)
                    continue
                }
                if case .variable = setting.origin { continue }
                guard setting.origin == .builtIn || layer < chosen.layer else {
                    throw EnvironmentError(
                        .conflict, at: setting.origin, key: setting.path,
                        problem: "this has no effect: the provider is "
                            + "'\(chosen.setting.value.text)' (\(chosen.setting.origin.text))",
                        hint: "set 'provider: \(owner.rawValue)', or remove the key")
                }
            }
        }
        return values
    }
}
