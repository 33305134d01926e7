// A change set says what CloudFormation would do to a stack, and is then executed or removed. It is
// also the only way to make a stack that takes in a bucket which is there already.

/// Prepares the making or the change of a stack; describe the set until it is ready.
package struct CreateChangeSet: CloudFormationCall {
    /// The set's name: letters, digits and `-`, at most 128.
    package var name: String
    /// The stack.
    package var stack: String
    /// What the stack is to be made of.
    package var source: StackSource
    /// `CREATE` for a stack that is not there, or has no resources yet; `UPDATE` for any other.
    package var kind: String
    /// Whether resources that are there already, with the names the template gives them, become
    /// the stack's own.
    package var importsExisting: Bool?
    /// Makes the call unique.
    package var clientToken: ClientToken

    /// Prepares a change.
    package init(
        name: String, stack: String, source: StackSource, kind: String,
        importsExisting: Bool? = nil, clientToken: ClientToken = .unique()
    ) {
        self.name = name
        self.stack = stack
        self.source = source
        self.kind = kind
        self.importsExisting = importsExisting
        self.clientToken = clientToken
    }

    package func write(to form: inout Form) {
        form.set("ChangeSetName", name)
        form.set("StackName", stack)
        source.write(to: &form)
        form.set("ChangeSetType", kind)
        form.set("ImportExistingResources", importsExisting)
        form.set("ClientToken", clientToken)
    }

    /// The ids of what was made.
    package struct Answer: Sendable, Equatable {
        /// The set's, an ARN.
        package let id: String
        /// The stack's, an ARN.
        package let stackID: String
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(id: try node.need("Id"), stackID: try node.need("StackId"))
    }
}

/// Looks at a change set.
package struct DescribeChangeSet: CloudFormationCall, PagedCall {
    /// The set.
    package var name: String
    /// Its stack.
    package var stack: String
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Looks at a change set.
    package init(name: String, stack: String) {
        self.name = name
        self.stack = stack
    }

    /// One page.
    package struct Answer: Sendable {
        /// As in `CREATE_COMPLETE`; `FAILED` also when nothing would change.
        package let status: String
        /// Why, where it says.
        package let statusReason: String?
        /// What would be done.
        package let changes: [StackChange]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("ChangeSetName", name)
        form.set("StackName", stack)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        var changes: [StackChange] = []
        for item in node.items("Changes", item: "member") {
            if let change = item.child("ResourceChange") { changes.append(try StackChange(change)) }
        }
        return Answer(
            status: try node.need("Status"), statusReason: try node.value("StatusReason"),
            changes: changes, nextToken: node.token("NextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// What would be done to one resource.
package struct StackChange: Sendable, Equatable {
    /// `Add`, `Modify`, `Remove`, `Import` or `Dynamic`.
    package let action: String
    /// The resource's name in the template.
    package let resource: String
    /// As in `AWS::S3::Bucket`.
    package let resourceType: String
    /// Whether it would be made anew: `True`, `False` or `Conditional`.
    package let replacement: String?

    init(_ node: XMLNode) throws(AnswerFault) {
        action = try node.need("Action")
        resource = try node.need("LogicalResourceId")
        resourceType = try node.need("ResourceType")
        replacement = try node.value("Replacement")
    }
}

/// Does what a change set says; the stack changes in the background.
package struct ExecuteChangeSet: CloudFormationCall {
    /// The set.
    package var name: String
    /// Its stack.
    package var stack: String
    /// Makes the call unique; the stack's events carry it.
    package var clientToken: ClientToken

    /// Executes a change set.
    package init(name: String, stack: String, clientToken: ClientToken = .unique()) {
        self.name = name
        self.stack = stack
        self.clientToken = clientToken
    }

    package func write(to form: inout Form) {
        form.set("ChangeSetName", name)
        form.set("StackName", stack)
        form.set("ClientRequestToken", clientToken)
    }

    /// What an execution answers.
    package typealias Answer = Done
}

/// Removes a change set that is not wanted.
package struct DeleteChangeSet: CloudFormationCall {
    /// The set.
    package var name: String
    /// Its stack.
    package var stack: String

    /// Removes a change set.
    package init(name: String, stack: String) {
        self.name = name
        self.stack = stack
    }

    package func write(to form: inout Form) {
        form.set("ChangeSetName", name)
        form.set("StackName", stack)
    }

    /// What a removal answers.
    package typealias Answer = Done
}
