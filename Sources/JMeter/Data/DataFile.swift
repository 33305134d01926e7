// A file that a plan needs beside itself: CSV data, an upload, a script.

/// A file named in a plan, found on this machine.
package struct DataFile: Equatable, Sendable {
    /// What the workers of a fleet each get of a file.
    package enum Policy: String, Equatable, Sendable, CaseIterable {
        /// Every record goes to exactly one worker, dealt one after another like cards.
        case split
        /// Every record goes to exactly one worker, a stretch of neighbours to each.
        case uniqueBlock = "unique-block"
        /// Every worker gets the whole file.
        case copy

        /// Whether the workers get different records.
        var isDealt: Bool { self != .copy }
    }

    /// How a CSV Data Set reads its file.
    package struct CSV: Equatable, Sendable {
        /// The text between two fields.
        package let delimiter: String
        /// Whether quotes may hold delimiters and line ends.
        package let isQuoted: Bool
        /// Whether the first record names the columns and is no data.
        package let hasHeader: Bool
        /// Whether reading starts over at the end of the file.
        package let recycles: Bool
        /// Whether threads stop at the end of the file.
        package let stopsThreads: Bool
        /// `shareMode.all`, `.group` or `.thread`: who reads from one cursor.
        package let shareMode: String

        /// Describes how a file is read.
        package init(
            delimiter: String, isQuoted: Bool, hasHeader: Bool, recycles: Bool, stopsThreads: Bool,
            shareMode: String
        ) {
            self.delimiter = delimiter
            self.isQuoted = isQuoted
            self.hasHeader = hasHeader
            self.recycles = recycles
            self.stopsThreads = stopsThreads
            self.shareMode = shareMode
        }
    }

    /// The name in the plan, after resolving expressions.
    package let name: String
    /// Where it was found on this machine.
    package let path: String
    /// Its name relative to the plan on a worker; never absolute, never with `..`.
    package let bundleName: String
    /// The policy, as asked for or by default.
    package let policy: Policy
    /// How it is read, if a CSV Data Set reads it.
    package let csv: CSV?
    /// The test element that names it.
    package let element: String
    /// The plan's line, from 1.
    package let line: Int
}
