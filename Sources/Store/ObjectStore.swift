// Where the CLI and the nodes meet. They never talk directly: a run is a request object in the
// store, results are objects in the store, and live figures are lines in a log. So any of them can
// die, and whoever comes back reads how things stand.
//
// This room knows keys, records and the order in which they appear; it must never know what JMeter
// is or who rents the machines. `Keys.swift` has the map, `Records/` what stands at each key.

package import FoundationEssentials

/// An object's place in a store: segments joined by `/`, never absolute, never leading outside.
package struct StoreKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let path: String

    /// Checks and takes a key.
    ///
    /// - Throws: ``StoreError/badKey(_:)`` for an empty segment, `.` or `..`.
    package init(checking path: String) throws(StoreError) {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !segments.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }),
            !path.utf8.contains(0)
        else { throw .badKey(path) }
        self.path = path
    }

    /// Takes a key made of parts that were checked already.
    package init(unchecked path: String) {
        self.path = path
    }

    package static func < (a: Self, b: Self) -> Bool { a.path < b.path }
    package var description: String { path }
}

/// One object of a listing.
package struct StoreObject: Sendable, Hashable {
    package let key: StoreKey
    /// Bytes.
    package let size: Int64

    package init(key: StoreKey, size: Int64) {
        self.key = key
        self.size = size
    }
}

/// An object store: an S3 prefix, or a folder.
///
/// Reads after writes see what was written, and an object appears whole or not at all. A missing
/// object is an answer (`nil`), not an error.
package protocol ObjectStore: Sendable {
    /// How a person would name this store: a path or a URL.
    var location: String { get }

    func read(_ key: StoreKey) async throws -> Data?
    func write(_ data: Data, to key: StoreKey) async throws
    /// Writes only where nothing is yet; `false` if something was.
    func create(_ data: Data, at key: StoreKey) async throws -> Bool
    /// All objects whose keys begin with the prefix, in the order of their keys.
    func list(prefix: String) async throws -> [StoreObject]
    /// Removes an object; a missing one is no error.
    func delete(_ key: StoreKey) async throws
    func upload(file path: String, to key: StoreKey) async throws
    /// Copies an object into a file; `false` if there is none.
    func download(_ key: StoreKey, to path: String) async throws -> Bool
}

/// What can go wrong between us and a store.
package enum StoreError: Error, Sendable, Equatable {
    case badKey(String)
    case failed(operation: String, what: String, reason: String)
    /// An object that is not what its key promises.
    case unreadable(key: String, reason: String)
    /// An object written by a newer loadfleet.
    case tooNew(key: String, version: Int)

    package var message: String {
        switch self {
        case .badKey(let path): "'\(path)' cannot be a key of the store"
        case .failed(let operation, let what, let reason): "cannot \(operation) \(what): \(reason)"
        case .unreadable(let key, let reason): "the store's \(key) is damaged: \(reason)"
        case .tooNew(let key, let version):
            "the store's \(key) has version \(version), which this loadfleet does not know"
        }
    }

    package var hint: String? {
        switch self {
        case .tooNew: "update loadfleet on this machine"
        case .badKey, .failed, .unreadable: nil
        }
    }
}

/// A log to which lines are added while somebody else reads along.
package protocol LiveLog: Sendable {
    func append(_ lines: [String]) async throws
    /// The whole lines after a position, and the position after them; start with 0.
    func read(after position: Int64) async throws -> (lines: [String], position: Int64)
}

/// A store with the log that goes with it.
package protocol StoreWithLog: ObjectStore {
    func liveLog(of run: String) -> any LiveLog
}
