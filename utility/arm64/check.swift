// Compares the bulk reader with the slow one in the arm64 build; see utility/check-arm64.

private let everything = StatisticsOptions(intervals: true)

/// Reads a file by both readers, the bulk reader in chunks; 0 if they agree.
@_cdecl("lf_check")
public func check(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ chunk: Int, _ samples: UnsafeMutablePointer<Int>
) -> CInt {
    let slow = statistics { statistics throws(JTLError) in
        var reader = SampleReader()
        try reader.consume(UnsafeRawBufferPointer(start: bytes, count: count), into: &statistics)
        try reader.finish(into: &statistics)
    }
    let bulk = statistics { statistics throws(JTLError) in
        var reader = StreamReader(collecting: everything)
        for start in stride(from: 0, to: count, by: chunk) {
            try reader.consume(
                UnsafeRawBufferPointer(start: bytes + start, count: min(chunk, count - start)))
        }
        try reader.finish(into: &statistics)
    }
    guard let slow, let bulk else { return slow == nil && bulk == nil ? 0 : 1 }
    samples.pointee = slow.total.samples
    guard slow.unusable == bulk.unusable, slow.labels.count == bulk.labels.count,
        slow.intervals == bulk.intervals
    else { return 1 }
    for (left, right) in zip(slow.labels, bulk.labels) {
        guard left.label == right.label, left.samples == right.samples,
            left.controllers == right.controllers, left.emptyControllers == right.emptyControllers
        else { return 1 }
    }
    return 0
}

/// What `read` collects; nil for a file that is refused.
private func statistics(
    _ read: (inout Statistics) throws(JTLError) -> Void
) -> Statistics? {
    var statistics = Statistics(everything)
    do throws(JTLError) {
        try read(&statistics)
        return statistics
    } catch {
        return nil
    }
}
