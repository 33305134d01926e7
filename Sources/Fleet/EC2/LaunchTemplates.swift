// A fleet's launch templates, one for each role: what an instance is, written down before any is
// asked for. The name holds a hash of the content, so the same template is made only once.

internal import AWS
internal import FoundationEssentials
internal import Store
internal import Units

/// A template, as it was or will be made.
struct TemplateRecord: Record, Equatable {
    var name: String
    var requestedAt: Date
    /// Absent until AWS has answered.
    var id: String?
}

/// The templates of a fleet.
struct LaunchTemplates: Sendable {
    let caller: EC2Caller
    let book: LaunchBook
    let plan: EC2Plan
    let settings: EC2Settings
    let tags: FleetTags
    let fleet: FleetRecord

    /// The template of a role, made where it is not there yet.
    func template(_ role: Role, _ userData: UserData) async throws -> LaunchTemplateSpecification {
        let data = try data(role, userData)
        let hash = try ContentHash.sha256(Array("\(data)".utf8)).prefix(8)
        let name = "loadfleet-\(fleet.name)-\(role.rawValue)-\(fleet.creation)-\(hash)"
        if let known = try await book.template(name)?.id {
            return LaunchTemplateSpecification(id: known, version: "1")
        }
        var record = TemplateRecord(name: name, requestedAt: caller.clock.now())
        try await book.put(record)
        let id = try await make(name, data, role, String(hash))
        record.id = id
        try await book.put(record)
        return LaunchTemplateSpecification(id: id, version: "1")
    }

    private func make(
        _ name: String, _ data: LaunchTemplateData, _ role: Role, _ hash: String
    ) async throws -> String {
        let call = CreateLaunchTemplate(
            name: name, data: data,
            tagSpecifications: tags.specifications(role, "launch-template"),
            clientToken: ClientToken(fleet.token("t\(hash)")))
        do {
            return try await caller.send(call).id
        } catch let error as CallError
            where error.code == "InvalidLaunchTemplateName.AlreadyExistsException"
        {
            // Made by an `up` that did not live to hear of it.
            return try await find(name)
        }
    }

    /// A template that is there, though it may not be seen yet.
    private func find(_ name: String) async throws -> String {
        let call = DescribeLaunchTemplates(filters: [Filter("launch-template-name", name)])
        for _ in 0..<24 {
            if let found = try await caller.pages(of: call).flatMap(\.templates).first {
                return found.id
            }
            try await caller.clock.sleep(.seconds(5))
        }
        throw FleetError.impossible(
            "the launch template \(name) is there and can't be seen", hint: nil)
    }

    private func data(_ role: Role, _ userData: UserData) throws(FleetError) -> LaunchTemplateData {
        let foundation = plan.foundation
        let own = role == .controller ? foundation.controllerProfile : nil
        let profile = own ?? foundation.nodeProfile
        let isARN = profile?.hasPrefix("arn:") ?? false
        return LaunchTemplateData(
            imageID: plan.image.id, instanceProfileARN: isARN ? profile : nil,
            instanceProfileName: isARN ? nil : profile,
            securityGroupIDs: [foundation.securityGroup].compactMap(\.self),
            blockDevices: [
                BlockDevice(
                    name: plan.image.rootDevice,
                    size: Int((settings.volumeBytes + (1 << 30) - 1) >> 30), type: "gp3",
                    isEncrypted: true, deleteOnTermination: true)
            ],
            userData: try userData.encoded(), shutdownBehavior: "terminate",
            metadata: MetadataOptions(httpTokens: "required", hopLimit: 1, exposesTags: false),
            tagSpecifications: tags.specifications(role, "instance", "volume", "network-interface"))
    }
}

extension LaunchBook {
    func template(_ name: String) async throws -> TemplateRecord? {
        try await store.record(TemplateRecord.self, at: templateKey(name))
    }

    func put(_ record: TemplateRecord) async throws {
        try await uninterrupted { try await store.put(record, at: templateKey(record.name)) }
    }

    private func templateKey(_ name: String) -> StoreKey {
        StoreKey(unchecked: "\(prefix)template-\(name).json")
    }
}
