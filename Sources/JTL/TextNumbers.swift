// Numbers for the texts of one label: response codes or kinds of failure. As many are known as
// `CountedTexts` keeps apart, and the same ones; a text that had to go keeps its number, which then
// stands for "other", so nothing that was counted by numbers needs to be looked at again.

/// Numbers texts, of which only so many are kept.
struct TextNumbers: Sendable {
    private var table = ByteTable()
    private var numbers: [Int] = []
    private var next = 0
    /// The longest text that may be kept, once some had to go.
    private var bound: [UInt8]?

    /// The number of a text, which is negative where the text cannot be kept.
    mutating func number(of text: UnsafeBufferPointer<UInt8>) -> Int {
        let key = UnsafeBufferPointer(rebasing: text.prefix(CountedTexts.lengthLimit))
        if let place = table.find(key) { return numbers[place] }
        if let bound, !CountedTexts.precedes(key, bound) { return -1 }
        table.insert(key)
        numbers.append(next)
        next += 1
        // Twice as many for a while, so that sorting them is rare.
        if numbers.count > 2 * CountedTexts.limit { dropLongest() }
        return next - 1
    }

    /// The texts that are kept, by number.
    var texts: [Int: [UInt8]] {
        Dictionary(
            uniqueKeysWithValues: numbers.indices.map { (numbers[$0], Array(table.key($0))) })
    }

    private mutating func dropLongest() {
        numbers = table.keepShortest(CountedTexts.limit).map { numbers[$0] }
        bound = Array(table.key(table.count - 1))
    }
}
