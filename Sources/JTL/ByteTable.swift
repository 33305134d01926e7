// A hash table from byte strings to small numbers, looked up once a row or more. Keys lie one
// behind the other in a single array, so that a lookup allocates nothing and follows no pointer.

/// Numbers byte strings in the order in which they are inserted.
struct ByteTable: Sendable {
    /// Where a key ends in the arena; it begins where the one before ends.
    private struct Key {
        let end: Int
        let hash: UInt64
    }

    private var arena: [UInt8] = []
    private var keys: [Key] = []
    // Open addressing: the number of a key, or -1. The size is a power of two, or nothing yet: many
    // thousands of tables have no more than a few keys, which are found one after the other.
    private var slots: [Int32] = []

    /// So many keys need no slots.
    private static let few = 8

    var count: Int { keys.count }

    /// The number of a key, if it was inserted.
    func find(_ key: UnsafeBufferPointer<UInt8>) -> Int? {
        guard count > 0 else { return nil }
        let hash = hashOf(key)
        guard !slots.isEmpty else {
            return keys.indices.first { keys[$0].hash == hash && isEqual($0, key) }
        }
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let number = Int(slots[slot])
            if keys[number].hash == hash, isEqual(number, key) { return number }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Adds a key that is not in the table; its number is the count before.
    mutating func insert(_ key: UnsafeBufferPointer<UInt8>) {
        if count >= Self.few, (count + 1) * 2 > slots.count { grow() }
        arena.append(contentsOf: key)
        keys.append(Key(end: arena.count, hash: hashOf(key)))
        if !slots.isEmpty { place(count - 1) }
    }

    /// The number of a key, which is added if it is new.
    mutating func findOrInsert(_ key: UnsafeBufferPointer<UInt8>) -> Int {
        if let number = find(key) { return number }
        insert(key)
        return count - 1
    }

    func key(_ number: Int) -> ArraySlice<UInt8> { arena[range(of: number)] }

    /// Calls `body` with a key's bytes.
    func withKey<Result>(
        _ number: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        arena.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[range(of: number)]))
        }
    }

    /// The numbers of all keys, the shortest key first, equally long ones by their bytes.
    var numbersByLength: [Int] {
        arena.withUnsafeBytes { arena in
            keys.indices.sorted { left, right in
                let (first, second) = (range(of: left), range(of: right))
                guard first.count == second.count else { return first.count < second.count }
                return isLess(
                    UnsafeRawBufferPointer(rebasing: arena[first]),
                    UnsafeRawBufferPointer(rebasing: arena[second]))
            }
        }
    }

    /// Keeps the shortest keys up to a limit, numbered in that order; returns the numbers they had.
    mutating func keepShortest(_ limit: Int) -> [Int] {
        let all = self
        let kept = Array(all.numbersByLength.prefix(limit))
        self = ByteTable()
        for number in kept { all.withKey(number) { insert($0) } }
        return kept
    }

    private func range(of number: Int) -> Range<Int> {
        (number == 0 ? 0 : keys[number - 1].end)..<keys[number].end
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: max(4 * Self.few, slots.count * 2))
        for number in 0..<count { place(number) }
    }

    private mutating func place(_ number: Int) {
        var slot = Int(truncatingIfNeeded: keys[number].hash) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(number)
    }

    private func isEqual(_ number: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let range = range(of: number)
        guard range.count == key.count else { return false }
        return arena.withUnsafeBytes {
            isPrefix(
                UnsafeRawBufferPointer(key),
                of: UnsafeRawBufferPointer(rebasing: $0[range.lowerBound...]))
        }
    }
}

/// Whether memory begins with a key, eight bytes a step.
private func isPrefix(_ key: UnsafeRawBufferPointer, of memory: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index + 8 <= key.count {
        let words = (
            memory.loadUnaligned(fromByteOffset: index, as: UInt64.self),
            key.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        )
        guard words.0 == words.1 else { return false }
        index += 8
    }
    while index < key.count {
        guard memory[index] == key[index] else { return false }
        index += 1
    }
    return true
}

/// Whether memory comes before other memory of the same size, by its bytes, eight a step.
private func isLess(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index + 8 <= left.count {
        let words = (
            UInt64(bigEndian: left.loadUnaligned(fromByteOffset: index, as: UInt64.self)),
            UInt64(bigEndian: right.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        )
        if words.0 != words.1 { return words.0 < words.1 }
        index += 8
    }
    while index < left.count {
        if left[index] != right[index] { return left[index] < right[index] }
        index += 1
    }
    return false
}

/// Eight bytes a step: multiply and fold, then spread once more at the end.
private func hashOf(_ key: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
    var hash = UInt64(key.count) &* factor
    let raw = UnsafeRawBufferPointer(key)
    var index = 0
    while index + 8 <= raw.count {
        hash = (hash ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* factor
        hash ^= hash >> 32
        index += 8
    }
    while index < raw.count {
        hash = (hash ^ UInt64(raw[index])) &* factor
        index += 1
    }
    return hash ^ hash >> 29
}

/// Finds labels by their bytes as the file has them.
struct LabelIndex: Sendable {
    private var table = ByteTable()
    private var places: [Int] = []

    func find(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        table.find(bytes).map { places[$0] }
    }

    /// Adds bytes if they are new; several byte strings may have the same place.
    mutating func insert(_ bytes: UnsafeBufferPointer<UInt8>, place: Int) {
        guard table.find(bytes) == nil else { return }
        table.insert(bytes)
        places.append(place)
    }
}
