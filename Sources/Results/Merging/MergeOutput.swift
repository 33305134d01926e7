// Writes merged records: under a header that has the columns of all files, those of the first one
// first, and the worker behind them.

import JTL

/// The merged file.
final class MergeOutput {
    private let columns: [HeaderName]
    /// For each list of columns: where each of ours stands in it; nil for one that is just like ours.
    private let places: [[Int?]?]
    /// For each list: where it names the worker itself, as a file that was merged before does.
    private let workerPlaces: [Int?]
    private let workers: [[UInt8]]
    /// What stands in each column where a file does not have it: readers want numbers as numbers.
    private let blanks: [[UInt8]]
    private let sink: ([UInt8]) throws -> Void
    private var buffer: [UInt8] = []

    private static let numbers: Set = [
        "bytes", "sentBytes", "grpThreads", "allThreads", "Latency", "IdleTime", "Connect",
    ]

    init(
        _ all: MergeColumns, _ workers: [String], _ sink: @escaping ([UInt8]) throws -> Void
    ) {
        let own = SampleMerger.workerColumn
        var columns: [HeaderName] = []
        for list in all.lists {
            // The same name twice is two columns.
            for name in list where name != own {
                let known = columns.count { $0 == name }
                if known < list.count(where: { $0 == name }) { columns.append(name) }
            }
        }
        self.columns = columns
        workerPlaces = all.lists.map { $0.firstIndex(of: own) }
        places = all.lists.map { list in
            if list == columns { return nil }
            var taken: Set<Int> = []
            return columns.map { name in
                let place = list.indices.first { list[$0] == name && !taken.contains($0) }
                if let place { taken.insert(place) }
                return place
            }
        }
        blanks = columns.map { name in
            Self.numbers.contains(name.text) && !name.isQuoted ? [UInt8(ascii: "0")] : []
        }
        self.workers = workers.map { Array(CSVReport.quoted($0).utf8) }
        self.sink = sink
    }

    func begin() throws {
        let names = (columns + [SampleMerger.workerColumn]).map { name in
            name.isQuoted ? "\"\(name.text)\"" : CSVReport.quoted(name.text)
        }
        buffer += names.joined(separator: ",").utf8
        buffer.append(UInt8(ascii: "\n"))
    }

    func add(_ record: MergeRecord) throws {
        let comma = UInt8(ascii: ",")
        if let places = places[Int(record.columns)] {
            let fields = Self.split(record.line)
            for (place, blank) in zip(places, blanks) {
                buffer += place.map { fields[$0] } ?? blank[...]
                buffer.append(comma)
            }
            if let place = workerPlaces[Int(record.columns)] {
                buffer += fields[place]
            } else {
                buffer += workers[Int(record.source)]
            }
        } else {
            buffer += record.line
            buffer.append(comma)
            buffer += workers[Int(record.source)]
        }
        buffer.append(UInt8(ascii: "\n"))
        guard buffer.count >= 1 << 18 else { return }
        try finish()
    }

    func finish() throws {
        try sink(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// The fields of a line with their quotes.
    private static func split(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var fields: [ArraySlice<UInt8>] = []
        var (start, isInside) = (line.startIndex, false)
        for index in line.indices {
            if line[index] == UInt8(ascii: "\"") { isInside.toggle() }
            guard line[index] == UInt8(ascii: ","), !isInside else { continue }
            fields.append(line[start..<index])
            start = index + 1
        }
        return fields + [line[start...]]
    }
}
