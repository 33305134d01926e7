// Which schedules there are; they have no tags, so they are found by their names.

/// Lists schedules.
package struct ListSchedules: SchedulerCall, PagedCall {
    /// The group; `nil` for all.
    package var group: String?
    /// Only those whose names begin with this.
    package var namePrefix: String?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists schedules.
    package init(group: String? = nil, namePrefix: String? = nil) {
        self.group = group
        self.namePrefix = namePrefix
    }

    package var request: CallRequest {
        var request = CallRequest(method: "GET", path: "/schedules")
        request.setQuery("ScheduleGroup", group)
        request.setQuery("NamePrefix", namePrefix)
        request.setQuery("NextToken", nextToken)
        return request
    }

    /// One page.
    package struct Answer: Sendable {
        /// Names, with the groups they are in.
        package let schedules: [ScheduleName]
        let nextToken: String?
    }

    package static func answer(_ value: JSONValue) throws(AnswerFault) -> Answer {
        guard value["Schedules"] != nil else { throw .missing("Schedules", in: "answer") }
        var schedules: [ScheduleName] = []
        for item in value.items("Schedules") {
            schedules.append(
                ScheduleName(name: try item.need("Name"), group: try item.value("GroupName")))
        }
        return Answer(schedules: schedules, nextToken: try value.value("NextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// What a schedule is called.
package struct ScheduleName: Sendable, Equatable {
    /// Its name, unique in its group.
    package let name: String
    /// Its group.
    package let group: String?
}
