// Decompressing takes longer than reading samples, so they run side by side: this thread
// decompresses, a queue reads. A few chunks may lie between them; then the faster one waits.

private import Dispatch
internal import JTL

/// Reads samples on a queue of its own, chunk after chunk in order.
final class PipelinedReader {
    private static let depth = 8
    private let queue = DispatchQueue(label: "samples")
    private let free = DispatchSemaphore(value: PipelinedReader.depth)
    private let work: Work
    private var chunks: [UnsafeMutableRawBufferPointer]
    private var next = 0

    /// What the queue works on.
    ///
    /// Safe: it is touched on the serial queue only, and at the end, when the queue is empty.
    private final class Work: @unchecked Sendable {
        var reader: StreamReader
        var failure: JTLError?

        init(_ reader: consuming StreamReader) { self.reader = reader }

        func consume(_ chunk: UnsafeRawBufferPointer) {
            guard failure == nil else { return }
            do throws(JTLError) {
                try reader.consume(chunk)
            } catch {
                failure = error
            }
        }
    }

    /// A chunk on its way to the queue, which is the only one to touch it until it is free again.
    private struct Chunk: @unchecked Sendable {
        let bytes: UnsafeRawBufferPointer
    }

    init(_ reader: consuming StreamReader) {
        work = Work(reader)
        chunks = (0..<Self.depth).map { _ in .allocate(byteCount: 1 << 18, alignment: 64) }
    }

    deinit {
        queue.sync {}
        for chunk in chunks { chunk.deallocate() }
    }

    /// Takes a copy of a chunk; waits while too many are waiting to be read.
    func consume(_ chunk: UnsafeRawBufferPointer) {
        free.wait()
        if chunks[next].count < chunk.count {
            chunks[next].deallocate()
            chunks[next] = .allocate(byteCount: chunk.count, alignment: 64)
        }
        let copy = UnsafeMutableRawBufferPointer(rebasing: chunks[next][0..<chunk.count])
        copy.copyMemory(from: chunk)
        let sent = Chunk(bytes: UnsafeRawBufferPointer(copy))
        queue.async { [work, free] in
            work.consume(sent.bytes)
            free.signal()
        }
        next = (next + 1) % chunks.count
    }

    /// Waits for the queue, and adds all figures to `statistics`.
    func finish(into statistics: inout Statistics) throws(JTLError) {
        queue.sync {}
        if let failure = work.failure { throw failure }
        try work.reader.finish(into: &statistics)
    }
}
