// What a jar holds, from the table at its end (PKWARE APPNOTE 4.3.12 and 4.3.16).
//
// The list of names is enough to know which classes an installation has, and it costs a few pages of
// each file. Only a jar's manifest is ever unpacked.
import CZlib
import FoundationEssentials

/// The names of the entries of a zip file.
struct JarDirectory {
    private let data: Data
    private let start: Int
    private let count: Int

    /// Nil when `path` can't be read or is no zip file.
    init?(path: String) {
        guard let data = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped) else {
            return nil
        }
        self.data = data
        // The end record is 22 bytes long, and may be followed by a comment of up to 64 KiB.
        var end = data.count - 22
        let earliest = max(0, end - 0xFFFF)
        while end >= earliest, Self.number(data, end, 4) != 0x0605_4B50 { end -= 1 }
        guard end >= earliest, end >= 0 else { return nil }
        count = Self.number(data, end + 10, 2)
        start = Self.number(data, end + 16, 4)
        guard start < data.count else { return nil }
    }

    /// Calls `body` with the name of every entry, as bytes.
    func forEachName(_ body: (Data) -> Void) {
        forEachEntry { name, _ in body(name) }
    }

    /// The bytes of an entry; nil when it is absent, damaged, or larger than a manifest ever is.
    func contents(of wanted: String) -> [UInt8]? {
        var result: [UInt8]?
        forEachEntry { name, entry in
            guard name.elementsEqual(wanted.utf8) else { return }
            // The local header's own lengths count: its extra field may differ from the table's.
            let local = Self.number(data, entry + 42, 4)
            guard local + 30 <= data.count else { return }
            let header = 30 + Self.number(data, local + 26, 2) + Self.number(data, local + 28, 2)
            let (packed, size) = (
                Self.number(data, entry + 20, 4), Self.number(data, entry + 24, 4)
            )
            guard local + header + packed <= data.count, size <= 1 << 20 else { return }
            let bytes = [UInt8](data[local + header..<local + header + packed])
            let isDeflated = Self.number(data, entry + 10, 2) == 8
            result = isDeflated ? Self.inflated(bytes, size: size) : bytes
        }
        return result
    }

    private static func inflated(_ packed: [UInt8], size: Int) -> [UInt8]? {
        var stream = z_stream()
        // Negative window bits: raw deflate, without zlib's own header.
        let isReady = inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard isReady == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var packed = packed
        var status = Z_OK
        let result = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            packed.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(size)
                status = inflate(&stream, Z_FINISH)
            }
            count = size - Int(stream.avail_out)
        }
        return status == Z_STREAM_END ? result : nil
    }

    private func forEachEntry(_ body: (_ name: Data, _ entry: Int) -> Void) {
        var position = start
        for _ in 0..<count {
            guard position + 46 <= data.count, Self.number(data, position, 4) == 0x0201_4B50 else {
                return
            }
            let length = Self.number(data, position + 28, 2)
            let extra = Self.number(data, position + 30, 2) + Self.number(data, position + 32, 2)
            guard position + 46 + length <= data.count else { return }
            body(data[position + 46..<position + 46 + length], position)
            position += 46 + length + extra
        }
    }

    /// A little-endian number of `bytes` bytes.
    private static func number(_ data: Data, _ offset: Int, _ bytes: Int) -> Int {
        (0..<bytes).reduce(0) { $0 | Int(data[offset + $1]) << (8 * $1) }
    }
}
