// Calls of Systems Manager: parameters, among them AWS's own that name the newest images.

/// Reads a parameter.
package struct GetParameter: JSONCall {
    /// As in `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64`.
    package var name: String
    /// Whether a secret one is decrypted.
    package var withDecryption: Bool?

    /// Reads a parameter.
    package init(_ name: String, withDecryption: Bool? = nil) {
        self.name = name
        self.withDecryption = withDecryption
    }

    /// Systems Manager's interface.
    package static var api: ServiceAPI {
        ServiceAPI(service: .ssm, dialect: .json(target: "AmazonSSM", version: "1.1"))
    }

    package func write(to object: inout JSONObject) {
        object.set("Name", name)
        object.set("WithDecryption", withDecryption)
    }

    /// A parameter.
    package struct Answer: Sendable, Equatable {
        /// Its name.
        package let name: String
        /// Its value.
        package let value: String
        /// `String`, `StringList` or `SecureString`.
        package let type: String?
        /// Counts its changes.
        package let version: Int?
    }

    package static func answer(_ value: JSONValue) throws(AnswerFault) -> Answer {
        guard let parameter = value["Parameter"] else {
            throw .missing("Parameter", in: "answer")
        }
        return Answer(
            name: try parameter.need("Name"), value: try parameter.need("Value"),
            type: try parameter.value("Type"), version: try parameter.value("Version"))
    }
}
