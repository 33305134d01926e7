// Statistics as a flat list of cells, one for each label and kind: what a node tells of a second, and
// what is kept of a second that has passed. Nothing is lost, so cells add up to the statistics they
// were made of, and they can be taken out again where a second turns out not to count.
//
// Unlike an intervals file this knows one second only, and has no columns: a second of forty labels
// takes about a kilobyte, and adding it to statistics allocates next to nothing.

/// What statistics hold, apart from windows, intervals and unusable lines.
package struct PackedStatistics: Sendable, Equatable {
    /// The rows of one label and kind.
    struct Cell: Sendable, Equatable {
        var label: [UInt8]
        var isController: Bool
        var emptyControllers = 0
        var samples = 0
        var errors = 0
        var untimed = 0
        var elapsedSum: Int128 = 0
        var latencySum: Int128 = 0
        var connectSum: Int128 = 0
        var bytes: Int128 = 0
        var sentBytes: Int128 = 0
        /// Milliseconds since 1970; 0 where no row has a time stamp.
        var firstStart: Int64 = 0
        var lastEnd: Int64 = 0
        var maxThreads: Int64 = 0
        /// Elapsed times, the smallest first.
        var elapsed: [PackedCount] = []
        var codes: [PackedText] = []
        var otherCodes = 0
        var failures: [PackedText] = []
        var otherFailures = 0
    }

    var cells: [Cell] = []

    /// Of nothing.
    package init() {}

    /// What `statistics` hold.
    package init(_ statistics: Statistics) {
        for label in statistics.labels {
            let name = Array(label.label.utf8)
            if label.samples.samples > 0 {
                cells.append(label.samples.cell(of: name, isController: false))
            }
            guard label.controllers.samples > 0 || label.emptyControllers > 0 else { continue }
            var cell = label.controllers.cell(of: name, isController: true)
            cell.emptyControllers = label.emptyControllers
            cells.append(cell)
        }
    }

    /// Whether there is nothing in it.
    package var isEmpty: Bool { cells.isEmpty }

    /// Samples, transaction controllers apart.
    package var samples: Int { cells.reduce(0) { $0 + ($1.isController ? 0 : $1.samples) } }

    /// How many of the samples did not succeed.
    package var errors: Int { cells.reduce(0) { $0 + ($1.isController ? 0 : $1.errors) } }

    /// The sum of the samples' elapsed times, milliseconds.
    package var elapsedSum: Double {
        Double(cells.reduce(Int128(0)) { $0 + ($1.isController ? 0 : $1.elapsedSum) })
    }

    /// The most threads that any of the samples saw active.
    package var maxThreads: Int64 {
        cells.reduce(0) { max($0, $1.isController ? 0 : $1.maxThreads) }
    }
}

/// An elapsed time and how often it occurs.
struct PackedCount: Sendable, Equatable {
    var value: Int64
    var times: Int
}

/// A text and how often it occurs.
struct PackedText: Sendable, Equatable {
    var text: [UInt8]
    var times: Int
}

extension Statistics {
    /// Adds what was packed.
    package mutating func add(_ packed: PackedStatistics) {
        for cell in packed.cells { change(cell) { $0.add(cell) } }
    }

    /// Takes out what was added before.
    ///
    /// First starts, last ends and the most threads stay: what they would be without it is not known.
    package mutating func remove(_ packed: PackedStatistics) {
        for cell in packed.cells { change(cell) { $0.remove(cell) } }
    }
}

extension Aggregate {
    fileprivate func cell(of label: [UInt8], isController: Bool) -> PackedStatistics.Cell {
        var cell = PackedStatistics.Cell(label: label, isController: isController)
        cell.samples = samples
        cell.errors = errors
        cell.untimed = untimed
        cell.elapsedSum = elapsedSum
        cell.latencySum = latencySum
        cell.connectSum = connectSum
        cell.bytes = bytes
        cell.sentBytes = sentBytes
        if samples > untimed { (cell.firstStart, cell.lastEnd) = (firstStart, lastEnd) }
        cell.maxThreads = maxThreads
        cell.elapsed = elapsed.inOrder.map { PackedCount(value: $0.value, times: $0.times) }
        let codes = responseCodes.kept
        cell.codes = codes.texts.map { PackedText(text: $0.text, times: $0.times) }
        cell.otherCodes = codes.other
        let failures = failures.kept
        cell.failures = failures.texts.map { PackedText(text: $0.text, times: $0.times) }
        cell.otherFailures = failures.other
        return cell
    }
}

extension PackedStatistics {
    /// All samples under one label without a name, and nothing of transaction controllers, response
    /// codes and kinds of failure: what a total needs.
    package var totalOnly: PackedStatistics {
        var total = PackedStatistics()
        total.cells = cells.filter { !$0.isController }
            .map { cell in
                var cell = cell
                cell.label = []
                (cell.codes, cell.failures) = ([], [])
                (cell.otherCodes, cell.otherFailures) = (cell.samples, cell.errors)
                return cell
            }
        return total
    }
}
