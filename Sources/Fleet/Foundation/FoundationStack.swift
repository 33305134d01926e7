// Makes and changes the foundation through CloudFormation. Always by a change set: it tells what
// would change before anything does, and it alone can take in a bucket that is there already.

package import AWS
internal import FoundationEssentials

/// The foundation's stack in one region.
package struct FoundationStack: Sendable {
    let caller: EC2Caller
    let region: String

    /// The stack as the client's credentials see it.
    package init(client: AWSClient, region: String, clock: FleetClock = .system) {
        caller = EC2Caller(client: client, clock: clock)
        self.region = region
    }

    // MARK: - Planning

    /// What is to be done so that the foundation is as `given` says; of what it does not say,
    /// everything stays as it is.
    ///
    /// Nothing is made but a change set, which ``drop(_:)`` removes again.
    ///
    /// - Throws: ``FoundationError`` or ``CallError``.
    package func plan(_ given: [FoundationParameter: String]) async throws -> FoundationPlan {
        let account = try await caller.send(GetCallerIdentity()).account
        let state = try Self.state(of: try await Self.find(caller))
        var values: [FoundationParameter: String] = [:]
        let step: FoundationPlan.Step
        switch state {
        case .absent:
            values = try await self.values(given, over: [:])
            step = .make
        case .failed(let stack):
            // What a failed attempt was asked for may be why it failed: it is not kept.
            values = try await self.values(given, over: [:])
            step = .remake(stackID: stack.id, status: stack.status)
        case .present(let stack):
            values = try await self.values(given, over: stack.parameters)
            step = try await change(to: values, stackID: stack.id)
        }
        return FoundationPlan(
            account: account, region: region, step: step, values: values,
            hasBucket: try await Self.exists("loadfleet-\(account)-\(region)", caller))
    }

    /// What a stack is to whoever wants it.
    private enum State {
        case absent
        case failed(Stack)
        case present(Stack)
    }

    private static func state(of stack: Stack?) throws(FoundationError) -> State {
        guard let stack else { return .absent }
        switch stack.status {
        // A stack under review has nothing in it but a change set that nobody executed.
        case "REVIEW_IN_PROGRESS", "DELETE_COMPLETE": return .absent
        case "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED":
            return .failed(stack)
        case let status where status.hasSuffix("_IN_PROGRESS"): throw .busy(status: status)
        case let status where status.hasSuffix("_FAILED"): throw .stuck(status: status)
        default: return .present(stack)
        }
    }

    /// The stack; `nil` when there is none.
    static func find(_ caller: EC2Caller, id: String = Foundation.stackName) async throws -> Stack?
    {
        do {
            return try await caller.send(DescribeStacks(name: id)).stacks.first
        } catch let error as CallError where error.code == "ValidationError" {
            // CloudFormation's word for a stack that is not there.
            return nil
        }
    }

    /// Whether a bucket is there, and ours to look at.
    static func exists(_ bucket: String, _ caller: EC2Caller) async throws -> Bool {
        do {
            _ = try await caller.send(HeadBucket(bucket))
            return true
        } catch let error as CallError where error.fault?.status == 404 {
            return false
        }
    }

    private func values(
        _ given: [FoundationParameter: String], over kept: [String: String]
    ) async throws -> [FoundationParameter: String] {
        var values: [FoundationParameter: String] = [:]
        for parameter in FoundationParameter.allCases {
            values[parameter] = kept[parameter.rawValue] ?? parameter.standard
        }
        // One network takes the other's place.
        if given[.vpc] != nil { values[.createsNetwork] = "false" }
        if given[.createsNetwork] == "true" { values[.vpc] = "" }
        values.merge(given) { $1 }
        if values[.createsNetwork] == "false", values[.vpc]?.isEmpty ?? true {
            values[.vpc] = try await defaultNetwork()
        }
        return values
    }

    private func defaultNetwork() async throws -> String {
        let found = try await caller.pages(
            of: DescribeVpcs(filters: [Filter("is-default", "true")]))
        guard let vpc = found.flatMap(\.vpcs).first(where: \.isDefault) else {
            throw FoundationError.noNetwork(region: region)
        }
        return vpc.vpcID
    }

    // MARK: - Change sets

    private func source(_ values: [FoundationParameter: String]) -> StackSource {
        StackSource(
            template: FoundationTemplate.text,
            parameters: FoundationParameter.allCases.map {
                StackParameter($0.rawValue, values[$0] ?? $0.standard)
            }, capabilities: ["CAPABILITY_IAM"])
    }

    /// Has CloudFormation prepare a change; returns its changes, or `nil` if there would be none.
    private func prepare(
        _ name: String, kind: String, _ values: [FoundationParameter: String]
    ) async throws -> [StackChange]? {
        _ = try await caller.send(
            CreateChangeSet(
                name: name, stack: Foundation.stackName, source: source(values), kind: kind,
                importsExisting: true))
        let deadline = caller.clock.elapsed() + .seconds(180)
        let look = DescribeChangeSet(name: name, stack: Foundation.stackName)
        while true {
            let pages = try await caller.pages(of: look)
            switch pages.first?.status {
            case "CREATE_COMPLETE": return pages.flatMap(\.changes)
            case "FAILED":
                let reason = pages.first?.statusReason ?? "it gives no reason"
                try await drop(name)
                // There is no code for it; AWS's own CLI looks at these words, too.
                if reason.contains("didn't contain changes") || reason.contains("No updates") {
                    return nil
                }
                throw FoundationError.refused(reason: reason)
            case let status where caller.clock.elapsed() > deadline:
                throw FoundationError.late(after: .seconds(180), status: status ?? "unknown")
            default: try await caller.clock.sleep(.seconds(1))
            }
        }
    }

    private func change(
        to values: [FoundationParameter: String], stackID: String
    ) async throws -> FoundationPlan.Step {
        let name = Self.newName()
        guard let changes = try await prepare(name, kind: "UPDATE", values) else { return .nothing }
        return .change(changes, stackID: stackID, changeSet: name)
    }

    private static func newName() -> String { "loadfleet-\(UUID().uuidString.lowercased())" }

    /// Removes what planning left, when the plan is not wanted.
    ///
    /// - Throws: ``CallError``.
    package func drop(_ plan: FoundationPlan) async throws {
        if case .change(_, _, let name) = plan.step { try await drop(name) }
    }

    private func drop(_ changeSet: String) async throws {
        _ = try await caller.send(DeleteChangeSet(name: changeSet, stack: Foundation.stackName))
    }

    // MARK: - Deploying

    /// Does what a plan says; the foundation then.
    ///
    /// - Throws: ``FoundationError`` or ``CallError``.
    package func deploy(
        _ plan: FoundationPlan, within limit: Duration,
        onProgress: @Sendable (StackProgress) -> Void
    ) async throws -> Foundation {
        switch plan.step {
        case .nothing: break
        case .change(_, let stackID, let name):
            try await execute(name, stackID, within: limit, onProgress)
        case .remake(let stackID, _):
            try await Self.remove(stackID, caller, within: limit, onProgress)
            try await make(plan, within: limit, onProgress)
        case .make: try await make(plan, within: limit, onProgress)
        }
        return try await Foundation.read(caller.client)
    }

    private func make(
        _ plan: FoundationPlan, within limit: Duration,
        _ onProgress: @Sendable (StackProgress) -> Void
    ) async throws {
        let name = Self.newName()
        do {
            _ = try await prepare(name, kind: "CREATE", plan.values)
        } catch let error as FoundationError {
            // The empty stack that came with the change set.
            _ = try await caller.send(DeleteStack(name: Foundation.stackName))
            throw error
        }
        guard let stack = try await Self.find(caller) else {
            throw FoundationError.refused(reason: "the new stack has vanished")
        }
        try await execute(name, stack.id, within: limit, onProgress)
    }

    private func execute(
        _ changeSet: String, _ stackID: String, within limit: Duration,
        _ onProgress: @Sendable (StackProgress) -> Void
    ) async throws {
        let watch = try await StackWatch(stackID, caller: caller)
        _ = try await caller.send(
            ExecuteChangeSet(name: changeSet, stack: Foundation.stackName))
        _ = try await watch.end(within: limit, onProgress: onProgress)
    }

    /// Removes a stack, and waits until it is gone.
    static func remove(
        _ stackID: String, _ caller: EC2Caller, within limit: Duration,
        _ onProgress: @Sendable (StackProgress) -> Void
    ) async throws {
        let watch = try await StackWatch(stackID, caller: caller)
        _ = try await caller.send(DeleteStack(name: stackID))
        _ = try await watch.end(within: limit, onProgress: onProgress)
    }
}
