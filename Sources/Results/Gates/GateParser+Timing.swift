// The end of a gate's text: over which time its figure is taken, and whether it ends the run. The
// words stand behind a value that may hold blanks itself (`1m 30s`), so the value ends where the
// first of them begins.

import Units

extension GateParser {
    private static let words = ["over", "for", "abort"]

    /// Where the first word behind the value begins, or the end of the text.
    var endOfValue: Int {
        wordStarts(from: position, to: characters.count).dropFirst().first { start in
            Self.words.contains(letters(at: start).lowercased())
        } ?? characters.count
    }

    /// Characters of a range without the blanks around them.
    func trimmed(_ range: Range<Int>) -> String {
        let text = characters[range].drop(while: \.isWhitespace)
            .reversed().drop(while: \.isWhitespace)
        return String(text.reversed())
    }

    /// Says which word was meant where one of them is written wrong.
    func refuseWord(behindValueFrom start: Int, to end: Int) throws(ResultsError) {
        for place in wordStarts(from: start, to: end).dropFirst() {
            let word = letters(at: place)
            guard GateValue(trimmed(start..<place)) != nil,
                let meant = Suggestion.nearest(to: word, in: Self.words)
            else { continue }
            throw failure("unknown word '\(word)'", at: place, suggestion: "'\(meant)'")
        }
    }

    /// The places at which a word begins: the first one, and each behind a blank.
    private func wordStarts(from start: Int, to end: Int) -> [Int] {
        (start..<end).filter { place in
            !characters[place].isWhitespace
                && (place == start || characters[place - 1].isWhitespace)
        }
    }

    func letters(at place: Int) -> String {
        String(characters[place...].prefix(while: \.isLetter))
    }

    /// Reads what stands behind the value.
    mutating func readTiming() throws(ResultsError) -> (Gate.Timing, aborts: Bool) {
        var timing = Gate.Timing.wholeRun
        skipBlanks()
        let start = position
        let word = letters(at: start).lowercased()
        if word == "over" || word == "for" {
            position += word.count
            let seconds = try readSeconds(behind: word)
            timing = word == "over" ? .over(seconds) : .held(seconds)
        }
        let aborts = try readAbort(behind: timing)
        return (timing, aborts)
    }

    private mutating func readAbort(behind timing: Gate.Timing) throws(ResultsError) -> Bool {
        skipBlanks()
        guard position < characters.count else { return false }
        let start = position
        let word = letters(at: start)
        guard word.lowercased() == "abort" else {
            if Self.words.contains(word.lowercased()) {
                throw failure("a gate has one time, with 'over' or with 'for'", at: start)
            }
            let meant = Suggestion.nearest(to: word, in: ["abort"]).map { "'\($0)'" }
            throw failure(
                "unknown word '\(trimmed(start..<characters.count))'", at: start, suggestion: meant)
        }
        position += word.count
        skipBlanks()
        guard position == characters.count else {
            let rest = letters(at: position).lowercased()
            throw failure(
                "nothing may stand behind 'abort'",
                suggestion: rest == "over" || rest == "for"
                    ? "'\(trimmed(position..<characters.count)) abort'" : nil)
        }
        return true
    }

    /// Reads the time of a window: its words are those that begin with a digit.
    private mutating func readSeconds(behind word: String) throws(ResultsError) -> Int {
        skipBlanks()
        let start = position
        var end = start
        while end < characters.count, characters[end].isNumber || characters[end] == "-" {
            end = characters[end...].firstIndex(where: \.isWhitespace) ?? characters.count
            position = end
            skipBlanks()
            end = position
        }
        let text = trimmed(start..<end).filter { !$0.isWhitespace }
        guard !text.isEmpty else {
            throw failure(
                "a time is missing behind '\(word)'", at: start, suggestion: "'\(word) 30s'")
        }
        do throws(QuantityError) {
            let time = try Quantity.duration(text)
            let (seconds, fraction) = time.components
            if fraction == 0, (1...Int64(Gate.Timing.longest)).contains(seconds) {
                return Int(seconds)
            }
        } catch {
            let isBare = text.allSatisfy(\.isNumber)
            throw failure(
                error.message, at: start, suggestion: isBare ? "'\(word) \(text)s'" : nil)
        }
        throw failure("a window has whole seconds from 1s to 10m, not \(text)", at: start)
    }

    /// The refusal of an `abort` at the end of the text that could only be judged when all is over.
    func undecidedAbort() -> ResultsError {
        let word = characters.lastIndex { $0 == "a" || $0 == "A" } ?? 0
        return failure(
            "'abort' can't be said of a figure that is open until the run is over", at: word,
            suggestion: "'\(trimmed(0..<word)) over 30s abort'")
    }
}
