// Calls about launch templates.

/// A launch template.
package struct LaunchTemplate: Sendable, Equatable {
    /// The id, as in `lt-0abc…`.
    package let id: String
    /// The name, unique in the region.
    package let name: String
    /// The newest version.
    package let latestVersion: Int
    /// The version `$Default` stands for.
    package let defaultVersion: Int?
    /// The tags.
    package let tags: [Tag]

    init(_ node: XMLNode) throws(AnswerFault) {
        id = try node.need("launchTemplateId")
        name = try node.need("launchTemplateName")
        latestVersion = try node.need("latestVersionNumber")
        defaultVersion = try node.value("defaultVersionNumber")
        tags = try node.tags()
    }
}

/// A version of a launch template.
package struct LaunchTemplateVersion: Sendable, Equatable {
    /// The template.
    package let templateID: String
    /// The version's number.
    package let number: Int
    /// Its image.
    package let imageID: String?
    /// Its type.
    package let instanceType: String?
    /// Its base64-coded boot script.
    package let userData: String?

    init(_ node: XMLNode) throws(AnswerFault) {
        templateID = try node.need("launchTemplateId")
        number = try node.need("versionNumber")
        let data = node.child("launchTemplateData")
        imageID = try data?.value("imageId")
        instanceType = try data?.value("instanceType")
        userData = try data?.value("userData")
    }
}

/// Makes a template with its first version.
package struct CreateLaunchTemplate: EC2Call {
    /// 3 to 128 letters, digits and `( ) . - / _`.
    package var name: String
    /// The first version.
    package var data: LaunchTemplateData
    /// Tags for the template; its resource type is `launch-template`.
    package var tagSpecifications: [TagSpecification]
    /// Makes the call unique.
    package var clientToken: ClientToken

    /// Makes a template.
    package init(
        name: String, data: LaunchTemplateData, tagSpecifications: [TagSpecification] = [],
        clientToken: ClientToken = .unique()
    ) {
        self.name = name
        self.data = data
        self.tagSpecifications = tagSpecifications
        self.clientToken = clientToken
    }

    package func write(to form: inout Form) {
        form.set("LaunchTemplateName", name)
        form.set("LaunchTemplateData", data)
        form.set("TagSpecification", tagSpecifications)
        form.set("ClientToken", clientToken)
    }

    /// What is answered.
    package typealias Answer = LaunchTemplate

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> LaunchTemplate {
        guard let template = node.child("launchTemplate") else {
            throw .missing("launchTemplate", in: node.name)
        }
        return try LaunchTemplate(template)
    }
}

/// Adds a version to a template.
package struct CreateLaunchTemplateVersion: EC2Call {
    /// The template.
    package var templateID: String
    /// The version, complete.
    package var data: LaunchTemplateData
    /// Makes the call unique.
    package var clientToken: ClientToken

    /// Adds a version.
    package init(
        templateID: String, data: LaunchTemplateData, clientToken: ClientToken = .unique()
    ) {
        self.templateID = templateID
        self.data = data
        self.clientToken = clientToken
    }

    package func write(to form: inout Form) {
        form.set("LaunchTemplateId", templateID)
        form.set("LaunchTemplateData", data)
        form.set("ClientToken", clientToken)
    }

    /// What is answered.
    package typealias Answer = LaunchTemplateVersion

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> LaunchTemplateVersion {
        guard let version = node.child("launchTemplateVersion") else {
            throw .missing("launchTemplateVersion", in: node.name)
        }
        return try LaunchTemplateVersion(version)
    }
}

/// Removes a template with all its versions; instances made from it stay.
package struct DeleteLaunchTemplate: EC2Call {
    /// The template.
    package var templateID: String

    /// Removes a template.
    package init(templateID: String) { self.templateID = templateID }

    package func write(to form: inout Form) { form.set("LaunchTemplateId", templateID) }

    /// What a removal answers.
    package typealias Answer = Done
}

/// Lists templates.
package struct DescribeLaunchTemplates: EC2Call, PagedCall {
    /// Only these.
    package var templateIDs: [String]
    /// Only those that meet all of these.
    package var filters: [Filter]
    /// Templates a page, 1 to 200.
    package var maxResults: Int?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists templates.
    package init(templateIDs: [String] = [], filters: [Filter] = [], maxResults: Int? = nil) {
        self.templateIDs = templateIDs
        self.filters = filters
        self.maxResults = maxResults
    }

    /// One page.
    package struct Answer: Sendable {
        /// The templates.
        package let templates: [LaunchTemplate]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("LaunchTemplateId", templateIDs)
        form.set("Filter", filters)
        form.set("MaxResults", maxResults)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            templates: try node.list("launchTemplates", LaunchTemplate.init),
            nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// Lists versions of a template.
package struct DescribeLaunchTemplateVersions: EC2Call, PagedCall {
    /// The template.
    package var templateID: String
    /// Numbers, `$Latest`, `$Default`; none for all.
    package var versions: [String]
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists versions.
    package init(templateID: String, versions: [String] = []) {
        self.templateID = templateID
        self.versions = versions
    }

    /// One page.
    package struct Answer: Sendable {
        /// The versions.
        package let versions: [LaunchTemplateVersion]
        let nextToken: String?
    }

    package func write(to form: inout Form) {
        form.set("LaunchTemplateId", templateID)
        form.set("LaunchTemplateVersion", versions)
        form.set("NextToken", nextToken)
    }

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> Answer {
        Answer(
            versions: try node.list("launchTemplateVersionSet", LaunchTemplateVersion.init),
            nextToken: node.token("nextToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}
