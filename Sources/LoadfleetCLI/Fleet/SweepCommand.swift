// Finds what is running on AWS and should not be.
package import ArgumentParser
import AWS
import Fleet
import Store

/// The command `loadfleet sweep`.
package struct SweepCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Find forgotten fleets on AWS and end them.",
        discussion: """
            Looks only at what carries loadfleet's tags: fleets whose lease is over, and those of \
            the account's store that the store does not know. Asks before it ends anything.
            """)

    @Flag(help: "Look in every region that the account may use.")
    var allRegions = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let environment = try invocation.settings().environment
        let access = try AWSAccess(
            invocation.context, explicit: ExplicitAccess(region: environment.ec2?.region))
        let home = try await access.regionalClient()
        let here = try await access.configuration.region(asking: access.transport).value
        let regions = allRegions ? try await EC2Sweep.regions(home) : [here]
        var findings: [EC2Sweep.Finding] = []
        var left: [FleetMachine] = []
        var isRefused = false
        for region in regions {
            let sweep = try await sweep(region, access, bucket: environment.ec2?.bucket)
            let found = try await sweep.find()
            guard !found.isEmpty else { continue }
            findings += found
            if !invocation.output.isJSON { try show(found, to: invocation.output) }
            guard try invocation.confirm("End them?") else {
                left += found.flatMap(\.machines)
                isRefused = true
                continue
            }
            left += try await sweep.end(found)
        }
        // Templates and spot fleets without machines are left all the same.
        guard left.isEmpty, !isRefused else {
            let fleets = findings.map(\.fleet).joined(separator: ", ")
            throw CommandFailure(
                message: left.isEmpty
                    ? "launch templates or spot fleets of '\(fleets)' are left"
                    : FleetError.remains(left, fleet: fleets).message,
                hint: "end them with: loadfleet sweep\(allRegions ? " --all-regions" : "") --yes",
                exitStatus: .resourcesRemain)
        }
        try report(findings, in: regions, to: invocation.output)
        return .done
    }

    private func sweep(
        _ region: String, _ access: AWSAccess, bucket: String?
    ) async throws -> EC2Sweep {
        let client = try AWSClient(
            access.configuration.renewed(region: region), credentials: access.credentials,
            transport: access.transport)
        let foundation = try await Foundation.read(client)
        let store = (bucket ?? foundation.bucket).map {
            S3Store(client: client, bucket: $0, logGroup: foundation.logGroup ?? "loadfleet")
        }
        return EC2Sweep(client: client, region: region, store: store, foundation: foundation)
    }

    private func show(_ findings: [EC2Sweep.Finding], to output: Output) throws {
        for finding in findings {
            let why =
                finding.reason == .expired ? "its lease is over" : "its store knows nothing of it"
            try output.print("fleet '\(finding.fleet)' in \(finding.region): \(why)")
            for machine in finding.machines {
                let price = machine.hourly.map { ", \($0)/h" } ?? ""
                try output.print("  \(machine.description)\(price)")
            }
            for request in finding.spotFleets { try output.print("  spot fleet \(request)") }
            for template in finding.templates { try output.print("  launch template \(template)") }
        }
    }

    private func report(
        _ findings: [EC2Sweep.Finding], in regions: [String], to output: Output
    ) throws {
        guard !output.isJSON else {
            try output.print(document: [
                "regions": .array(regions.map { .string($0) }),
                "ended": .array(
                    findings.map {
                        [
                            "fleet": .string($0.fleet), "region": .string($0.region),
                            "reason": .string($0.reason.rawValue),
                            "machines": .array($0.machines.map { .string($0.id) }),
                            "templates": .array($0.templates.map { .string($0) }),
                            "spot_fleets": .array($0.spotFleets.map { .string($0) }),
                        ]
                    }),
            ])
            return
        }
        let place = regions.count == 1 ? regions[0] : "\(regions.count) regions"
        try output.print(
            findings.isEmpty
                ? "nothing is forgotten in \(place)" : "all of it is ended, nothing is left")
    }
}
