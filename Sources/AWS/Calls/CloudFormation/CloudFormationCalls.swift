// Calls of CloudFormation. A stack is changed in the background: describe it until its status says
// it is done, and read its events when it says it failed.

/// A call of CloudFormation.
package protocol CloudFormationCall: FormCall {}

extension CloudFormationCall {
    /// CloudFormation's interface.
    package static var api: ServiceAPI {
        ServiceAPI(service: .cloudFormation, dialect: .query(version: "2010-05-15"))
    }
}

/// What a stack is made of.
package struct StackSource: Sendable, Equatable {
    /// The template's text, at most 51,200 bytes.
    package var template: String?
    /// Where S3 has the template, when it is longer.
    package var templateURL: String?
    /// Values of the template's parameters.
    package var parameters: [StackParameter]
    /// As in `CAPABILITY_NAMED_IAM`, for templates that make roles.
    package var capabilities: [String]
    /// Tags for all of the stack's resources.
    package var tags: [Tag]

    /// A stack's make-up.
    package init(
        template: String? = nil, templateURL: String? = nil, parameters: [StackParameter] = [],
        capabilities: [String] = [], tags: [Tag] = []
    ) {
        self.template = template
        self.templateURL = templateURL
        self.parameters = parameters
        self.capabilities = capabilities
        self.tags = tags
    }

    func write(to form: inout Form) {
        form.set("TemplateBody", template)
        form.set("TemplateURL", templateURL)
        form.set("Parameters", parameters)
        form.set("Capabilities", capabilities)
        form.set("Tags", tags)
    }
}

/// The value of a template's parameter.
package struct StackParameter: FormPart, Equatable {
    /// The parameter.
    package let key: String
    /// Its value.
    package let value: String

    /// A parameter's value.
    package init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }

    func write(to form: inout Form) {
        form.set("ParameterKey", key)
        form.set("ParameterValue", value)
    }
}

/// Makes a stack; refused with `AlreadyExistsException` when one has its name.
package struct CreateStack: CloudFormationCall {
    /// Letters, digits and `-`, at most 128.
    package var name: String
    /// What it is made of.
    package var source: StackSource
    /// `ROLLBACK`, `DELETE` or `DO_NOTHING`.
    package var onFailure: String?
    /// Makes the call unique.
    package var clientToken: ClientToken

    /// Makes a stack.
    package init(
        name: String, source: StackSource, onFailure: String? = nil,
        clientToken: ClientToken = .unique()
    ) {
        self.name = name
        self.source = source
        self.onFailure = onFailure
        self.clientToken = clientToken
    }

    package func write(to form: inout Form) {
        form.set("StackName", name)
        source.write(to: &form)
        form.set("OnFailure", onFailure)
        form.set("ClientRequestToken", clientToken)
    }

    /// The stack's id, an ARN.
    package typealias Answer = String

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> String {
        try node.need("StackId")
    }
}

/// Changes a stack; refused with a ValidationError when nothing would change.
package struct UpdateStack: CloudFormationCall {
    /// The stack.
    package var name: String
    /// What it is to be made of.
    package var source: StackSource
    /// Makes the call unique.
    package var clientToken: ClientToken

    /// Changes a stack.
    package init(name: String, source: StackSource, clientToken: ClientToken = .unique()) {
        self.name = name
        self.source = source
        self.clientToken = clientToken
    }

    package func write(to form: inout Form) {
        form.set("StackName", name)
        source.write(to: &form)
        form.set("ClientRequestToken", clientToken)
    }

    /// The stack's id, an ARN.
    package typealias Answer = String

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> String {
        try node.need("StackId")
    }
}

/// Removes a stack with its resources; one that is not there is no error.
package struct DeleteStack: CloudFormationCall {
    /// The stack's name or id.
    package var name: String
    /// Makes the call unique.
    package var clientToken: ClientToken

    /// Removes a stack.
    package init(name: String, clientToken: ClientToken = .unique()) {
        self.name = name
        self.clientToken = clientToken
    }

    package func write(to form: inout Form) {
        form.set("StackName", name)
        form.set("ClientRequestToken", clientToken)
    }

    /// What a removal answers.
    package typealias Answer = Done
}
