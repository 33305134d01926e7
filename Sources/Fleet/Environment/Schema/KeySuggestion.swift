// "Did you mean": first among the neighbors, then anywhere, because the commonest mistake after
// a typo is the right key in the wrong section.
import Units

enum KeySuggestion {
    /// What to do about a key that does not exist in `section`.
    static func hint(for name: String, section: String) -> String {
        let prefix = section.isEmpty ? "" : section + "."
        let names = Key.all.filter { $0.path.hasPrefix(prefix) }
            .compactMap { $0.path.dropFirst(prefix.count).split(separator: ".").first }
            .map { String($0) }
        if let near = Suggestion.nearest(to: name, in: names) {
            return "did you mean '\(prefix)\(near)'?"
        }
        let elsewhere = Key.all.first { Suggestion.nearest(to: name, in: [String($0.name)]) != nil }
        if let elsewhere { return "did you mean '\(elsewhere.path)'?" }
        var seen: Set<String> = []
        let known = names.filter { seen.insert($0).inserted }.joined(separator: ", ")
        return section.isEmpty ? "keys: \(known)" : "keys of '\(section)': \(known)"
    }
}
