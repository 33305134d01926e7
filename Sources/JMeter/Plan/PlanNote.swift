// Things a plan's owner should know that don't stop a run.

/// Something about a plan that works otherwise in a fleet than on one machine.
package struct PlanNote: Equatable, Sendable {
    /// How much it matters.
    package enum Level: Equatable, Sendable {
        /// The run does what was asked; this says how.
        case note
        /// The run may mean something else than its owner thinks.
        case warning
    }

    /// How much it matters.
    package let level: Level
    /// The plan's line, from 1.
    package let line: Int?
    /// One sentence without a full stop.
    package let text: String

    /// Makes a note.
    package init(_ level: Level, _ text: String, line: Int? = nil) {
        self.level = level
        self.line = line
        self.text = text
    }
}
