// The bytes not read yet. Chunks are appended behind what an earlier chunk left unfinished, so
// that every record lies in one piece whatever the chunk size; the cost is one copy of each chunk.

let lineFeed = UInt8(ascii: "\n")
let carriageReturn = UInt8(ascii: "\r")
let quote = UInt8(ascii: "\"")

@inline(__always)
func isLineEnd(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }

/// A growing buffer read from its front.
struct InputBuffer: ~Copyable {
    private var storage: UnsafeMutableBufferPointer<UInt8>
    private var start = 0
    private var end = 0

    init() {
        storage = .allocate(capacity: 1 << 16)
    }

    deinit {
        storage.deallocate()
    }

    /// What has not been discarded; valid until the next `append` or `compact`.
    var bytes: UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(rebasing: storage[start..<end])
    }

    mutating func discard(_ count: Int) {
        start += count
    }

    /// Moves the rest to the front, so that the buffer holds a chunk and a record, not the file.
    mutating func compact() {
        guard start > 0 else { return }
        let rest = end - start
        if rest > 0, let base = storage.baseAddress {
            base.update(from: base + start, count: rest)
        }
        (start, end) = (0, rest)
    }

    mutating func append(_ chunk: UnsafeRawBufferPointer) {
        reserve(chunk.count)
        UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(storage)[end...])
            .copyMemory(from: chunk)
        end += chunk.count
    }

    private mutating func reserve(_ extra: Int) {
        guard end + extra > storage.count else { return }
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(
            capacity: max(storage.count * 2, end + extra))
        _ = larger.update(fromContentsOf: storage[0..<end])
        storage.deallocate()
        storage = larger
    }
}
