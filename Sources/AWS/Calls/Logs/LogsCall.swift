// What the calls of CloudWatch Logs share.

package import FoundationEssentials

/// A call of CloudWatch Logs.
package protocol LogsCall: JSONCall {}

extension LogsCall {
    /// CloudWatch Logs' interface.
    package static var api: ServiceAPI {
        ServiceAPI(service: .logs, dialect: .json(target: "Logs_20140328", version: "1.1"))
    }
}

extension Date {
    /// Milliseconds since 1970, as CloudWatch Logs counts.
    init(milliseconds: Int) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }

    /// Milliseconds since 1970, as CloudWatch Logs counts.
    var milliseconds: Int { Int((timeIntervalSince1970 * 1000).rounded()) }
}

/// A line to be written to a log.
package struct LogLine: Sendable, Equatable {
    /// When it happened, to the millisecond.
    package var time: Date
    /// The line, at most 256 KiB.
    package var message: String

    /// A line.
    package init(time: Date, message: String) {
        self.time = time
        self.message = message
    }
}

/// A line of a log.
package struct LogEvent: Sendable, Equatable {
    /// When it happened, to the millisecond.
    package let time: Date
    /// The line.
    package let message: String
    /// When CloudWatch got it.
    package let ingestionTime: Date?
    /// The stream it is in, where several are read at once.
    package let stream: String?

    init(_ value: JSONValue) throws(AnswerFault) {
        time = Date(milliseconds: try value.need("timestamp"))
        message = try value.need("message")
        ingestionTime = try value.value("ingestionTime", as: Int.self).map(Date.init(milliseconds:))
        stream = try value.value("logStreamName")
    }
}

extension JSONValue {
    /// Reads the items of a list.
    func list<Item>(
        _ name: String, _ read: (JSONValue) throws(AnswerFault) -> Item
    ) throws(AnswerFault) -> [Item] {
        var result: [Item] = []
        for item in items(name) { result.append(try read(item)) }
        return result
    }
}
