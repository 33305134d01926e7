// Splitting data files on disk, and telling when a split leaves a worker short.
import FoundationEssentials
import Glibc

extension DataFile {
    /// Writes each worker's records, with the header if there is one, to its path of `paths`.
    ///
    /// `weights` are the threads that read the file on each worker (see
    /// ``Plan/threads(reading:_:)``): records are dealt out in proportion, and weight 0 gets none;
    /// without weights all count alike.
    /// Returns the number of records of each. Files that exist are overwritten.
    ///
    /// - Throws: ``JMeterError`` of cause `data` when a file can't be read or written, or when
    ///   there are fewer records than workers that read them.
    package func split(
        to paths: [String], weights: [Int]? = nil
    ) throws(JMeterError) -> [Int] {
        let weights = weights ?? paths.map { _ in 1 }
        precondition(paths.count == weights.count, "every worker has a path and a weight")
        guard let csv else {
            throw JMeterError(.data, "no CSV Data Set reads this file", file: path)
        }
        guard let input = fopen(path, "rb") else { throw fault("can't be read", path) }
        defer { fclose(input) }
        var outputs: [UnsafeMutablePointer<FILE>] = []
        defer { for output in outputs { fclose(output) } }
        for path in paths {
            guard let output = fopen(path, "wb") else { throw fault("can't be written", path) }
            outputs.append(output)
        }
        var splitter = RecordSplitter(csv, weights: weights)
        var hasFailed = false
        while let piece = Self.read(input) {
            splitter.append(piece) { worker, bytes in
                for output in worker.map({ [outputs[$0]] }) ?? outputs {
                    let written = bytes.withUnsafeBytes {
                        fwrite($0.baseAddress, 1, $0.count, output)
                    }
                    if written < bytes.count { hasFailed = true }
                }
            }
        }
        splitter.finish()
        for output in outputs where fflush(output) != 0 { hasFailed = true }
        guard ferror(input) == 0 else { throw fault("can't be read", path) }
        guard !hasFailed else { throw fault("can't be written", paths.joined(separator: ", ")) }
        try checkEveryoneHasRecords(splitter.records, weights)
        return splitter.records
    }

    /// A warning when a worker has fewer records than threads, and they can't be read again.
    ///
    /// `records` and `threads` are per worker.
    package func shortage(records: [Int], threads: [Int]) -> PlanNote? {
        guard policy == .split, csv?.recycles == false else { return nil }
        for (worker, pair) in zip(records, threads).enumerated() where pair.0 < pair.1 {
            return PlanNote(
                .warning,
                "worker \(worker + 1) gets \(pair.0) records of \(name) for \(pair.1) "
                    + "threads, and its CSV Data Set does not recycle", line: line)
        }
        return nil
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
