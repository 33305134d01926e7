// Shows the images that loadfleet made.
package import ArgumentParser
import AWS
import Fleet

/// The command `loadfleet image list`.
package struct ImageList: Command {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the images that loadfleet made in a region.")

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let site = try await AWSSite(invocation)
        let images = try await ImageShelf(client: site.client, region: site.region).list()
        let output = invocation.output
        if output.isJSON {
            let text: (String?) -> JSON = { $0.map { .string($0) } ?? .null }
            try output.print(document: [
                "region": .string(site.region),
                "images": .array(
                    images.map {
                        [
                            "image": .string($0.imageID), "name": text($0.name),
                            "state": text($0.state), "created_at": text($0.creationDate),
                        ]
                    }),
            ])
            return .done
        }
        if images.isEmpty { output.note("loadfleet has made no image in \(site.region)") }
        for image in images {
            try output.print(
                [image.imageID, image.name, image.state == "available" ? nil : image.state]
                    .compactMap(\.self).joined(separator: "  "))
        }
        return .done
    }
}
