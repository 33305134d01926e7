// Tags: names for runs that are to be found again, as the baseline that others are held against.

internal import FoundationEssentials
package import Store

/// The tags in a store.
package struct RunTags: Sendable {
    private let store: any ObjectStore

    package init(store: any ObjectStore) { self.store = store }

    /// Gives a run a name, whichever run had it before.
    ///
    /// - Throws: ``RunError/badTag(_:)``, or errors of the store.
    package func set(_ name: String, to run: String, by user: String) async throws {
        try await store.put(RunTag(run: run, by: user, at: .now), at: try Self.key(name))
    }

    /// Takes a name away; returns the run that had it.
    ///
    /// - Throws: ``RunError/noTag(_:)``.
    package func remove(_ name: String) async throws -> String {
        guard let run = try await run(tagged: name) else { throw RunError.noTag(name) }
        try await store.delete(try Self.key(name))
        return run
    }

    /// The run with a name; nil where none has it, and where it can't be one.
    package func run(tagged name: String) async throws -> String? {
        guard let key = try? Self.key(name) else { return nil }
        return try await store.record(RunTag.self, at: key)?.run
    }

    /// All names by run, sorted.
    package func byRun() async throws -> [String: [String]] {
        var names: [String: [String]] = [:]
        for object in try await store.list(prefix: TagKeys.prefix) {
            guard let name = TagKeys.name(of: object.key),
                let tag = try? await store.record(RunTag.self, at: object.key)
            else { continue }
            names[tag.run, default: []].append(name)
        }
        return names.mapValues { $0.sorted() }
    }

    /// What is easily typed and cannot be taken for a path, an option or a run's id.
    private static func key(_ name: String) throws(RunError) -> StoreKey {
        let allowed = name.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || "._-".unicodeScalars.contains($0)
        }
        guard allowed, let first = name.unicodeScalars.first, name.utf8.count <= 64,
            ("a"..."z").contains(first) || ("A"..."Z").contains(first)
        else { throw .badTag(name) }
        return TagKeys.tag(name)
    }
}
