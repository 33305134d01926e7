// The thread groups of a plan, with the numbers of threads that a run would start.

/// One thread group of a plan.
package struct ThreadGroup: Equatable, Sendable {
    /// How a group comes by its threads.
    package enum Kind: Equatable, Sendable {
        /// JMeter's own Thread Group, and others that state a number of threads.
        case plain
        /// Runs before all others.
        case setUp
        /// Runs after all others.
        case tearDown
        /// Starts threads as its arrivals need them (Open Model, Arrivals): it has no fixed number.
        case arrivals
    }

    /// The group's name in the plan.
    package let name: String
    /// The Java class, as the plan names it.
    package let className: String
    /// How it comes by its threads.
    package let kind: Kind
    /// The plan's line, from 1.
    package let line: Int
    /// Whether it takes part: it and all it stands in are enabled.
    package let isEnabled: Bool
    /// What the plan says the number of threads is, before it is resolved.
    package let expression: String
    /// The number of threads in total; nil for ``Kind/arrivals`` and for disabled groups.
    package let threads: Int?
}
