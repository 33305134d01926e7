// Watches what many nodes write at the cost of one listing, however many they are.

/// Tells what is new under a prefix since the last look.
package struct PrefixWatch: Sendable {
    private let prefix: String
    private var tags: [StoreKey: String] = [:]

    package init(_ prefix: String) { self.prefix = prefix }

    /// The objects that are new or were written again.
    package mutating func changed(in store: any ObjectStore) async throws -> [StoreObject] {
        let changed = try await look(in: store)
        settle(changed)
        return changed
    }

    /// The records that are new or were written again.
    ///
    /// When reading fails, they are new to the next look, too.
    package mutating func changed<R: Record>(
        _ type: R.Type, in store: any ObjectStore
    ) async throws -> [StoreKey: R] {
        let changed = try await look(in: store)
        let records = try await store.records(R.self, at: changed.map(\.key))
        settle(changed)
        return records
    }

    private func look(in store: any ObjectStore) async throws -> [StoreObject] {
        try await store.list(prefix: prefix).filter { tags[$0.key] != $0.tag }
    }

    private mutating func settle(_ objects: [StoreObject]) {
        for object in objects { tags[object.key] = object.tag }
    }
}

extension ObjectStore {
    /// Reads under way at a time.
    private var readsAtOnce: Int { 16 }

    /// The records at some keys, several of them read at a time; those that are absent are left
    /// out.
    package func records<R: Record>(
        _ type: R.Type, at keys: [StoreKey]
    ) async throws -> [StoreKey: R] {
        try await withThrowingTaskGroup(of: (StoreKey, R?).self) { group in
            var waiting = keys[...]
            func start() {
                guard let key = waiting.popFirst() else { return }
                group.addTask { (key, try await self.record(R.self, at: key)) }
            }
            for _ in 0..<readsAtOnce { start() }
            var found: [StoreKey: R] = [:]
            while let (key, record) = try await group.next() {
                found[key] = record
                start()
            }
            return found
        }
    }
}
