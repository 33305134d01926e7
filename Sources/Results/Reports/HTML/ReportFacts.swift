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

        package init(name: String, threads: Int? = nil, ending: String? = nil) {
            self.name = name
            self.threads = threads
            self.ending = ending
        }
    }

    /// What the report is about: a plan, or files.
    package var title: String
    package var facts: [Fact]
    package var workers: [Worker]

    package init(title: String, facts: [Fact] = [], workers: [Worker] = []) {
        self.title = title
        self.facts = facts
        self.workers = workers
    }
}
