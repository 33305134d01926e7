// What EC2's calls share: their interface, tags, filters, and words of closed sets.

internal import FoundationEssentials

/// A call of EC2.
package protocol EC2Call: FormCall {}

extension EC2Call {
    /// EC2's interface.
    package static var api: ServiceAPI {
        ServiceAPI(service: .ec2, dialect: .ec2(version: "2016-11-15"))
    }
}

/// A name and a value on a resource.
package struct Tag: FormPart, Equatable {
    /// At most 128 characters, not beginning with `aws:`.
    package let key: String
    /// At most 256 characters.
    package let value: String

    /// A tag.
    package init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }

    init(_ node: XMLNode) throws(AnswerFault) {
        key = try node.need("key")
        value = try node.value("value") ?? ""
    }

    func write(to form: inout Form) {
        form.set("Key", key)
        form.set("Value", value)
    }
}

extension XMLNode {
    /// EC2's `tagSet`.
    func tags() throws(AnswerFault) -> [Tag] {
        try list("tagSet", Tag.init)
    }
}

/// The tags that a create puts on what it makes.
package struct TagSpecification: FormPart, Equatable {
    /// What is tagged, as in `instance`.
    package let resourceType: String
    /// Its tags.
    package let tags: [Tag]

    /// Tags for a kind of resource.
    package init(_ resourceType: String, _ tags: [Tag]) {
        self.resourceType = resourceType
        self.tags = tags
    }

    func write(to form: inout Form) {
        form.set("ResourceType", resourceType)
        form.set("Tag", tags)
    }
}

/// A condition on what a describe answers: any of the values.
package struct Filter: FormPart, Equatable {
    /// A name AWS knows, as in `tag:loadfleet:fleet`.
    package let name: String
    /// Any of these; `*` and `?` are wildcards.
    package let values: [String]

    /// A condition.
    package init(_ name: String, _ values: String...) {
        self.init(name, values)
    }

    /// A condition.
    package init(_ name: String, _ values: [String]) {
        self.name = name
        self.values = values
    }

    func write(to form: inout Form) {
        form.set("Name", name)
        form.set("Value", values)
    }
}

/// Makes a create unique: a repeated call with the same token makes nothing new.
package struct ClientToken: Sendable, Equatable, CustomStringConvertible {
    /// At most 64 characters of ASCII.
    package let description: String

    /// A token of one's own, such as a run's id.
    package init(_ text: String) { description = text }

    /// A token that nobody else has.
    package static func unique() -> ClientToken { ClientToken(UUID().uuidString.lowercased()) }
}

extension Form {
    mutating func set(_ name: String, _ token: ClientToken) { set(name, token.description) }
}

/// What an instance is paid as.
package enum Lifecycle: String, Sendable {
    /// Spare capacity that may be taken back.
    case spot
    /// Capacity at the list price.
    case onDemand = "on-demand"
}
