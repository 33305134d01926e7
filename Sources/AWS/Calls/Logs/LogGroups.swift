// Log groups and their streams.

package import FoundationEssentials

/// Makes a group; `ResourceAlreadyExistsException` when it is there.
package struct CreateLogGroup: LogsCall {
    /// As in `/loadfleet/main`.
    package var name: String
    /// Tags.
    package var tags: [String: String]

    /// Makes a group.
    package init(_ name: String, tags: [String: String] = [:]) {
        self.name = name
        self.tags = tags
    }

    package func write(to object: inout JSONObject) {
        object.set("logGroupName", name)
        object.set("tags", tags)
    }

    /// What a create answers.
    package typealias Answer = Done
}

/// Removes a group with all its streams.
package struct DeleteLogGroup: LogsCall {
    /// The group.
    package var name: String

    /// Removes a group.
    package init(_ name: String) { self.name = name }

    package func write(to object: inout JSONObject) { object.set("logGroupName", name) }

    /// What a removal answers.
    package typealias Answer = Done
}

/// Says for how long a group keeps its events.
package struct PutRetentionPolicy: LogsCall {
    /// The group.
    package var name: String
    /// 1, 3, 5, 7, 14, 30, 60, 90, … days.
    package var days: Int

    /// Sets a group's retention.
    package init(_ name: String, days: Int) {
        self.name = name
        self.days = days
    }

    package func write(to object: inout JSONObject) {
        object.set("logGroupName", name)
        object.set("retentionInDays", days)
    }

    /// What a setting answers.
    package typealias Answer = Done
}

/// Lists groups.
package struct DescribeLogGroups: LogsCall, PagedCall {
    /// Only names that begin so.
    package var prefix: String?
    /// Groups a page, at most 50.
    package var limit: Int?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists groups.
    package init(prefix: String? = nil, limit: Int? = nil) {
        self.prefix = prefix
        self.limit = limit
    }

    /// One page.
    package struct Answer: Sendable {
        /// The groups.
        package let groups: [LogGroup]
        let nextToken: String?
    }

    package func write(to object: inout JSONObject) {
        object.set("logGroupNamePrefix", prefix)
        object.set("limit", limit)
        object.set("nextToken", nextToken)
    }

    package static func answer(_ value: JSONValue) throws(AnswerFault) -> Answer {
        Answer(
            groups: try value.list("logGroups", LogGroup.init),
            nextToken: try value.value("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// A group of log streams.
package struct LogGroup: Sendable, Equatable {
    /// The name.
    package let name: String
    /// The ARN.
    package let arn: String?
    /// `nil` when events are kept for ever.
    package let retentionDays: Int?
    /// When it was made.
    package let creationTime: Date?
    /// What it holds, in bytes, roughly.
    package let storedBytes: Int?

    init(_ value: JSONValue) throws(AnswerFault) {
        name = try value.need("logGroupName")
        arn = try value.value("arn")
        retentionDays = try value.value("retentionInDays")
        creationTime = try value.value("creationTime", as: Int.self).map(Date.init(milliseconds:))
        storedBytes = try value.value("storedBytes")
    }
}

/// Makes a stream; `ResourceAlreadyExistsException` when it is there.
package struct CreateLogStream: LogsCall {
    /// The group.
    package var group: String
    /// The stream, without `:` and `*`.
    package var stream: String

    /// Makes a stream.
    package init(group: String, stream: String) {
        self.group = group
        self.stream = stream
    }

    package func write(to object: inout JSONObject) {
        object.set("logGroupName", group)
        object.set("logStreamName", stream)
    }

    /// What a create answers.
    package typealias Answer = Done
}

/// Lists a group's streams.
package struct DescribeLogStreams: LogsCall, PagedCall {
    /// The group.
    package var group: String
    /// Only names that begin so; not together with `byLastEvent`.
    package var prefix: String?
    /// Sorted by the newest event, newest first, rather than by name.
    package var byLastEvent: Bool
    /// Streams a page, at most 50.
    package var limit: Int?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists streams.
    package init(
        group: String, prefix: String? = nil, byLastEvent: Bool = false, limit: Int? = nil
    ) {
        self.group = group
        self.prefix = prefix
        self.byLastEvent = byLastEvent
        self.limit = limit
    }

    /// One page.
    package struct Answer: Sendable {
        /// The streams.
        package let streams: [LogStream]
        let nextToken: String?
    }

    package func write(to object: inout JSONObject) {
        object.set("logGroupName", group)
        object.set("logStreamNamePrefix", prefix)
        if byLastEvent {
            object.set("orderBy", "LastEventTime")
            object.set("descending", true)
        }
        object.set("limit", limit)
        object.set("nextToken", nextToken)
    }

    package static func answer(_ value: JSONValue) throws(AnswerFault) -> Answer {
        Answer(
            streams: try value.list("logStreams", LogStream.init),
            nextToken: try value.value("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// A stream of events, written by one writer.
package struct LogStream: Sendable, Equatable {
    /// The name.
    package let name: String
    /// When it was made.
    package let creationTime: Date?
    /// When its oldest event happened.
    package let firstEventTime: Date?
    /// When its newest event happened; an hour late at times.
    package let lastEventTime: Date?

    init(_ value: JSONValue) throws(AnswerFault) {
        name = try value.need("logStreamName")
        creationTime = try value.value("creationTime", as: Int.self).map(Date.init(milliseconds:))
        firstEventTime = try value.value("firstEventTimestamp", as: Int.self)
            .map(Date.init(milliseconds:))
        lastEventTime = try value.value("lastEventTimestamp", as: Int.self)
            .map(Date.init(milliseconds:))
    }
}
