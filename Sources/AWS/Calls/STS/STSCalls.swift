// Calls of STS: who am I, and who may I be.

package import FoundationEssentials

/// A call of STS.
package protocol STSCall: FormCall {}

extension STSCall {
    /// STS's interface.
    package static var api: ServiceAPI {
        ServiceAPI(service: .sts, dialect: .query(version: "2011-06-15"))
    }
}

/// Asks whose credentials are in use; needs no permission.
package struct GetCallerIdentity: STSCall {
    /// Asks who calls.
    package init() {}

    package func write(to form: inout Form) {}

    /// Who calls.
    package struct Answer: Sendable, Equatable {
        /// The account's twelve digits.
        package let account: String
        /// As in `arn:aws:iam::123456789012:user/ann`.
        package let arn: String
        /// AWS's own id of the caller.
        package let userID: String
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            account: try node.need("Account"), arn: try node.need("Arn"),
            userID: try node.need("UserId"))
    }
}

/// Gets credentials of a role.
package struct AssumeRole: STSCall {
    /// The role.
    package var roleARN: String
    /// 2 to 64 characters, shown in the logs of the role's account.
    package var sessionName: String
    /// Seconds, 900 to what the role allows.
    package var durationSeconds: Int?
    /// What the role's owner asks for.
    package var externalID: String?
    /// The serial number or ARN of a device.
    package var mfaSerial: String?
    /// The six digits the device shows.
    package var tokenCode: String?

    /// Gets credentials of a role.
    package init(
        roleARN: String, sessionName: String, durationSeconds: Int? = nil,
        externalID: String? = nil, mfaSerial: String? = nil, tokenCode: String? = nil
    ) {
        self.roleARN = roleARN
        self.sessionName = sessionName
        self.durationSeconds = durationSeconds
        self.externalID = externalID
        self.mfaSerial = mfaSerial
        self.tokenCode = tokenCode
    }

    package func write(to form: inout Form) {
        form.set("RoleArn", roleARN)
        form.set("RoleSessionName", sessionName)
        form.set("DurationSeconds", durationSeconds)
        form.set("ExternalId", externalID)
        form.set("SerialNumber", mfaSerial)
        form.set("TokenCode", tokenCode)
    }

    /// What is answered.
    package typealias Answer = SessionCredentials

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> SessionCredentials {
        try SessionCredentials(inside: node)
    }
}

/// Temporary credentials.
///
/// Described without its secrets, so that no print can carry them.
package struct SessionCredentials: Sendable, Equatable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// The key's id, which is no secret.
    package let accessKeyID: String
    /// The secret.
    package let secretAccessKey: String
    /// Goes with each request.
    package let sessionToken: String
    /// When they end.
    package let expiration: Date
    /// Who they make of the caller.
    package let arn: String?

    /// Reads the credentials from a result that has them.
    init(inside node: XMLNode) throws(AnswerFault) {
        guard let credentials = node.child("Credentials") else {
            throw .missing("Credentials", in: node.name)
        }
        accessKeyID = try credentials.need("AccessKeyId")
        secretAccessKey = try credentials.need("SecretAccessKey")
        sessionToken = try credentials.need("SessionToken")
        expiration = try credentials.need("Expiration")
        arn = try node.child("AssumedRoleUser")?.value("Arn")
    }

    /// The end of the key's id, and when it ends.
    package var description: String {
        "credentials …\(accessKeyID.suffix(4)) until \(WireTime.iso8601(expiration))"
    }

    /// The same as ``description``.
    package var debugDescription: String { description }

    /// Nothing inside, since `dump` would print it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Makes the encoded part of an `UnauthorizedOperation` readable.
package struct DecodeAuthorizationMessage: STSCall {
    /// What EC2 sent.
    package var encodedMessage: String

    /// Decodes a message.
    package init(_ encodedMessage: String) { self.encodedMessage = encodedMessage }

    package func write(to form: inout Form) { form.set("EncodedMessage", encodedMessage) }

    /// JSON that tells which policy said no to what.
    package typealias Answer = String

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> String {
        try node.need("DecodedMessage")
    }
}
