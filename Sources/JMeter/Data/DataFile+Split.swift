// Splitting data files on disk, and telling when a split leaves a worker short.
import FoundationEssentials
import Glibc

extension DataFile {
    /// Writes each worker's records, with the header if there is one, to its path of `paths`;
    /// where that is nil, they are only counted.
    ///
    /// `weights` are the threads that read the file on each worker (see
    /// ``DealtPlan/threads(reading:)``): records are dealt out in proportion, and weight 0 gets
    /// none; without weights all count alike.
    /// Returns the number of records of each. Files that exist are overwritten.
    ///
    /// - Throws: ``JMeterError`` of cause `data` when a file can't be read or written, or when
    ///   there are fewer records than workers that read them.
    @discardableResult
    package func split(
        to paths: [String?], weights: [Int]? = nil
    ) throws(JMeterError) -> [Int] {
        let weights = weights ?? paths.map { _ in 1 }
        precondition(paths.count == weights.count, "every worker has a path and a weight")
        var splitter = RecordSplitter(try csvOrFault(), weights: weights)
        if policy == .uniqueBlock {
            let blocks = Dealing.whole(try countRecords(), by: weights)
            splitter = RecordSplitter(try csvOrFault(), blocks: blocks)
        }
        var outputs: [UnsafeMutablePointer<FILE>?] = []
        defer { for case let output? in outputs { fclose(output) } }
        for path in paths {
            guard let path else {
                outputs.append(nil)
                continue
            }
            guard let output = fopen(path, "wb") else { throw fault("can't be written", path) }
            outputs.append(output)
        }
        var hasFailed = false
        try forEachPiece { piece in
            splitter.append(piece) { worker, bytes in
                for case let output? in worker.map({ [outputs[$0]] }) ?? outputs {
                    let written = bytes.withUnsafeBytes {
                        fwrite($0.baseAddress, 1, $0.count, output)
                    }
                    if written < bytes.count { hasFailed = true }
                }
            }
        }
        splitter.finish()
        for case let output? in outputs where fflush(output) != 0 { hasFailed = true }
        guard !hasFailed else {
            throw fault("can't be written", paths.compactMap(\.self).joined(separator: ", "))
        }
        try checkEveryoneHasRecords(splitter.records, weights)
        return splitter.records
    }

    /// The number of records of the file, its header apart.
    ///
    /// - Throws: ``JMeterError`` of cause `data` when it can't be read or no CSV Data Set reads it.
    package func countRecords() throws(JMeterError) -> Int {
        var splitter = RecordSplitter(try csvOrFault(), weights: [1])
        try forEachPiece { splitter.append($0) { _, _ in } }
        splitter.finish()
        return splitter.records[0]
    }

    /// A warning when a worker has fewer records than threads, and they can't be read again.
    ///
    /// `records` and `threads` are per worker.
    package func shortage(records: [Int], threads: [Int]) -> PlanNote? {
        guard let csv, !csv.recycles, csv.shareMode != "shareMode.thread" else { return nil }
        let short = zip(records, threads).enumerated().filter { $0.element.0 < $0.element.1 }
        guard let first = short.first else { return nil }
        let missing = short.reduce(0) { $0 + $1.element.1 - $1.element.0 }
        let fate = csv.stopsThreads ? "stop at once" : "read <EOF>"
        return PlanNote(
            .warning,
            "\(name) has \(missing) record\(missing == 1 ? "" : "s") too few for the threads that "
                + "read it, and does not recycle: worker \(first.offset + 1) gets \(first.element.0) for "
                + "\(first.element.1) threads; threads without one \(fate)", line: line)
    }

    private func csvOrFault() throws(JMeterError) -> CSV {
        guard let csv else {
            throw JMeterError(.data, "no CSV Data Set reads this file", file: path)
        }
        return csv
    }

    private func forEachPiece(_ use: ([UInt8]) -> Void) throws(JMeterError) {
        guard let input = fopen(path, "rb") else { throw fault("can't be read", path) }
        defer { fclose(input) }
        while let piece = Self.read(input) { use(piece) }
        guard ferror(input) == 0 else { throw fault("can't be read", path) }
    }

    private func checkEveryoneHasRecords(
        _ records: [Int], _ weights: [Int]
    ) throws(JMeterError) {
        let readers = weights.contains { $0 > 0 } ? weights.count { $0 > 0 } : weights.count
        guard records.count(where: { $0 > 0 }) < readers else { return }
        let total = records.reduce(0, +)
        throw JMeterError(
            .data, "\(total) records can't be split over \(readers) workers", file: path,
            hint: "use --data \(Plan.baseName(name))=copy, or fewer workers")
    }

    private func fault(_ what: String, _ path: String) -> JMeterError {
        JMeterError(.data, "\(what): \(String(cString: strerror(errno)))", file: path)
    }

    private static func read(_ file: UnsafeMutablePointer<FILE>) -> [UInt8]? {
        let capacity = 1 << 18
        let piece = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = fread(buffer.baseAddress, 1, capacity, file)
        }
        return piece.isEmpty ? nil : piece
    }
}
