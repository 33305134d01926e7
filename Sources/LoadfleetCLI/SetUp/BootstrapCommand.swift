// Makes what an account and region need once, and takes it away again.
package import ArgumentParser
import Fleet

/// The command `loadfleet bootstrap`.
package struct BootstrapCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "bootstrap",
        abstract: "Make what fleets on AWS need, once for an account and region.",
        discussion: """
            Deploys the CloudFormation stack 'loadfleet': a private bucket, a log group, roles, a \
            security group that lets in its own members only, and a network if you want one. Says \
            first what it will make, and asks. Repeatable: it changes what is there to what this \
            version needs, and what you don't name stays as it is. Nothing is paid for but what \
            is kept in the bucket and the log group.
            """)

    @Flag(name: .customLong("print"), help: "Print the template, and do nothing.")
    var prints = false

    @Flag(help: "Say what would be made or removed, and do nothing.")
    var dryRun = false

    @Flag(name: .customLong("delete"), help: "Remove it again; the bucket stays.")
    var deletes = false

    @Flag(
        name: .customLong("delete-bucket"),
        help: "With --delete: remove the bucket, too, with everything in it.")
    var deletesBucket = false

    @OptionGroup(title: "Foundation") var foundation: FoundationOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        let values = try foundation.values()
        if deletesBucket, !deletes { throw ValidationError("--delete-bucket needs --delete") }
        if deletes, !values.isEmpty {
            throw ValidationError("--delete takes no option of what to make")
        }
    }

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        if prints {
            try invocation.context.standardOutput.write(FoundationTemplate.text)
            return .done
        }
        let site = try await AWSSite(invocation)
        return try await deletes ? remove(site, in: invocation) : deploy(site, in: invocation)
    }

    /// Longer than CloudFormation has ever needed for this.
    private static let patience = Duration.seconds(1_800)

    // MARK: - Making

    private func deploy(_ site: AWSSite, in invocation: Invocation) async throws -> ExitStatus {
        let stack = FoundationStack(client: site.client, region: site.region)
        let plan = try await stack.plan(foundation.values())
        let output = invocation.output
        for line in plan.lines { dryRun ? try output.print(line) : output.note(line) }
        do {
            guard try !dryRun && (plan.step == .nothing || invocation.confirm("Proceed?")) else {
                try await stack.drop(plan)
                return .done
            }
        } catch {
            try await stack.drop(plan)
            throw error
        }
        return try await whileInterruptible(invocation) { onProgress in
            let made = try await stack.deploy(
                plan, within: invocation.timeout ?? Self.patience, onProgress: onProgress)
            try report(made, plan, site, invocation)
        }
    }

    private func report(
        _ foundation: Foundation, _ plan: FoundationPlan, _ site: AWSSite,
        _ invocation: Invocation
    ) throws {
        let output = invocation.output
        let action =
            switch plan.step {
            case .make, .remake: "made"
            case .change: "changed"
            case .nothing: "unchanged"
            }
        if output.isJSON {
            let text: (String?) -> JSON = { $0.map { .string($0) } ?? .null }
            try output.print(document: [
                "stack": .string(Foundation.stackName), "account": .string(plan.account),
                "region": .string(plan.region), "action": .string(action),
                "bucket": text(foundation.bucket), "log_group": text(foundation.logGroup),
                "security_group": text(foundation.securityGroup),
                "node_profile": text(foundation.nodeProfile),
                "controller_profile": text(foundation.controllerProfile),
                "subnets": .array(foundation.subnets.map { .string($0) }),
            ])
            return
        }
        try output.print("the foundation in \(plan.region) is \(action)")
        try output.print(
            invocation.advice.complete(
                site.hasFleets
                    ? "  bring up a fleet: loadfleet up"
                    : "  fleets find it by themselves; environments/aws.yaml describes one"))
        try output.print(
            invocation.advice.complete("  remove it again:  loadfleet bootstrap --delete"))
    }

    // MARK: - Removing

    private func remove(_ site: AWSSite, in invocation: Invocation) async throws -> ExitStatus {
        let removal = FoundationRemoval(client: site.client, region: site.region)
        let found = try await removal.find()
        let output = invocation.output
        guard found.stackID != nil || (deletesBucket && found.bucket != nil) else {
            try conclude(found, site, isThere: false, invocation)
            return .done
        }
        for line in lines(found, site) { dryRun ? try output.print(line) : output.note(line) }
        guard try !dryRun && invocation.confirm("Remove it?") else { return .done }
        return try await whileInterruptible(invocation) { onProgress in
            try await removal.run(
                found, takesBucket: deletesBucket, within: invocation.timeout ?? Self.patience,
                onProgress: onProgress)
            try conclude(found, site, isThere: true, invocation)
        }
    }

    private func lines(_ found: FoundationRemoval.Found, _ site: AWSSite) -> [String] {
        var lines = ["in \(site.region):"]
        if found.stackID != nil {
            lines.append(
                "  stack '\(Foundation.stackName)': roles, security group, and what else it made")
        }
        if let group = found.logGroup { lines.append("  log group \(group), with all logs") }
        if deletesBucket, let bucket = found.bucket {
            lines.append("  bucket \(bucket), with all plans and results in it")
        }
        return lines
    }

    private func conclude(
        _ found: FoundationRemoval.Found, _ site: AWSSite, isThere: Bool, _ invocation: Invocation
    ) throws {
        let output = invocation.output
        let kept = deletesBucket ? nil : found.bucket
        if output.isJSON {
            try output.print(document: [
                "stack": .string(Foundation.stackName), "region": .string(site.region),
                "action": isThere ? "removed" : "unchanged",
                "bucket": kept.map { .string($0) } ?? .null,
            ])
            return
        }
        try output.print(
            isThere
                ? "the foundation in \(site.region) is removed"
                : "there is no foundation in \(site.region)")
        if let kept {
            try output.print(
                invocation.advice.complete(
                    "  bucket \(kept) stays; with everything in it, remove it with: "
                        + "loadfleet bootstrap --delete --delete-bucket"))
        }
    }

    // MARK: - Waiting

    private func whileInterruptible(
        _ invocation: Invocation,
        _ work: @escaping @Sendable (@Sendable (StackProgress) -> Void) async throws -> Void
    ) async throws -> ExitStatus {
        let output = invocation.output
        let task = Task {
            let shown = SharedLine(ProgressLine(output))
            defer { shown.clear() }
            try await work { progress in
                shown.show(
                    "\(progress.done) resources done, \(clock(progress.elapsed)), "
                        + "\(progress.latest)")
            }
        }
        let interruption = Interruption { _ in task.cancel() }
        do {
            try await task.value
            return .done
        } catch {
            guard let status = interruption.status else { throw error }
            output.note("interrupted; what CloudFormation has begun, it goes on with")
            return status
        }
    }
}
