// Makes an image on which nodes find everything they need: one instance installs what a node would,
// is stopped, and an image is made of it. Nothing but the image outlives this, whatever happens: the
// instance is tagged and leased like a fleet's, so that `down`, `sweep` and its own end work on it.

internal import AWS
internal import FoundationEssentials
internal import Store

/// What is about to be baked.
package struct ImagePlan: Sendable, Equatable {
    /// What the image will be called.
    package let name: String
    /// The name that the instance carries as if it were a fleet.
    package let fleet: String
    package let region: String
    /// What it is made from.
    package let base: EC2Plan.BootImage
    package let instanceType: String
    /// Where the instance may be, one after the other.
    let subnets: [String]

    /// The plan in lines for a person.
    package var lines: [String] {
        [
            "image '\(name)' in \(region):",
            "  from      \(base.id) (\(base.name)), with loadfleet, Java and JMeter on it",
            "  by        one \(instanceType), on demand, for some minutes",
            "  costs     these minutes, then the image's snapshot for as long as it is kept",
        ]
    }
}

/// Makes images.
package struct ImageBakery: Sendable {
    private let provider: EC2Provider
    private var caller: EC2Caller { provider.caller }

    /// How long the instance may take to install everything, and AWS to make the image.
    private static let installing = Duration.seconds(900)
    private static let making = Duration.seconds(3_600)
    /// After this, the instance ends itself.
    private static let lease = Duration.seconds(1_800)

    /// A bakery where the provider's fleets live.
    package init(_ provider: EC2Provider) { self.provider = provider }

    /// What would be made; makes nothing.
    ///
    /// - Throws: ``FleetError/impossible(_:hint:)`` or ``CallError``.
    package func plan(jmeter: String, version: String) async throws -> ImagePlan {
        let planner = EC2Planner(
            caller: caller, settings: provider.settings, foundation: provider.foundation,
            region: provider.region)
        try planner.checkFoundation()
        let base = try await ImageSearch(caller: caller, settings: provider.settings).image()
        let digits = caller.clock.now().formatted(.iso8601).filter { $0.isNumber }
        let stamp = "\(digits.prefix(8))-\(digits.dropFirst(8))"
        return ImagePlan(
            name:
                "loadfleet-\(version)-jmeter-\(jmeter)-\(provider.settings.architecture)-\(stamp)",
            fleet: "image-\(stamp)", region: provider.region, base: base,
            instanceType: provider.settings.controllerType,
            subnets: try await planner.subnets(for: 1).map(\.subnetID))
    }

    /// Makes the image; returns its id when it can be used.
    ///
    /// `onProgress` hears what is going on.
    ///
    /// - Throws: ``ImageError/failed(reason:)``, ``FleetError/remains(_:fleet:)`` when something
    ///   could not be given back, ``CallError``, or `CancellationError`.
    package func bake(
        _ plan: ImagePlan, software: Software, onProgress: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        let outcome: Result<String, any Error>
        do {
            outcome = .success(try await make(plan, software, onProgress))
        } catch {
            outcome = .failure(error)
        }
        // Not a part of what may have been interrupted.
        let left = try await Task {
            onProgress("giving the instance back")
            return try await giveBack(plan)
        }.value
        guard left.isEmpty else { throw FleetError.remains(left, fleet: plan.fleet) }
        return try outcome.get()
    }

    private func giveBack(_ plan: ImagePlan) async throws -> [FleetMachine] {
        let left = try await provider.release(plan.fleet, within: .seconds(600))
        let keys = try await provider.store.list(prefix: FleetKeys(plan.fleet).prefix).map(\.key)
        try await provider.store.delete(keys)
        return left
    }

    // MARK: - Steps

    private func make(
        _ plan: ImagePlan, _ software: Software, _ onProgress: @Sendable (String) -> Void
    ) async throws -> String {
        let begin = caller.clock.now()
        let tags = [
            Tag(FleetTags.managed, "true"), Tag(FleetTags.fleet, plan.fleet),
            Tag(FleetTags.role, "image"),
            Tag(
                FleetTags.expires,
                (begin + TimeInterval(Self.lease.components.seconds)).formatted(.iso8601)),
        ]
        let done = StoreKey(unchecked: FleetKeys(plan.fleet).prefix + "nodes/image/done")
        let template = try await caller.send(
            CreateLaunchTemplate(
                name: "loadfleet-\(plan.fleet)",
                data: try data(plan, script(plan, software, begin, done), tags),
                tagSpecifications: [TagSpecification("launch-template", tags)],
                clientToken: ClientToken(plan.fleet)))
        onProgress("starting an instance")
        let instance = try await start(plan, template.id)
        onProgress("installing on \(instance)")
        try await waitUntilInstalled(instance, done)
        onProgress("stopping \(instance)")
        _ = try await caller.send(StopInstances([instance]), fresh: true)
        try await wait(within: .seconds(300), for: "\(instance) does not stop") {
            try await self.state(of: instance) == "stopped"
        }
        return try await image(of: instance, plan, tags, onProgress)
    }

    private func script(
        _ plan: ImagePlan, _ software: Software, _ begin: Date, _ done: StoreKey
    ) throws -> String {
        let seconds = TimeInterval(Self.lease.components.seconds)
        return try UserData.encoded(
            UserData(
                role: .worker, fleet: plan.fleet, region: plan.region,
                architecture: provider.settings.architecture, store: provider.store.location,
                objectsURL: provider.nodes.objectsURL, logGroup: nil,
                leaseEndsAt: begin + seconds, writtenAt: begin, software: software
            ).imageScript(telling: done))
    }

    private func data(
        _ plan: ImagePlan, _ userData: String, _ tags: [Tag]
    ) throws -> LaunchTemplateData {
        let profile = provider.foundation.nodeProfile
        let isARN = profile?.hasPrefix("arn:") ?? false
        return LaunchTemplateData(
            imageID: plan.base.id, instanceType: plan.instanceType,
            instanceProfileARN: isARN ? profile : nil, instanceProfileName: isARN ? nil : profile,
            securityGroupIDs: [provider.foundation.securityGroup].compactMap(\.self),
            // As large as what it is made from, and no larger: nodes' volumes must have room for it.
            blockDevices: [
                BlockDevice(
                    name: plan.base.rootDevice, type: "gp3", isEncrypted: true,
                    deleteOnTermination: true)
            ],
            userData: userData, shutdownBehavior: "terminate",
            metadata: MetadataOptions(httpTokens: "required", hopLimit: 1, exposesTags: false),
            tagSpecifications: ["instance", "volume", "network-interface"].map {
                TagSpecification($0, tags)
            })
    }

    private func start(_ plan: ImagePlan, _ template: String) async throws -> String {
        var last: (any Error)?
        for (index, subnet) in plan.subnets.enumerated() {
            do {
                let made = try await caller.send(
                    RunInstances(
                        launchTemplate: LaunchTemplateSpecification(id: template, version: "1"),
                        subnetID: subnet, clientToken: ClientToken("\(plan.fleet)-\(index)")),
                    fresh: true)
                if let instance = made.first { return instance.instanceID }
            } catch let error as CallError
                where ["InsufficientInstanceCapacity", "Unsupported"].contains(error.code ?? "")
            {
                last = error
            }
        }
        throw last
            ?? ImageError.failed(reason: "there is no \(plan.instanceType) to be had")
    }

    private func waitUntilInstalled(_ instance: String, _ done: StoreKey) async throws {
        do {
            try await wait(within: Self.installing, for: "\(instance) does not get done") {
                if try await self.provider.store.read(done) != nil { return true }
                let state = try await self.state(of: instance)
                guard state.map(InstanceStates.alive.contains) ?? true else {
                    throw ImageError.failed(reason: "\(instance) ended before it was done")
                }
                return false
            }
        } catch ImageError.failed(let reason) {
            let said = await ConsoleTail(caller: caller).read(instance)
            throw ImageError.failed(reason: said.map { "\(reason): \($0)" } ?? reason)
        }
    }

    private func image(
        of instance: String, _ plan: ImagePlan, _ tags: [Tag],
        _ onProgress: @Sendable (String) -> Void
    ) async throws -> String {
        // It has no lease: an image is to stay.
        let own = tags.filter { $0.key != FleetTags.expires }
        let id = try await caller.send(
            CreateImage(
                instance, name: plan.name, description: "loadfleet, Java and JMeter",
                tagSpecifications: [
                    TagSpecification("image", own), TagSpecification("snapshot", own),
                ]))
        onProgress("making \(id)")
        do {
            try await wait(within: Self.making, for: "\(id) does not get done") {
                let images = try await self.caller.send(
                    DescribeImages(imageIDs: [id]), fresh: true
                ).images
                let state = images.first?.state ?? "pending"
                guard ["pending", "available"].contains(state) else {
                    let reason = images.first?.stateReason.map { ": \($0)" } ?? ""
                    throw ImageError.failed(reason: "\(id) is \(state)\(reason)")
                }
                return state == "available"
            }
            return id
        } catch {
            let shelf = ImageShelf(
                client: caller.client, region: plan.region, clock: caller.clock)
            // A failure here must not hide why it came to this; `image list` shows what is left.
            try? await Task { try await shelf.remove(try await shelf.image(id)) }.value
            throw error
        }
    }

    // MARK: - Waiting

    /// The instance's state; `nil` while EC2 does not show it yet.
    private func state(of instance: String) async throws -> String? {
        let filter = Filter("instance-id", instance)
        return try await caller.pages(of: DescribeInstances(filters: [filter]))
            .flatMap(\.instances).first?.state
    }

    private func wait(
        within limit: Duration, for what: String, until isSo: () async throws -> Bool
    ) async throws {
        let deadline = caller.clock.elapsed() + limit
        while try await !isSo() {
            guard caller.clock.elapsed() < deadline else { throw ImageError.failed(reason: what) }
            try await caller.clock.sleep(.seconds(3))
        }
    }
}
