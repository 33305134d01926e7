// Calls of SNS: telling whoever subscribed to a topic.

/// A call of SNS.
package protocol SNSCall: FormCall {}

extension SNSCall {
    /// SNS's interface.
    package static var api: ServiceAPI {
        ServiceAPI(service: .sns, dialect: .query(version: "2010-03-31"))
    }
}

/// Sends a message to all who subscribed to a topic.
package struct Publish: SNSCall {
    /// The topic.
    package var topicARN: String
    /// The line above a mail: up to 100 characters of ASCII without line ends.
    package var subject: String?
    /// Up to 256 KiB.
    package var message: String
    /// What keeps its order with what; topics whose names end in `.fifo` ask for it.
    package var messageGroupID: String?
    /// Of two messages with the same one within five minutes, such a topic passes on one.
    package var messageDeduplicationID: String?

    /// Sends a message.
    package init(
        _ message: String, to topicARN: String, subject: String? = nil,
        messageGroupID: String? = nil, messageDeduplicationID: String? = nil
    ) {
        self.message = message
        self.topicARN = topicARN
        self.subject = subject
        self.messageGroupID = messageGroupID
        self.messageDeduplicationID = messageDeduplicationID
    }

    package func write(to form: inout Form) {
        form.set("TopicArn", topicARN)
        form.set("Subject", subject)
        form.set("Message", message)
        form.set("MessageGroupId", messageGroupID)
        form.set("MessageDeduplicationId", messageDeduplicationID)
    }

    /// The message's id.
    package typealias Answer = String

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> String {
        try node.need("MessageId")
    }
}
