// "Did you mean": the nearest of some known names, if it is near enough to be a slip.

/// Guesses at misspelled names.
enum Spelling {
    /// The name with the fewest edits, if these are at most a third of its letters (at least two).
    static func nearest(to word: String, among names: [String]) -> String? {
        let ranked = names.map { (name: $0, edits: distance(word, $0)) }
        guard let best = ranked.min(by: { $0.edits < $1.edits }),
            best.edits <= max(2, best.name.count / 3)
        else { return nil }
        return best.name
    }

    /// Levenshtein's distance, one row at a time.
    static func distance(_ left: String, _ right: String) -> Int {
        let target = Array(right)
        var row = Array(0...target.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for place in target.indices {
                let replaced = diagonal + (character == target[place] ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(replaced, row[place] + 1, diagonal + 1)
            }
        }
        return row[target.count]
    }
}
