// Calls of EventBridge Scheduler: something AWS does at a time, whoever is still there.

package import FoundationEssentials
package import HTTP

/// A call of Scheduler: a path, and JSON both ways.
package protocol SchedulerCall: Call {
    /// Reads the answer's members.
    static func answer(_ value: JSONValue) throws(AnswerFault) -> Answer
}

extension SchedulerCall {
    /// Scheduler's interface.
    package static var api: ServiceAPI { ServiceAPI(service: .scheduler, dialect: .restJSON) }

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> Answer {
        try self.answer(response.body.isEmpty ? .object([]) : JSONValue.read(response.body))
    }

    static func path(_ name: String) -> String { "/schedules/\(PercentCoding.encode(name))" }
}

/// What is done, and when.
package struct Schedule: Sendable, Equatable {
    /// As in `at(2026-11-21T05:30:00)`, UTC unless a zone is given.
    package var expression: String
    /// As in `Europe/Berlin`.
    package var timeZone: String?
    /// As in `arn:aws:scheduler:::aws-sdk:ec2:deleteFleets`.
    package var targetARN: String
    /// The role under which it is done.
    package var roleARN: String
    /// The members of the call, as JSON.
    package var input: String?
    /// For words about it.
    package var description: String?
    /// `DELETE` for a schedule that goes when it is done.
    package var actionAfterCompletion: String?
    /// Tries again so often.
    package var retryAttempts: Int?

    /// Something to be done.
    package init(
        expression: String, timeZone: String? = nil, targetARN: String, roleARN: String,
        input: String? = nil, description: String? = nil,
        actionAfterCompletion: String? = "DELETE", retryAttempts: Int? = nil
    ) {
        self.expression = expression
        self.timeZone = timeZone
        self.targetARN = targetARN
        self.roleARN = roleARN
        self.input = input
        self.description = description
        self.actionAfterCompletion = actionAfterCompletion
        self.retryAttempts = retryAttempts
    }

    /// The expression of a moment, to the second.
    package static func at(_ time: Date) -> String {
        "at(\(WireTime.iso8601(time).dropLast()))"
    }

    init(_ value: JSONValue) throws(AnswerFault) {
        expression = try value.need("ScheduleExpression")
        timeZone = try value.value("ScheduleExpressionTimezone")
        guard let target = value["Target"] else { throw .missing("Target", in: "answer") }
        targetARN = try target.need("Arn")
        roleARN = try target.need("RoleArn")
        input = try target.value("Input")
        description = try value.value("Description")
        actionAfterCompletion = try value.value("ActionAfterCompletion")
        retryAttempts = try target["RetryPolicy"]?.value("MaximumRetryAttempts")
    }

    func write(to object: inout JSONObject) {
        object.set("ScheduleExpression", expression)
        object.set("ScheduleExpressionTimezone", timeZone)
        var window = JSONObject()
        window.set("Mode", "OFF")
        object.set("FlexibleTimeWindow", window.value)
        var target = JSONObject()
        target.set("Arn", targetARN)
        target.set("RoleArn", roleARN)
        target.set("Input", input)
        if let retryAttempts {
            var policy = JSONObject()
            policy.set("MaximumRetryAttempts", retryAttempts)
            target.set("RetryPolicy", policy.value)
        }
        object.set("Target", target.value)
        object.set("Description", description)
        object.set("ActionAfterCompletion", actionAfterCompletion)
    }
}

/// A call that carries a whole schedule.
package protocol WholeScheduleCall: SchedulerCall where Answer == String {
    /// The HTTP method.
    static var method: String { get }
    /// Letters, digits and `-_.`, at most 64.
    var name: String { get }
    /// The group; `nil` for the default one.
    var group: String? { get }
    /// What is done, and when.
    var schedule: Schedule { get }
    /// Makes the call unique.
    var clientToken: ClientToken { get }
}

extension WholeScheduleCall {
    package var request: CallRequest {
        var object = JSONObject()
        object.set("GroupName", group)
        object.set("ClientToken", clientToken.description)
        schedule.write(to: &object)
        var request = CallRequest(method: Self.method, path: Self.path(name))
        request.setHeader("Content-Type", "application/json")
        request.body = .bytes(object.value.bytes)
        return request
    }

    /// The schedule's ARN.
    package static func answer(_ value: JSONValue) throws(AnswerFault) -> String {
        try value.need("ScheduleArn")
    }
}

/// Makes a schedule.
package struct CreateSchedule: WholeScheduleCall {
    package static let method = "POST"
    /// Letters, digits and `-_.`, at most 64.
    package var name: String
    /// The group; `nil` for the default one.
    package var group: String?
    /// What is done, and when.
    package var schedule: Schedule
    /// Makes the call unique.
    package var clientToken: ClientToken

    /// Makes a schedule.
    package init(
        name: String, group: String? = nil, schedule: Schedule,
        clientToken: ClientToken = .unique()
    ) {
        self.name = name
        self.group = group
        self.schedule = schedule
        self.clientToken = clientToken
    }
}

/// Replaces a schedule; what is not said is as it would be in a new one.
package struct UpdateSchedule: WholeScheduleCall {
    package static let method = "PUT"
    /// The schedule.
    package var name: String
    /// Its group; `nil` for the default one.
    package var group: String?
    /// What is done, and when.
    package var schedule: Schedule
    /// Makes the call unique.
    package var clientToken: ClientToken

    /// Replaces a schedule.
    package init(
        name: String, group: String? = nil, schedule: Schedule,
        clientToken: ClientToken = .unique()
    ) {
        self.name = name
        self.group = group
        self.schedule = schedule
        self.clientToken = clientToken
    }
}

/// Reads a schedule.
package struct GetSchedule: SchedulerCall {
    /// The schedule.
    package var name: String
    /// Its group; `nil` for the default one.
    package var group: String?

    /// Reads a schedule.
    package init(name: String, group: String? = nil) {
        self.name = name
        self.group = group
    }

    package var request: CallRequest {
        var request = CallRequest(method: "GET", path: Self.path(name))
        request.setQuery("groupName", group)
        return request
    }

    /// What is answered.
    package typealias Answer = Schedule

    package static func answer(_ value: JSONValue) throws(AnswerFault) -> Schedule {
        try Schedule(value)
    }
}

/// Removes a schedule.
package struct DeleteSchedule: SchedulerCall {
    /// The schedule.
    package var name: String
    /// Its group; `nil` for the default one.
    package var group: String?
    /// Makes the call unique.
    package var clientToken: ClientToken

    /// Removes a schedule.
    package init(name: String, group: String? = nil, clientToken: ClientToken = .unique()) {
        self.name = name
        self.group = group
        self.clientToken = clientToken
    }

    package var request: CallRequest {
        var request = CallRequest(method: "DELETE", path: Self.path(name))
        request.setQuery("groupName", group)
        request.setQuery("clientToken", clientToken.description)
        return request
    }

    /// What a removal answers.
    package typealias Answer = Done

    package static func answer(_ value: JSONValue) throws(AnswerFault) -> Done { Done() }
}
