// The order in which a `java.util.HashMap` hands out its keys: by bucket, and within a bucket in
// the order of insertion. The number of buckets starts at 16 and doubles when three quarters full.

/// Java's order of strings in a hash map.
enum JavaHashOrder {
    /// The places of `keys`, which are inserted in the order given, in the map's order.
    static func sorted(_ keys: [String]) -> [Int] {
        var buckets: UInt32 = 16
        while keys.count > Int(buckets) / 4 * 3 { buckets *= 2 }
        let order = keys.map { key in
            let hash = hashCode(key)
            return (hash ^ hash >> 16) & (buckets - 1)
        }
        return keys.indices.sorted { (order[$0], $0) < (order[$1], $1) }
    }

    /// `String.hashCode`: a polynomial in 31 over the UTF-16 units, modulo 2 to the 32.
    private static func hashCode(_ text: String) -> UInt32 {
        text.utf16.reduce(0) { $0 &* 31 &+ UInt32($1) }
    }
}
