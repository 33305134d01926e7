// The images that loadfleet made, found by tag.

package import AWS

/// The images of an account's region.
package struct ImageShelf: Sendable {
    let caller: EC2Caller
    let region: String

    /// The images as the client's credentials see them.
    package init(client: AWSClient, region: String, clock: FleetClock = .system) {
        caller = EC2Caller(client: client, clock: clock)
        self.region = region
    }

    /// All of them, the newest first.
    ///
    /// - Throws: ``CallError``.
    package func list() async throws -> [Image] {
        try await caller.pages(of: DescribeImages(owners: ["self"], filters: FleetTags.filters()))
            .flatMap(\.images)
            .filter { FleetTags.value(FleetTags.managed, in: $0.tags) == "true" }
            .sorted { $0.creationDate ?? "" > $1.creationDate ?? "" }
    }

    /// One of them.
    ///
    /// - Throws: ``ImageError/notOurs(_:region:)`` or ``CallError``.
    package func image(_ id: String) async throws -> Image {
        guard let image = try await list().first(where: { $0.imageID == id }) else {
            throw ImageError.notOurs(id, region: region)
        }
        return image
    }

    /// Removes an image with its snapshots; what is gone already is no error.
    ///
    /// - Throws: ``CallError``.
    package func remove(_ image: Image) async throws {
        try await ignoring("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable") {
            _ = try await caller.send(DeregisterImage(image.imageID))
        }
        for snapshot in image.snapshotIDs {
            try await ignoring("InvalidSnapshot.NotFound") {
                _ = try await caller.send(DeleteSnapshot(snapshot))
            }
        }
    }

    private func ignoring(_ codes: String..., while body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as CallError where codes.contains(error.code ?? "") {
            return
        }
    }
}
