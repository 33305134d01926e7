// Images of one's own, on which nodes need not install anything.
package import ArgumentParser

/// The command `loadfleet image`, which only groups others.
package struct ImageCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Make machine images on which nodes start sooner.",
        discussion: """
            Nodes install Java and fetch JMeter when they start, which takes a minute or two. On \
            an image of your own everything is there; it costs what its snapshot does.
            """,
        subcommands: [ImageBake.self, ImageList.self, ImageDelete.self])

    package init() {}
}
