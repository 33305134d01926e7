// Typed access to effective settings by path. A key without a value where the type needs one is
// a mistake in the environment (or a table without default) and says so.

/// Effective settings by path.
struct SettingLookup {
    private let settings: [String: Setting]
    private let entries: [String: [String: Value]]

    init(_ values: [Setting]) {
        settings = Dictionary(values.map { ($0.path, $0) }) { $1 }
        var entries: [String: [String: Value]] = [:]
        for setting in values {
            if let entry = setting.entry {
                entries[setting.key.path, default: [:]][entry] = setting.value
            }
        }
        self.entries = entries
    }

    func origin(_ path: String) -> Origin? { settings[path]?.origin }

    func text(_ path: String) -> String? {
        switch settings[path]?.value {
        case .text(let text), .path(let text): text
        default: nil
        }
    }

    func count(_ path: String) -> Int? {
        if case .count(let count) = settings[path]?.value { count } else { nil }
    }

    func duration(_ path: String) -> Duration? {
        if case .duration(let duration) = settings[path]?.value { duration } else { nil }
    }

    func bytes(_ path: String) -> Int64? {
        if case .bytes(let bytes) = settings[path]?.value { bytes } else { nil }
    }

    func percent(_ path: String) -> Double? {
        if case .percent(let percent) = settings[path]?.value { percent } else { nil }
    }

    func dollars(_ path: String) -> Double? {
        if case .dollars(let dollars) = settings[path]?.value { dollars } else { nil }
    }

    func boolean(_ path: String) -> Bool? {
        if case .boolean(let boolean) = settings[path]?.value { boolean } else { nil }
    }

    func ports(_ path: String) -> ClosedRange<UInt16>? {
        if case .ports(let ports) = settings[path]?.value { ports } else { nil }
    }

    func list(_ path: String) -> [String] {
        if case .list(let values) = settings[path]?.value { values.map(\.text) } else { [] }
    }

    func map(_ path: String) -> [String: String] { (entries[path] ?? [:]).mapValues(\.text) }

    /// The value, or an error that names the key.
    func required<Value>(
        _ path: String, _ read: (SettingLookup) -> (String) -> Value?
    ) throws(EnvironmentError) -> Value {
        guard let value = read(self)(path) else {
            throw EnvironmentError(
                .value, at: nil, key: path, problem: "this needs a value and has none",
                hint: "set it in the environment file")
        }
        return value
    }
}
