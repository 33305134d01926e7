// Removes an image that loadfleet made.
package import ArgumentParser
import AWS
import Fleet

/// The command `loadfleet image delete`.
package struct ImageDelete: Command {
    package static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove an image that loadfleet made, and its snapshot.",
        discussion: "Instances that were started from it go on; environments that name it don't.")

    @Argument(help: ArgumentHelp("The image's id.", valueName: "image"))
    var image: String

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let site = try await AWSSite(invocation)
        let shelf = ImageShelf(client: site.client, region: site.region)
        let found = try await shelf.image(image)
        let name = found.name ?? "without a name"
        guard try invocation.confirm("Remove \(image) ('\(name)') and its snapshot?") else {
            return .done
        }
        try await shelf.remove(found)
        if invocation.output.isJSON {
            try invocation.output.print(document: [
                "image": .string(image), "region": .string(site.region), "action": "removed",
            ])
        } else {
            try invocation.output.print("image \(image) is removed")
        }
        return .done
    }
}
