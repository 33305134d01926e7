// Calls that make and remove images. An image of one's own is an entry that costs nothing and the
// snapshots behind it, which do; both are removed apart.

/// Stops instances; what is on their volumes stays.
package struct StopInstances: EC2Call {
    /// The instances.
    package var instanceIDs: [String]

    /// Stops instances.
    package init(_ instanceIDs: [String]) { self.instanceIDs = instanceIDs }

    package func write(to form: inout Form) { form.set("InstanceId", instanceIDs) }

    /// What is answered.
    package typealias Answer = [InstanceStateChange]

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> [InstanceStateChange] {
        try node.list("instancesSet", InstanceStateChange.init)
    }
}

/// Makes an image of an instance's volumes; describe it until it is `available`.
package struct CreateImage: EC2Call {
    /// The instance.
    package var instanceID: String
    /// 3 to 128 characters, the account's and region's only one of this name.
    package var name: String
    /// What it is, for people.
    package var description: String?
    /// Tags for the image and its snapshots.
    package var tagSpecifications: [TagSpecification]
    /// Whether the instance is started anew for it, if it runs.
    package var reboots: Bool?

    /// Makes an image.
    package init(
        _ instanceID: String, name: String, description: String? = nil,
        tagSpecifications: [TagSpecification] = [], reboots: Bool? = nil
    ) {
        self.instanceID = instanceID
        self.name = name
        self.description = description
        self.tagSpecifications = tagSpecifications
        self.reboots = reboots
    }

    package func write(to form: inout Form) {
        form.set("InstanceId", instanceID)
        form.set("Name", name)
        form.set("Description", description)
        form.set("TagSpecification", tagSpecifications)
        form.set("NoReboot", reboots.map { !$0 })
    }

    /// The image's id.
    package typealias Answer = String

    package static func answer(_ node: XMLNode) throws(AnswerFault) -> String {
        try node.need("imageId")
    }
}

/// Removes an image; its snapshots stay.
package struct DeregisterImage: EC2Call {
    /// The image.
    package var imageID: String

    /// Removes an image.
    package init(_ imageID: String) { self.imageID = imageID }

    package func write(to form: inout Form) { form.set("ImageId", imageID) }

    /// What a removal answers.
    package typealias Answer = Done
}

/// Removes a snapshot that no image needs any more.
package struct DeleteSnapshot: EC2Call {
    /// The snapshot.
    package var snapshotID: String

    /// Removes a snapshot.
    package init(_ snapshotID: String) { self.snapshotID = snapshotID }

    package func write(to form: inout Form) { form.set("SnapshotId", snapshotID) }

    /// What a removal answers.
    package typealias Answer = Done
}
