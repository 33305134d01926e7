// What has become of a stack.

package import FoundationEssentials

/// Looks at stacks; a deleted one is found by its id only.
package struct DescribeStacks: CloudFormationCall, PagedCall {
    /// Name or id; `nil` for all.
    package var name: String?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Looks at stacks.
    package init(name: String? = nil) { self.name = name }

    /// One page.
    package struct Answer: Sendable {
        /// The stacks.
        package let stacks: [Stack]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("StackName", name)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            stacks: try node.list("Stacks", item: "member", Stack.init),
            nextToken: node.token("NextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// A stack.
package struct Stack: Sendable, Equatable {
    /// The id, an ARN.
    package let id: String
    /// The name.
    package let name: String
    /// As in `CREATE_COMPLETE`; it still moves while it ends with `IN_PROGRESS`.
    package let status: String
    /// Why, where it says.
    package let statusReason: String?
    /// When it was made.
    package let creationTime: Date?
    /// The values of its template's parameters.
    package let parameters: [String: String]
    /// What its template gives out.
    package let outputs: [String: String]

    init(_ node: XMLNode) throws(AnswerFault) {
        id = try node.need("StackId")
        name = try node.need("StackName")
        status = try node.need("StackStatus")
        statusReason = try node.value("StackStatusReason")
        creationTime = try node.value("CreationTime")
        var parameters: [String: String] = [:]
        for item in node.items("Parameters", item: "member") {
            parameters[try item.need("ParameterKey")] = try item.value("ParameterValue") ?? ""
        }
        self.parameters = parameters
        var outputs: [String: String] = [:]
        for item in node.items("Outputs", item: "member") {
            outputs[try item.need("OutputKey")] = try item.need("OutputValue")
        }
        self.outputs = outputs
    }
}

/// Lists what happened to a stack, newest first.
package struct DescribeStackEvents: CloudFormationCall, PagedCall {
    /// Name or id.
    package var name: String
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists a stack's events.
    package init(name: String) { self.name = name }

    /// One page.
    package struct Answer: Sendable {
        /// The events, newest first.
        package let events: [StackEvent]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("StackName", name)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            events: try node.list("StackEvents", item: "member", StackEvent.init),
            nextToken: node.token("NextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// Something that happened to a stack.
package struct StackEvent: Sendable, Equatable {
    /// The event's id.
    package let id: String
    /// The stack's id.
    package let stackID: String
    /// When.
    package let time: Date
    /// The resource's name in the template.
    package let resource: String?
    /// As in `AWS::S3::Bucket`.
    package let resourceType: String?
    /// As in `CREATE_FAILED`.
    package let status: String?
    /// Why.
    package let reason: String?
    /// The token of the call that caused it.
    package let clientToken: String?

    init(_ node: XMLNode) throws(AnswerFault) {
        id = try node.need("EventId")
        stackID = try node.need("StackId")
        time = try node.need("Timestamp")
        resource = try node.value("LogicalResourceId")
        resourceType = try node.value("ResourceType")
        status = try node.value("ResourceStatus")
        reason = try node.value("ResourceStatusReason")
        clientToken = try node.value("ClientRequestToken")
    }
}
