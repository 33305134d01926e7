// A gzipped tar file, written front to back (POSIX.1-1988 "ustar", which every tar reads).
//
// The same entries give the same bytes wherever and whenever they are packed: owner and times are
// constants, and neither the file's name nor the time goes into gzip's header.
import CZlib
import Glibc

/// Writes files and folders into a `.tgz`.
struct TarWriter: ~Copyable {
    /// Why an entry could not be written.
    enum Fault: Error, Equatable {
        /// The archive itself can't be written: the system's reason.
        case output(String)
        /// What the format can't hold: a path in the archive, and a reason.
        case entry(String, String)
        /// A file that can't be read, or is not as long as it was, and a reason.
        case input(String, String)
    }

    private let file: gzFile
    private static let block = 512

    /// Creates the file, or empties it.
    init(path: String) throws(Fault) {
        // Jars are compressed already: a higher level finds little more in them.
        guard let file = gzopen(path, "wb1") else {
            throw .output(String(cString: strerror(errno)))
        }
        gzbuffer(file, 1 << 17)
        self.file = file
    }

    /// Adds a folder; `path` has no slash at its end.
    func addFolder(_ path: String) throws(Fault) {
        try write(Self.header(path + "/", size: 0, mode: 0o755, type: "5"))
    }

    /// Adds the file `source`, of which `size` bytes are expected.
    func addFile(_ path: String, from source: String, size: Int, isExecutable: Bool) throws(Fault) {
        try write(
            Self.header(path, size: size, mode: isExecutable ? 0o755 : 0o644, type: "0"))
        guard let input = fopen(source, "rbe") else {
            throw .input(source, String(cString: strerror(errno)))
        }
        defer { fclose(input) }
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        var total = 0
        while case let count = fread(&buffer, 1, buffer.count, input), count > 0 {
            total += count
            guard total <= size else { break }
            try write(buffer[..<count])
        }
        guard ferror(input) == 0 else { throw .input(source, String(cString: strerror(errno))) }
        guard total == size else { throw .input(source, "it changed while it was packed") }
        try write(ArraySlice(repeating: 0, count: (Self.block - size % Self.block) % Self.block))
    }

    /// Ends the archive and closes the file.
    consuming func finish() throws(Fault) {
        let end = Result { () throws(Fault) in
            try write(ArraySlice(repeating: 0, count: 2 * Self.block))
        }
        let status = gzclose(file)
        let reason = String(cString: strerror(errno))
        discard self
        try end.get()
        guard status == Z_OK else { throw .output(reason) }
    }

    deinit { gzclose(file) }

    private func write(_ bytes: ArraySlice<UInt8>) throws(Fault) {
        guard !bytes.isEmpty else { return }
        let written = bytes.withUnsafeBytes { gzwrite(file, $0.baseAddress, UInt32($0.count)) }
        guard written == bytes.count else { throw .output(String(cString: strerror(errno))) }
    }

    /// The 512 bytes that say what follows.
    private static func header(
        _ path: String, size: Int, mode: Int, type: Character
    ) throws(Fault) -> ArraySlice<UInt8> {
        let (prefix, name) = try parted(path)
        guard size < 1 << 33 else { throw .entry(path, "it is too large for an archive") }
        var bytes = [UInt8](repeating: 0, count: block)
        func put(_ text: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in text.enumerated() { bytes[offset + index] = byte }
        }
        func put(_ number: Int, digits: Int, at offset: Int) {
            let text = String(number, radix: 8)
            put((String(repeating: "0", count: digits - text.utf8.count) + text).utf8, at: offset)
        }
        put(name, at: 0)
        put(mode, digits: 7, at: 100)
        put(0, digits: 7, at: 108)  // user
        put(0, digits: 7, at: 116)  // group
        put(size, digits: 11, at: 124)
        put(time, digits: 11, at: 136)
        put("        ".utf8, at: 148)  // the checksum counts as spaces
        put(String(type).utf8, at: 156)
        put("ustar\u{0}00".utf8, at: 257)
        put("root".utf8, at: 265)
        put("root".utf8, at: 297)
        put(prefix, at: 345)
        put(bytes.reduce(0) { $0 + Int($1) }, digits: 6, at: 148)
        bytes[154] = 0
        return bytes[...]
    }

    /// The first second of 1980: tar warns of times near 1970, and a jar can't hold earlier ones.
    private static let time = 315_532_800

    /// A path of up to 100 bytes as it is, a longer one parted at a slash.
    private static func parted(
        _ path: String
    ) throws(Fault) -> (prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>) {
        let bytes = Array(path.utf8)
        if bytes.count <= 100 { return ([], bytes[...]) }
        // A folder's own slash at the end is no place to part it.
        let slash = bytes.indices.dropLast().first {
            bytes[$0] == UInt8(ascii: "/") && bytes.count - $0 - 1 <= 100
        }
        guard let slash, slash <= 155 else {
            throw .entry(path, "its path is too long for an archive")
        }
        return (bytes[..<slash], bytes[(slash + 1)...])
    }
}
