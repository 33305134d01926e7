// XML has no places where a thread may begin: whether a tag is a sample depends on all before it.

extension SegmentedReader {
    /// Reads a file that is XML by this thread alone; false if it is not.
    func readXML(_ source: Source, into statistics: inout Statistics) throws -> Bool {
        var buffer = ReadBuffer(capacity: bufferSize)
        // The longest beginning by which XML is recognized, with a byte order mark.
        while buffer.bytes.count < 16 {
            let count = try source(buffer.bytes.count, buffer.room())
            if count == 0 { break }
            buffer.append(count)
        }
        guard XMLSampleReader.recognizes(buffer.bytes) else { return false }
        var reader = StreamReader(options, collecting: statistics.options)
        var offset = 0
        while !buffer.bytes.isEmpty {
            try reader.consume(UnsafeRawBufferPointer(buffer.bytes))
            offset += buffer.bytes.count
            buffer.discard(buffer.bytes.count)
            buffer.append(try source(offset, buffer.room()))
        }
        try reader.finish(into: &statistics)
        return true
    }
}
