// JTL files that are still being written, followed as `tail -f` follows a log. Their sizes are asked
// for instead of waiting for notifications: those do not come from file systems that other machines
// write to, and one question a file costs nothing at a pace that people can follow.

package import JTL
private import Compression
private import Glibc

/// Reads files as they grow, and adds up what is in them.
package final class GrowingFiles {
    /// What has been read of all files.
    package private(set) var statistics: Statistics

    /// Bytes read of all files.
    package private(set) var bytesRead = 0

    /// What happened to files, in words, in the order in which it was noticed.
    package private(set) var events: [Event] = []

    private var files: [GrowingFile] = []

    /// Why nothing more is expected of a file.
    package enum Event: Equatable, Sendable {
        /// Another file bears its name now, or none; what it held counts.
        case moved(String)
        /// It became shorter: it is written anew, and its figures are those of two runs.
        case cut(String, from: Int, to: Int)

        /// What to tell a person.
        package var message: String {
            switch self {
            case .moved(let name): "\(name) was moved or deleted; what it held so far counts"
            case .cut(let name, let from, let to):
                "\(name) shrank from \(from) to \(to) bytes while it was followed"
            }
        }
    }

    /// Opens the files of `paths`, which may be folders or patterns, as ``SampleFiles`` does.
    ///
    /// - Throws: ``ResultsError`` for a file that can't be opened or can't grow.
    package init(
        _ paths: [String], in directory: String? = nil,
        options: SampleFiles.Options = SampleFiles.Options()
    ) throws(ResultsError) {
        statistics = Statistics(options.statistics)
        for path in try SamplePaths.files(paths, in: directory) {
            let whole = SamplePaths.whole(path, in: directory)
            files.append(try GrowingFile(path, at: whole, options))
        }
    }

    /// Whether nothing more is expected of any file.
    package var areOver: Bool { files.allSatisfy(\.isOver) }

    /// Reads what was added since the last call, at most some megabytes of each file.
    ///
    /// - Returns: How many bytes were read.
    /// - Throws: ``ResultsError`` for a file that can't be read or turns out to be no JTL.
    package func read() throws(ResultsError) -> Int {
        var count = 0
        for file in files where !file.isOver {
            let read = try file.read(into: &statistics)
            if read == 0, let event = file.event() { events.append(event) }
            count += read
        }
        bytesRead += count
        return count
    }

    /// Accounts for last lines without an end.
    ///
    /// - Throws: ``ResultsError`` for a file that is no JTL.
    package func finish() throws(ResultsError) {
        for file in files { try file.finish(into: &statistics) }
    }
}

/// One file that is followed.
private final class GrowingFile {
    private let name: String
    private let path: String
    private let descriptor: Int32
    private var position = 0
    private var reader: StreamReader
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    private(set) var isOver = false

    /// So much is read before others have their turn.
    private static let portion = 1 << 25
    /// With fewer bytes at its beginning a file waits: they don't tell yet what it is.
    private static let telling = max(CompressionFormat.magicLength, IntervalSeries.magicLength)

    init(
        _ name: String, at path: String, _ options: SampleFiles.Options
    ) throws(ResultsError) {
        (self.name, self.path) = (name, path)
        let reading = ReaderOptions(
            source: name, delimiter: options.delimiter, timestamps: options.timestamps)
        reader = StreamReader(reading, collecting: options.statistics)
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("open", name) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .file("\(name) can't be followed: it is no file", hint: Self.hint)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        buffer.deallocate()
    }

    private static let hint = "follow plain files on a disk; read others without --follow"

    private static func failure(_ operation: String, _ name: String) -> ResultsError {
        .file(
            "cannot \(operation) \(name): \(String(cString: strerror(errno)))",
            hint: "check the path and its permissions")
    }

    /// Reads what was added; a beginning of very few bytes only when no more will come.
    func read(
        into statistics: inout Statistics, isLast: Bool = false
    ) throws(ResultsError) -> Int {
        var total = 0
        while total < Self.portion {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(position))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure("read", name) }
            guard count > 0, isLast || position + count >= Self.telling else { break }
            let chunk = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            try checkFormat(chunk)
            do throws(JTLError) {
                try reader.consume(chunk)
            } catch {
                throw .samples(error)
            }
            position += count
            total += count
        }
        if total > 0 { reader.collect(into: &statistics) }
        return total
    }

    private func checkFormat(_ chunk: UnsafeRawBufferPointer) throws(ResultsError) {
        guard position == 0 else { return }
        guard CompressionFormat(magic: chunk) == .plain else {
            throw .file("\(name) can't be followed: it is compressed", hint: Self.hint)
        }
        guard !IntervalSeries.isBeginning(of: chunk.prefix(IntervalSeries.magicLength)) else {
            throw .file("\(name) can't be followed: it holds intervals", hint: Self.hint)
        }
    }

    /// What became of the file, whose end was just reached; nil if it may go on.
    func event() -> GrowingFiles.Event? {
        var own = stat()
        guard fstat(descriptor, &own) == 0 else { return nil }
        if Int(own.st_size) < position {
            isOver = true
            return .cut(name, from: position, to: Int(own.st_size))
        }
        var named = stat()
        let isThere = stat(path, &named) == 0
        guard !isThere || named.st_ino != own.st_ino || named.st_dev != own.st_dev else {
            return nil
        }
        // Written to between the last look and the move: that is read first.
        guard Int(own.st_size) == position else { return nil }
        isOver = true
        return .moved(name)
    }

    func finish(into statistics: inout Statistics) throws(ResultsError) {
        if position == 0 { _ = try read(into: &statistics, isLast: true) }
        do throws(JTLError) {
            try reader.finish(into: &statistics)
        } catch {
            throw .samples(error)
        }
    }
}
