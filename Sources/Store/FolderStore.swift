// The store as a folder: one file an object. Objects are written beside their place and renamed
// into it, so that a reader sees a whole object or none, whatever happens to the writer.

package import FoundationEssentials
internal import Glibc

/// A store kept in a folder of this machine.
package struct FolderStore: StoreWithLog {
    package let location: String

    /// Opens the store, making its folder with mode 0700 where it is absent.
    ///
    /// - Throws: ``StoreError/failed(operation:what:reason:)``.
    package init(at folder: String) throws {
        location = folder
        try Self.makeFolder(folder)
    }

    package func path(of key: StoreKey) -> String { location + "/" + key.path }

    package var now: Date { .now }
    package var recommendedPoll: Duration { .milliseconds(50) }

    package func read(_ key: StoreKey) async throws -> Data? {
        try await readTagged(key)?.data
    }

    package func readTagged(_ key: StoreKey) async throws -> TaggedObject? {
        guard let descriptor = try descriptor(of: key) else { return nil }
        defer { close(descriptor) }
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", key) }
            if count == 0 {
                var status = stat()
                guard fstat(descriptor, &status) == 0 else { throw failure("read", key) }
                return TaggedObject(data: data, tag: Self.tag(status))
            }
            data.append(contentsOf: buffer[..<count])
        }
    }

    package func write(_ data: Data, to key: StoreKey) async throws {
        try place(key) { temporary in
            try write(data, toNew: temporary)
            return rename(temporary, path(of: key)) == 0
        }
    }

    package func create(_ data: Data, at key: StoreKey) async throws -> Bool {
        var existed = false
        try place(key) { temporary in
            try write(data, toNew: temporary)
            // link(2), unlike rename(2), refuses where something is: one of two writers wins.
            let made = link(temporary, path(of: key)) == 0
            existed = !made && errno == EEXIST
            let kept = errno
            unlink(temporary)
            errno = kept
            return made || existed
        }
        return !existed
    }

    package func replace(_ key: StoreKey, with data: Data, ifTagged tag: String) async throws
        -> Bool
    {
        let path = path(of: key)
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? location
        // Whoever replaces takes turns at the folder; the kernel ends a turn with its process.
        let turn = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard turn >= 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw failure("write", key) }
            try requireFolder(to: "write", key)
            return false
        }
        defer { close(turn) }
        while flock(turn, LOCK_EX) != 0 {
            guard errno == EINTR else { throw failure("write", key) }
        }
        var status = stat()
        guard stat(path, &status) == 0, Self.tag(status) == tag else { return false }
        try await write(data, to: key)
        return true
    }

    package func list(prefix: String) async throws -> [StoreObject] {
        let folder = prefix.lastIndex(of: "/").map { String(prefix[..<$0]) } ?? ""
        let start = folder.isEmpty ? location : location + "/" + folder
        var objects: [StoreObject] = []
        for relative in try files(below: start) {
            let key = folder.isEmpty ? relative : folder + "/" + relative
            let name = relative.split(separator: "/").last ?? ""
            guard key.hasPrefix(prefix), !name.hasPrefix(Self.temporaryPrefix) else { continue }
            var status = stat()
            // An object may vanish between being listed and being looked at.
            guard stat(start + "/" + relative, &status) == 0, status.st_mode & S_IFMT == S_IFREG
            else { continue }
            objects.append(
                StoreObject(
                    key: StoreKey(unchecked: key), size: Int64(status.st_size),
                    modified: Date(
                        timeIntervalSince1970: Double(status.st_mtim.tv_sec)
                            + Double(status.st_mtim.tv_nsec) / 1e9), tag: Self.tag(status)))
        }
        return objects.sorted { $0.key < $1.key }
    }

    package func delete(_ key: StoreKey) async throws {
        if unlink(path(of: key)) != 0 {
            guard errno == ENOENT || errno == ENOTDIR else { throw failure("delete", key) }
            try requireFolder(to: "delete", key)
        }
        removeEmptyFolders(above: key)
    }

    package func delete(_ keys: [StoreKey]) async throws {
        for key in keys { try await delete(key) }
    }

    package func upload(file source: String, to key: StoreKey) async throws {
        try place(key) { temporary in
            guard Self.copy(source, to: temporary) else { return false }
            return rename(temporary, path(of: key)) == 0
        }
    }

    package func download(_ key: StoreKey, to target: String) async throws -> Bool {
        guard let descriptor = try descriptor(of: key) else { return false }
        close(descriptor)
        guard Self.copy(path(of: key), to: target) else {
            throw StoreError.failed(
                operation: "write", what: target, reason: String(cString: strerror(errno)))
        }
        return true
    }

    package func liveLog(of run: String, node: String?) -> any LiveLog {
        let keys = RunKeys(run)
        return FileLog(store: self, key: node.map { keys.node($0).liveLog } ?? keys.live)
    }

    // MARK: - Files

    private static let temporaryPrefix = ".writing-"

    /// Each write makes a file of its own, so that its number and time name the content.
    private static func tag(_ status: stat) -> String {
        "\(status.st_ino)-\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)-\(status.st_size)"
    }

    private func failure(_ operation: String, _ key: StoreKey) -> StoreError {
        .failed(
            operation: operation, what: path(of: key), reason: String(cString: strerror(errno)))
    }

    /// Opens an object's file to read it; nil if there is none.
    ///
    /// - Throws: ``StoreError/failed(operation:what:reason:)`` where it can't be, and where nobody
    ///   knows because the store itself is away.
    func descriptor(of key: StoreKey) throws -> Int32? {
        // Twice: the store may have come back between the look at the object and that at the folder.
        for _ in 0..<2 {
            let descriptor = open(path(of: key), O_RDONLY | O_CLOEXEC)
            if descriptor >= 0 { return descriptor }
            guard errno == ENOENT || errno == ENOTDIR else { throw failure("read", key) }
            try requireFolder(to: "read", key)
        }
        return nil
    }

    /// What stands below a folder of the store, relative to it; nothing where there is no folder.
    private func files(below start: String) throws -> [String] {
        let root = StoreKey(unchecked: "")
        guard access(start, F_OK) == 0 else {
            try requireFolder(to: "list", root)
            return []
        }
        do {
            return try FileManager.default.subpathsOfDirectory(atPath: start)
        } catch {
            try requireFolder(to: "list", root)
            throw error
        }
    }

    /// While the store's own folder is away, as a disk that is not mounted, nothing is known of any
    /// object: least of all that there is none.
    private func requireFolder(to operation: String, _ key: StoreKey) throws {
        guard access(location, F_OK) == 0 else { throw failure(operation, key) }
    }

    /// Makes the folders of a key; whether that is done, if not, errno says why.
    ///
    /// Never the store's own: who wrote into another one in its place would write for nobody.
    func makeFolders(of key: StoreKey) -> Bool {
        var path = location
        for segment in key.path.split(separator: "/").dropLast() {
            path += "/" + segment
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { return false }
        }
        return true
    }

    /// Makes the key's folder and lets `body` put a file beside its place and then into it.
    private func place(_ key: StoreKey, _ body: (_ temporary: String) throws -> Bool) throws {
        let path = path(of: key)
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? location
        let temporary =
            "\(folder)/\(Self.temporaryPrefix)\(getpid())-\(UInt64.random(in: 0 ... .max))"
        // The folder may be removed as empty by someone between our making and using it.
        for attempt in 1... {
            if makeFolders(of: key), try body(temporary) { return }
            let reason = errno
            unlink(temporary)
            errno = reason
            guard reason == ENOENT, attempt < 5 else { throw failure("write", key) }
        }
    }

    private func write(_ data: Data, toNew path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            // A vanished folder is `place`'s to mend: it sees that the file is not there.
            if errno == ENOENT { return }
            throw StoreError.failed(
                operation: "write", what: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var left = data[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = String(cString: strerror(errno))
                unlink(path)
                throw StoreError.failed(operation: "write", what: path, reason: reason)
            }
            left = left.dropFirst(count)
        }
    }

    private static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError.failed(
                operation: "make folder", what: path, reason: String(cString: strerror(errno)))
        }
    }

    /// Copies a file in the kernel; `false` with errno set if that fails, leaving no half-file.
    private static func copy(_ source: String, to target: String) -> Bool {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { return false }
        defer { close(input) }
        let output = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard output >= 0 else { return false }
        defer { close(output) }
        while true {
            let count = sendfile(output, input, nil, 1 << 30)
            if count == 0 { return true }
            if count < 0, errno != EINTR {
                let reason = errno
                unlink(target)
                errno = reason
                return false
            }
        }
    }

    private func removeEmptyFolders(above key: StoreKey) {
        var segments = key.path.split(separator: "/").dropLast()
        while !segments.isEmpty, rmdir(location + "/" + segments.joined(separator: "/")) == 0 {
            segments = segments.dropLast()
        }
    }
}
