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

    /// The order of their bytes, which is S3's.
    package static func < (a: Self, b: Self) -> Bool {
        a.path.utf8.lexicographicallyPrecedes(b.path.utf8)
    }

    package var description: String { path }
}

/// One object of a listing.
package struct StoreObject: Sendable, Hashable {
    package let key: StoreKey
    /// Bytes.
    package let size: Int64
    /// When it was written, by the store's clock; S3 knows it to the second.
    package let modified: Date
    /// Names this very content: another write makes another tag.
    package let tag: String

    package init(key: StoreKey, size: Int64, modified: Date, tag: String) {
        self.key = key
        self.size = size
        self.modified = modified
        self.tag = tag
    }
}

/// An object's bytes, and the tag they have.
package struct TaggedObject: Sendable, Hashable {
    package let data: Data
    package let tag: String

    package init(data: Data, tag: String) {
        self.data = data
        self.tag = tag
    }
}

/// An object store: an S3 prefix, or a folder.
///
/// Reads after writes see what was written, and an object appears whole or not at all. A missing
/// object is an answer (`nil`), not an error.
package protocol ObjectStore: Sendable {
    /// How a person would name this store: a path or a URL.
    var location: String { get }
    /// This moment by the clock that tells when objects were written.
    var now: Date { get }
    /// How long to wait between two looks at what somebody else may have written.
    var recommendedPoll: Duration { get }

    func read(_ key: StoreKey) async throws -> Data?
    func readTagged(_ key: StoreKey) async throws -> TaggedObject?
    func write(_ data: Data, to key: StoreKey) async throws
    /// Writes only where nothing is yet; `false` if something was.
    func create(_ data: Data, at key: StoreKey) async throws -> Bool
    /// Writes only where the object still has the tag; `false` if it has another, or is gone.
    func replace(_ key: StoreKey, with data: Data, ifTagged tag: String) async throws -> Bool
    /// All objects whose keys begin with the prefix, in the order of their keys.
    func list(prefix: String) async throws -> [StoreObject]
    /// Removes an object; a missing one is no error.
    func delete(_ key: StoreKey) async throws
    /// Removes many objects; missing ones are no error.
    func delete(_ keys: [StoreKey]) async throws
    func upload(file path: String, to key: StoreKey) async throws
    /// Copies an object into a file; `false` if there is none.
    func download(_ key: StoreKey, to path: String) async throws -> Bool
}

/// What can go wrong between us and a store.
package enum StoreError: Error, Sendable, Equatable {
    case badKey(String)
    case failed(operation: String, what: String, reason: String, hint: String? = nil)
    /// There are no credentials, or they do not allow it.
    case denied(operation: String, what: String, reason: String, hint: String?)
    /// An object that is not what its key promises.
    case unreadable(key: String, reason: String)
    /// An object written by a newer loadfleet.
    case tooNew(key: String, version: Int)
    /// Somebody else has the lock; `expires` is when it ends by itself unless they renew it.
    case locked(by: String, since: Date, expires: Date)
    /// The lock could not be renewed in time, and may be somebody else's by now.
    case lockLost(key: String)
    /// The lock could not be renewed in time, and somebody else has it by now.
    case lockTaken(key: String, by: String, since: Date)

    package var message: String {
        switch self {
        case .badKey(let path): "'\(path)' cannot be a key of the store"
        case .failed(let operation, let what, let reason, _),
            .denied(let operation, let what, let reason, _):
            "cannot \(operation) \(what): \(reason)"
        case .unreadable(let key, let reason): "the store's \(key) is damaged: \(reason)"
        case .tooNew(let key, let version):
            "the store's \(key) has version \(version), which this loadfleet does not know"
        case .locked(let by, let since, _):
            "\(by) is at work on it, since \(since.formatted(RecordCoding.milliseconds))"
        case .lockLost(let key):
            "stopped, because the lock \(key) could not be renewed in time: somebody else may be "
                + "at work by now"
        case .lockTaken(let key, let by, let since):
            "stopped, because the lock \(key) went to \(by), who is at work since "
                + since.formatted(RecordCoding.milliseconds)
        }
    }

    /// Whether the same may go well a while later, without anybody doing anything.
    package var mayPass: Bool {
        if case .failed = self { true } else { false }
    }

    package var hint: String? {
        switch self {
        case .tooNew: "update loadfleet on this machine"
        case .failed(_, _, _, let hint), .denied(_, _, _, let hint): hint
        case .locked(_, _, let expires):
            "wait until it is done; if nobody is, the lock ends by itself after "
                + expires.formatted(RecordCoding.milliseconds)
        case .lockLost:
            "check the network to the store, then give the same command again: it goes on from "
                + "what is there"
        case .lockTaken:
            "wait until they are done, then give the same command again: it goes on from what is "
                + "there"
        case .badKey, .unreadable: nil
        }
    }
}

/// A place in a log, in the words of the log's kind.
package struct LogPosition: Sendable, Hashable, Codable {
    package let text: String

    package init(text: String) { self.text = text }

    /// Before the first line.
    package static let start = LogPosition(text: "")
}

/// Lines with their places in a log.
package struct LogBatch: Sendable, Hashable {
    package let lines: [String]
    /// The lines' times, where those are their places.
    let times: [Date]

    package init(lines: [String]) { self.init(lines: lines, times: []) }

    init(lines: [String], times: [Date]) {
        self.lines = lines
        self.times = times
    }
}

/// A log to which lines are added while somebody else reads along.
///
/// The lines of one writer come back in their order; those of several are mixed by time.
package protocol LiveLog: Sendable {
    /// Gives lines their places, which are theirs however often they have to be added.
    func batch(_ lines: [String]) -> LogBatch
    /// Adds lines; after a failure, which may be that of the answer only, the same batch again.
    func append(_ batch: LogBatch) async throws
    /// The whole lines after a position, and the position after them.
    func read(after position: LogPosition) async throws -> (
        lines: [String], position: LogPosition
    )
}

extension LiveLog {
    package func batch(_ lines: [String]) -> LogBatch { LogBatch(lines: lines) }

    package func append(_ lines: [String]) async throws { try await append(batch(lines)) }
}

/// A store with the log that goes with it.
package protocol StoreWithLog: ObjectStore {
    /// The log of a run, or the one in which a node of it says what its JMeter logs.
    func liveLog(of run: String, node: String?) -> any LiveLog
}

extension StoreWithLog {
    /// The log of a run.
    package func liveLog(of run: String) -> any LiveLog { liveLog(of: run, node: nil) }
}

extension StoreError {
    /// A position that came from a log of another kind.
    static func notAPosition(_ position: LogPosition, of log: String) -> StoreError {
        .failed(
            operation: "read", what: log, reason: "'\(position.text)' is no position in it")
    }
}
