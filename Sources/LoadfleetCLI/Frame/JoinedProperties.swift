// JMeter's users write `-Jthreads=4` in one word. ArgumentParser takes what follows `=` for the
// value of an option named `-Jthreads`, so the word is taken apart before it gets there.

/// Takes `-Jname=value` apart.
enum JoinedProperties {
    /// `arguments` with each `-Jname=value` as the two words `-J` and `name=value`.
    static func split(_ arguments: [String]) -> [String] {
        var words: [String] = []
        for (index, word) in arguments.enumerated() {
            if word == "--" { return words + arguments[index...] }
            if word.hasPrefix("-J"), word.count > 2 {
                words += ["-J", String(word.dropFirst(2))]
            } else {
                words.append(word)
            }
        }
        return words
    }
}
