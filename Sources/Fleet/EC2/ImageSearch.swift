// The image that nodes boot from: by id, or by the public parameter that always names the newest.

internal import AWS

/// Looks for a fleet's image.
struct ImageSearch: Sendable {
    let caller: EC2Caller
    let settings: EC2Settings

    /// Debian's account, which owns its official images.
    private static let debian = "136693071363"

    /// The image, which must exist and have the right processor.
    ///
    /// - Throws: ``FleetError/impossible(_:hint:)``, or ``CallError``.
    func image() async throws -> EC2Plan.BootImage {
        let found = try await found()
        guard let image = found, image.state ?? "available" == "available" else {
            throw FleetError.impossible(
                "the image \(settings.image) can't be used: "
                    + (found?.state.map { "it is \($0)" } ?? "there is none"),
                hint: "set 'ec2.ami' to an image of this region")
        }
        let wanted = settings.architecture == "arm64" ? "arm64" : "x86_64"
        if let has = image.architecture, has != wanted {
            throw FleetError.impossible(
                "the image \(image.imageID) is for \(has), and 'ec2.architecture' is "
                    + settings.architecture, hint: "set 'ec2.ami' or 'ec2.architecture'")
        }
        return EC2Plan.BootImage(
            id: image.imageID, name: image.name ?? "without a name",
            rootDevice: image.rootDeviceName ?? "/dev/xvda")
    }

    private func found() async throws -> Image? {
        guard settings.image.hasPrefix("ssm:") else { return try await byID(settings.image) }
        let name = String(settings.image.dropFirst(4))
        do {
            let parameter = try await caller.send(GetParameter(name))
            return try await byID(parameter.value)
        } catch let error as CallError where error.code == "ParameterNotFound" {
            guard name.hasPrefix("/aws/service/debian/") else {
                throw FleetError.impossible(
                    "there is no parameter \(name) in this region", hint: "set 'ec2.ami'")
            }
            return try await newestDebian()
        }
    }

    private func byID(_ id: String) async throws -> Image? {
        do {
            return try await caller.pages(of: DescribeImages(imageIDs: [id])).first?.images.first
        } catch let error as CallError
            where error.code?.hasPrefix("InvalidAMIID") == true
        {
            return nil
        }
    }

    /// For regions and partitions where Debian publishes no parameter.
    private func newestDebian() async throws -> Image? {
        let architecture = settings.architecture == "arm64" ? "arm64" : "amd64"
        return try await caller.pages(
            of: DescribeImages(
                owners: [Self.debian], filters: [Filter("name", "debian-12-\(architecture)-*")])
        ).flatMap(\.images).max { $0.creationDate ?? "" < $1.creationDate ?? "" }
    }
}
