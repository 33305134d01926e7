// What there is to send of one run.

package import Results

/// One run's results.
package struct ExportedRun: Sendable {
    /// A file of samples and who made them.
    package struct Samples: Sendable, Equatable {
        /// Absolute.
        package let path: String
        /// The worker; of a file by itself its name.
        package let worker: String
        /// By how many milliseconds the clock behind its time stamps was ahead.
        package let clockOffset: Int64
    }

    /// Names the run wherever it is sent; the same name means the same documents.
    package let name: String
    package let summary: Summary
    package let samples: [Samples]
    /// The plan's and the fleet's names, where known.
    package let plan: String?
    package let fleet: String?

    /// More would not fit into a document's id.
    private static let nameLimit = 128

    /// A run.
    ///
    /// - Throws: ``ExportError/samples(_:hint:)`` where its documents would have no names of their
    ///   own.
    package init(
        name: String, summary: Summary, sampleFiles: [String],
        clockOffsets: [String: Int64] = [:], plan: String? = nil, fleet: String? = nil
    ) throws(ExportError) {
        let isPlain = name.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        guard isPlain, !name.isEmpty, name.utf8.count <= Self.nameLimit else {
            throw .samples(
                "a run can't be called '\(name.prefix(Self.nameLimit))'",
                hint: "give a name of 1 to \(Self.nameLimit) bytes without blanks")
        }
        self.name = name
        self.summary = summary
        self.plan = plan
        self.fleet = fleet
        samples = sampleFiles.map {
            Samples(
                path: $0, worker: SampleFiles.worker(of: $0), clockOffset: clockOffsets[$0] ?? 0)
        }
        var seen: Set<String> = []
        if let twice = samples.first(where: { !seen.insert($0.worker).inserted }) {
            throw .samples(
                "two files of samples are called '\(twice.worker)'",
                hint: "documents are named after their files: give each file a name of its own")
        }
    }

    /// When the run was over, in milliseconds since 1970, where its samples say so.
    var endMs: Int64? { summary.total.lastEndMs ?? summary.labels.compactMap(\.lastEndMs).max() }
}
