// Writing, reading and searching the events of logs.

package import FoundationEssentials

/// Writes events to a stream, in order of their time, at most 10,000 and 1 MiB in a call.
package struct PutLogEvents: LogsCall {
    /// What a call may carry, AWS counting 26 bytes an event besides its text.
    package static let largestBatch = 1_048_576
    /// What AWS counts for an event besides its text.
    package static let eventOverhead = 26
    /// Events in a call.
    package static let mostEvents = 10_000

    /// The group.
    package var group: String
    /// The stream.
    package var stream: String
    /// The events, sorted by time.
    package var events: [LogLine]

    /// Writes events.
    package init(group: String, stream: String, events: [LogLine]) {
        self.group = group
        self.stream = stream
        self.events = events
    }

    package func write(to object: inout JSONObject) {
        object.set("logGroupName", group)
        object.set("logStreamName", stream)
        let list = events.map { event in
            var item = JSONObject()
            item.set("timestamp", event.time.milliseconds)
            item.set("message", event.message)
            return item.value
        }
        object.set("logEvents", JSONValue.array(list))
    }

    /// Which events were not taken; all were when everything is `nil`.
    package struct Answer: Sendable, Equatable {
        /// Events before this index were too old.
        package let tooOldEnd: Int?
        /// Events from this index on are too far in the future.
        package let tooNewStart: Int?
        /// Events before this index were older than the group's retention.
        package let expiredEnd: Int?
    }

    package static func answer(_ value: JSONValue) throws(AnswerFault) -> Answer {
        let rejected = value["rejectedLogEventsInfo"]
        return Answer(
            tooOldEnd: try rejected?.value("tooOldLogEventEndIndex"),
            tooNewStart: try rejected?.value("tooNewLogEventStartIndex"),
            expiredEnd: try rejected?.value("expiredLogEventEndIndex"))
    }
}

/// Reads a stream.
///
/// The end is reached when a page brings back the token it was asked with.
package struct GetLogEvents: LogsCall, PagedCall {
    /// The group.
    package var group: String
    /// The stream.
    package var stream: String
    /// From when on.
    package var startTime: Date?
    /// Up to when, exclusive.
    package var endTime: Date?
    /// Oldest first, rather than newest.
    package var startsAtOldest: Bool
    /// Events a page, at most 10,000.
    package var limit: Int?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Reads a stream.
    package init(
        group: String, stream: String, startTime: Date? = nil, endTime: Date? = nil,
        startsAtOldest: Bool = true, limit: Int? = nil
    ) {
        self.group = group
        self.stream = stream
        self.startTime = startTime
        self.endTime = endTime
        self.startsAtOldest = startsAtOldest
        self.limit = limit
    }

    /// One page.
    package struct Answer: Sendable {
        /// The events.
        package let events: [LogEvent]
        /// Where newer events are, also those that are yet to come.
        package let forwardToken: String?
    }

    package func write(to object: inout JSONObject) {
        object.set("logGroupName", group)
        object.set("logStreamName", stream)
        object.set("startTime", startTime?.milliseconds)
        object.set("endTime", endTime?.milliseconds)
        object.set("startFromHead", startsAtOldest)
        object.set("limit", limit)
        object.set("nextToken", nextToken)
    }

    package static func answer(_ value: JSONValue) throws(AnswerFault) -> Answer {
        Answer(
            events: try value.list("events", LogEvent.init),
            forwardToken: try value.value("nextForwardToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.forwardToken }
}

/// Searches a group's streams; heavily throttled by AWS.
package struct FilterLogEvents: LogsCall, PagedCall {
    /// The group.
    package var group: String
    /// Only these streams.
    package var streams: [String]
    /// Only streams whose names begin so; not together with `streams`.
    package var streamPrefix: String?
    /// CloudWatch's pattern; `nil` for all events.
    package var pattern: String?
    /// From when on.
    package var startTime: Date?
    /// Up to when.
    package var endTime: Date?
    /// Events a page, at most 10,000.
    package var limit: Int?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Searches a group.
    package init(
        group: String, streams: [String] = [], streamPrefix: String? = nil,
        pattern: String? = nil, startTime: Date? = nil, endTime: Date? = nil, limit: Int? = nil
    ) {
        self.group = group
        self.streams = streams
        self.streamPrefix = streamPrefix
        self.pattern = pattern
        self.startTime = startTime
        self.endTime = endTime
        self.limit = limit
    }

    /// One page, which may be empty though others follow.
    package struct Answer: Sendable {
        /// The events, each with its stream.
        package let events: [LogEvent]
        let nextToken: String?
    }

    package func write(to object: inout JSONObject) {
        object.set("logGroupName", group)
        object.set("logStreamNames", streams)
        object.set("logStreamNamePrefix", streamPrefix)
        object.set("filterPattern", pattern)
        object.set("startTime", startTime?.milliseconds)
        object.set("endTime", endTime?.milliseconds)
        object.set("limit", limit)
        object.set("nextToken", nextToken)
    }

    package static func answer(_ value: JSONValue) throws(AnswerFault) -> Answer {
        Answer(
            events: try value.list("events", LogEvent.init),
            nextToken: try value.value("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}
