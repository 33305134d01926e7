// What can go wrong with a plan, its data files, JMeter or Java, before anything starts.
//
// Every case of it is found on the user's side of a run, so each error says where it is (file and
// line) and what to do next.

/// A fault in a plan, its data files or properties, or in the installation that is to run it.
package struct JMeterError: Error, Equatable, Sendable {
    /// What kind of thing is wrong, for the caller's exit code.
    package enum Cause: Equatable, Sendable {
        /// No JMeter, or one that can't run a plan.
        case installation
        /// No Java runtime, or one too old.
        case java
        /// The plan can't be read, isn't XML, or isn't a JMeter plan.
        case plan
        /// The plan names a class that the installation doesn't have.
        case unknownClass
        /// A number of the plan can't be known before the run.
        case unresolved
        /// The plan can't be shared out in this mode.
        case share
        /// A data file is missing, or can't be read or split.
        case data
        /// A property that loadfleet sets itself, or a properties file that can't be read.
        case property
    }

    /// The kind of fault.
    package let cause: Cause
    /// The file in which the fault is, as the user named it.
    package let file: String?
    /// The line of ``file``, from 1.
    package let line: Int?
    /// What happened, in one sentence without a full stop.
    package let what: String
    /// What to do next.
    package let hint: String?

    /// Makes an error; `what` is one sentence without a full stop.
    package init(
        _ cause: Cause, _ what: String, file: String? = nil, line: Int? = nil, hint: String? = nil
    ) {
        self.cause = cause
        self.what = what
        self.file = file
        self.line = line
        self.hint = hint
    }

    /// One line: where it is, as compilers write it, and what happened.
    package var message: String {
        switch (file, line) {
        case (let file?, let line?): "\(file):\(line): \(what)"
        case (let file?, nil): "\(file): \(what)"
        default: what
        }
    }
}
