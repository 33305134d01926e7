// Checks environment files by themselves, before they cost anything.
package import ArgumentParser
import Fleet

/// The command `loadfleet config validate`.
package struct ConfigValidate: Command {
    package static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check environment files.")

    @Argument(help: "Environment files.", completion: .file(extensions: ["yaml", "yml"]))
    package var files: [String]

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        for file in files {
            let settings = try Settings.validate(
                file: file, directory: invocation.context.directory,
                home: invocation.context.variables["HOME"])
            try GateCheck.check(settings)
            let environment = settings.environment
            if invocation.output.isJSON {
                try invocation.output.print(document: ["file": .string(file), "valid": true])
            } else {
                try invocation.output.print(
                    "\(file): valid, fleet '\(environment.name)', \(environment.provider), "
                        + "\(environment.workers) workers")
            }
        }
        return .done
    }
}
