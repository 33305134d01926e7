// What the HTML report tells beside the figures: which run it was, on what, and what is known of
// its workers from elsewhere than their samples.

/// The facts of a run.
package struct ReportFacts: Sendable {
    /// A name and what there is to say.
    package struct Fact: Sendable {
        package var name: String
        package var text: String

        package init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
        }
    }

    /// What is known of a worker beside its samples.
    package struct Worker: Sendable {
        package var name: String
        /// The threads it was given; nil where that is not known.
        package var threads: Int?
        /// How its part ended.
        package var ending: String?
        /// How much later than the first one it began, ms.
        package var skewMs: Int64?
        /// Processor time and time in garbage collection in percent, as mean and highest second.
        package var cpu: Usage?
        package var collection: Usage?

        package init(
            name: String, threads: Int? = nil, ending: String? = nil, skewMs: Int64? = nil,
            cpu: Usage? = nil, collection: Usage? = nil
        ) {
            self.name = name
            self.threads = threads
            self.ending = ending
            self.skewMs = skewMs
            self.cpu = cpu
            self.collection = collection
        }
    }

    /// A share of something over a run, in percent.
    package struct Usage: Sendable {
        package var mean: Double
        package var peak: Double

        /// Both or nothing.
        package init?(mean: Double?, peak: Double?) {
            guard let mean, let peak else { return nil }
            self.mean = mean
            self.peak = peak
        }
    }

    /// Something that happened at a moment of the run.
    package struct Mark: Sendable {
        package enum Kind: String, Sendable {
            /// From the first sample until all threads are there.
            case ramp
            case interrupted
            case lost
            /// A gate on a window was broken.
            case gate
            /// The run, or a part of it, did not come to the plan's own end.
            case stopped
            case saturated
        }

        package var kind: Kind
        /// Epoch milliseconds; of a ramp its end.
        package var atMs: Int64
        package var text: String

        package init(_ kind: Kind, atMs: Int64, _ text: String) {
            self.kind = kind
            self.atMs = atMs
            self.text = text
        }
    }

    /// What the report is about: a plan, or files.
    package var title: String
    package var facts: [Fact]
    package var workers: [Worker]
    /// What happened in the run, in the order of time.
    package var marks: [Mark]

    package init(
        title: String, facts: [Fact] = [], workers: [Worker] = [], marks: [Mark] = []
    ) {
        self.title = title
        self.facts = facts
        self.workers = workers
        self.marks = marks.sorted { $0.atMs < $1.atMs }
    }
}
