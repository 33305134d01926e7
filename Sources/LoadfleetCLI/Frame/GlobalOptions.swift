// The options that every command understands.
package import ArgumentParser
import Units

/// The options common to all commands.
package struct GlobalOptions: ParsableArguments {
    @Option(
        name: [.customLong("config"), .customShort("e")],
        help: ArgumentHelp("The environment file (YAML).", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    package var config: String?

    @Flag(help: "Print data as JSON, JSON Lines for commands that take long.")
    package var json = false

    @Flag(name: .shortAndLong, help: "Say less: no progress, no notes.")
    package var quiet = false

    @Flag(name: .shortAndLong, help: "Say more.")
    package var verbose = false

    @Flag(name: .shortAndLong, help: "Answer yes to every question.")
    package var yes = false

    @Flag(help: "No color; the variable NO_COLOR does the same.")
    package var noColor = false

    @Flag(help: "Never ask; a question that would be needed is an error.")
    package var noInput = false

    @Option(
        help: ArgumentHelp("Give up waiting after this long, as in 90s or 10m.", valueName: "time"),
        transform: Reading.duration)
    package var timeout: Duration?

    package init() {}

    /// The options of a command line that holds nothing else.
    package static func reading(_ arguments: [String]) throws -> GlobalOptions {
        try parse(arguments)
    }
}

/// Conversions of argument text that keep the message of the room which knows the format.
package enum Reading {
    /// A duration such as `90s`.
    package static func duration(_ text: String) throws -> Duration {
        try explained { () throws(QuantityError) in try Quantity.duration(text) }
    }

    /// A percentage such as `99.9%`.
    package static func percent(_ text: String) throws -> Double {
        try explained { () throws(QuantityError) in try Quantity.percent(text) }
    }

    private static func explained<Value>(
        _ read: () throws(QuantityError) -> Value
    ) throws -> Value {
        do {
            return try read()
        } catch {
            throw ValidationError(
                [error.message, error.hint].compactMap(\.self).joined(separator: "; "))
        }
    }
}
