// "Did you mean …": the nearest known word, or none when nothing is near enough to be helpful.

/// Finds the word someone probably meant.
package enum Suggestion {
    /// The candidate with the smallest edit distance to `word`, upper and lower case being alike;
    /// `nil` when even that one differs in more than a third of its letters.
    package static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let limit = max(1, max(word.count, candidate.count) / 3)
            let distance = distance(word.lowercased(), candidate.lowercased())
            guard distance <= limit, distance < best?.distance ?? .max else { continue }
            // One letter says nothing about another letter.
            guard distance < max(word.count, candidate.count) else { continue }
            best = (candidate, distance)
        }
        return best?.candidate
    }

    /// Damerau-Levenshtein distance in its "optimal string alignment" form: the number of letters
    /// to insert, delete, replace or swap with their neighbor.
    ///
    /// See https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance.
    package static func distance(_ first: String, _ second: String) -> Int {
        let a = Array(first)
        let b = Array(second)
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            row.reserveCapacity(b.count + 1)
            for j in 0..<b.count {
                let replaced = last[j] + (a[i] == b[j] ? 0 : 1)
                var cost = min(last[j + 1] + 1, row[j] + 1, replaced)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, beforeLast[j - 1] + 1)
                }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
