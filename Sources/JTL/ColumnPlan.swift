// Which column holds what, made from any header: the order does not matter, columns nobody asks
// for (sample variables, plug-ins' own) are counted and otherwise ignored. "Where to add a column" in
// `JTL.docc/JTL.md` lists all that one more of them needs; it begins here.

/// The columns that statistics are made from, named as JMeter's header names them; thread and URL
/// are for rows by themselves.
enum Column: String, CaseIterable {
    case timeStamp, elapsed, label, responseCode, responseMessage, success, failureMessage
    case bytes, sentBytes, allThreads, threadName
    case url = "URL"
    case latency = "Latency"
    case connect = "Connect"

    /// Without these no figure can be made.
    static let required: [Column] = [.elapsed, .label, .success]
}

/// The place of each column in a row.
struct ColumnPlan: Equatable {
    /// The names in the header; a row must have as many fields.
    let names: [HeaderName]
    var count: Int { names.count }
    private let places: [Int]

    /// The place of a column, or -1 where the file does not have it.
    subscript(_ column: Column) -> Int {
        places[Column.allCases.firstIndex(of: column) ?? 0]
    }

    /// A plan for a header; a name in quotes is a sample variable unless nothing else bears it.
    init(header: [HeaderName]) {
        names = header
        places = Column.allCases.map { column in
            let bearers = header.indices.filter { header[$0].text == column.rawValue }
            return bearers.first { !header[$0].isQuoted } ?? bearers.first ?? -1
        }
    }

    /// The first column that is required and absent.
    var missing: Column? { Column.required.first { self[$0] < 0 } }
}

/// One field of a header line.
package struct HeaderName: Equatable, Sendable {
    package let text: String
    package let isQuoted: Bool

    package init(text: String, isQuoted: Bool) {
        (self.text, self.isQuoted) = (text, isQuoted)
    }

    static let known = Set(layouts[0].split(separator: ",").map(String.init))
        .union(["Filename", "Encoding", "SampleCount", "ErrorCount", "Hostname"])

    /// Whether a line is a header: at least two of its fields are names of JMeter's.
    static func isHeader(_ names: [HeaderName]) -> Bool {
        names.count { known.contains($0.text) } >= 2
    }
}

/// The default columns of JMeter's versions, for files without a header: 5.x, 3.1-4.0, 3.0, 2.13.
private let layouts = [
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,"
        + "failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,"
        + "failureMessage,bytes,sentBytes,grpThreads,allThreads,Latency,IdleTime,Connect",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,"
        + "failureMessage,bytes,grpThreads,allThreads,Latency,IdleTime",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,"
        + "bytes,grpThreads,allThreads,Latency",
]

extension ColumnPlan {
    /// The default columns with this many fields, if some version of JMeter wrote such rows.
    static func layout(fields: Int) -> ColumnPlan? {
        layouts
            .map { $0.split(separator: ",").map { HeaderName(text: String($0), isQuoted: false) } }
            .first { $0.count == fields }
            .map(ColumnPlan.init(header:))
    }
}
