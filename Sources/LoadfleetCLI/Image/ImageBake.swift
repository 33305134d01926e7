// Makes an image.
package import ArgumentParser
import Fleet
import JMeter

/// The command `loadfleet image bake`.
package struct ImageBake: Command {
    package static let configuration = CommandConfiguration(
        commandName: "bake", abstract: "Make an image with Java, JMeter and loadfleet on it.",
        discussion: """
            Starts one instance like those of the environment, lets it install what nodes need, \
            makes an image of it and gives the instance back, whatever happens. Asks first.
            """)

    @Flag(help: "Say what would be made, and make nothing.")
    var dryRun = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let (place, environment) = try await EC2Place.open(invocation)
        let output = invocation.output
        let jmeter = try JMeterSearch(invocation.context).find(environment.jmeter)
        let bakery = ImageBakery(place.provider())
        let plan = try await bakery.plan(jmeter: jmeter.version, version: Version.number)
        for line in plan.lines { dryRun ? try output.print(line) : output.note(line) }
        guard try !dryRun && invocation.confirm("Proceed?") else { return .done }
        let work = Task {
            let shown = SharedLine(ProgressLine(output))
            defer { shown.clear() }
            shown.show("sending the programs to the bucket")
            let software = try await place.placeSoftware(of: jmeter)
            return try await bakery.bake(plan, software: software) { shown.show($0) }
        }
        let interruption = Interruption { _ in work.cancel() }
        do {
            try report(try await work.value, plan, to: output)
            return .done
        } catch {
            guard let status = interruption.status, !(error is FleetError) else { throw error }
            output.note("interrupted; nothing is left of it")
            return status
        }
    }

    private func report(_ id: String, _ plan: ImagePlan, to output: Output) throws {
        if output.isJSON {
            try output.print(document: [
                "image": .string(id), "name": .string(plan.name), "region": .string(plan.region),
            ])
            return
        }
        try output.print("image \(id) is ready ('\(plan.name)', \(plan.region))")
        try output.print("  in the environment file, below 'ec2':")
        try output.print("  ami: \(id)")
    }
}
