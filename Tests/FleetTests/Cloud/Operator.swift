// Somebody with a command line: a process of their own, and nothing but the cloud and the store.

import FoundationEssentials
import HTTP
import SigV4
import Store
import Synchronization
import Testing

@testable import AWS
@testable import Fleet

/// Credentials that nobody checks.
struct AnyCredential: CredentialProvider {
    func credential() async throws(AccessError) -> Credential {
        Credential(accessKeyID: "AKIAEXAMPLE", secretAccessKey: "secret-canary")
    }
    func reject(keyID: String) async {}
}

/// One process that works on fleets.
struct Operator: Sendable {
    let cloud: FakeCloud
    let life: Mortality
    let provider: EC2Provider
    let fleets: FleetLife

    init(
        _ cloud: FakeCloud, life: Mortality = Mortality(), settings: EC2Settings = .standard(),
        lockDuration: Duration = .seconds(40),
        before: @escaping @Sendable (String) async throws -> Void = { _ in }
    ) {
        self.cloud = cloud
        self.life = life
        let time = cloud.time
        let sleep: @Sendable (Duration) async throws -> Void = { wait in
            try Task.checkCancellation()
            guard !life.isDead else { throw CancellationError() }
            time.pass(wait)
        }
        let client = AWSClient(
            endpoints: { service in
                Endpoint(
                    url: "https://\(service.endpointPrefix).fake.test", configuredBy: nil,
                    service: service, region: "eu-test-1")
            }, credentials: AnyCredential(),
            transport: ProcessTransport(cloud: cloud, life: life, before: before), sleep: sleep)
        let clock = FleetClock(now: { time.now }, elapsed: { time.elapsed }, sleep: sleep)
        let store = ProcessStore(memory: cloud.memory, life: life)
        var foundation = Foundation(outputs: [
            "Bucket": "bucket", "SecurityGroup": "sg-12345678", "NodeProfile": "node",
            "ControllerProfile": "controller",
            "SpotFleetRole": "arn:aws:iam::123456789012:role/spot",
            "SchedulerRole": "arn:aws:iam::123456789012:role/reaper",
        ])
        foundation.logGroup = "loadfleet"
        let item = Software.Item(
            key: StoreKey(unchecked: "software/x"), sha256: String(repeating: "0", count: 64))
        var provider = EC2Provider(
            client: client, store: store, settings: settings, foundation: foundation,
            region: "eu-test-1",
            nodes: EC2Provider.Nodes(
                software: Software(program: item, jmeter: item),
                objectsURL: "https://bucket.s3.eu-test-1.amazonaws.com/prefix"),
            user: "tester@here", clock: clock)
        provider.lockDuration = lockDuration
        self.provider = provider
        fleets = FleetLife(store: store, provider: provider, clock: clock)
    }

    @discardableResult
    func up(_ workers: Int, minWorkers: Int? = nil) async throws -> UpReport {
        try await fleets.up(.of(workers, minWorkers: minWorkers)) { _ in }
    }

    /// Another process, somewhere else, after locks of the dead have ended by themselves.
    static func down(_ cloud: FakeCloud) async throws {
        for object in cloud.memory.paths("locks/") { cloud.memory.delete(object.path) }
        _ = try await Operator(cloud).fleets.down("shop")
    }
}

extension FleetSpec {
    static func of(_ workers: Int, minWorkers: Int? = nil) -> FleetSpec {
        FleetSpec(
            name: "shop", provider: "ec2", workers: workers, minWorkers: minWorkers,
            lease: .seconds(7_200), readyTimeout: .seconds(600),
            tuning: NodeTuning(
                jmeterHome: "", javaPath: "", heapBytes: 1 << 30, heartbeatSeconds: 1,
                lostAfterSeconds: 30, pollSeconds: 1, deliverySeconds: 5, rmiPorts: nil),
            requestedBy: "tester@here")
    }
}

extension EC2Settings {
    /// Two types in two zones.
    static func standard(
        minWorkers: Int = 1, onDemandFallback: Bool = false, capacity: String = "ec2-fleet",
        spotFleetType: String = "request", maxCost: Double? = nil, image: String = "ami-12345678",
        securityGroup: String? = nil
    ) -> EC2Settings {
        EC2Settings(
            region: nil, choice: .types(["c6i.xlarge", "c5.xlarge"]), architecture: "x86-64",
            controllerType: "c6i.large", controllerIsSpot: false, image: image, subnets: [],
            securityGroup: securityGroup, bucket: nil, logGroup: nil, instanceProfile: nil,
            volumeBytes: 20 << 30, capacity: capacity, spotFleetType: spotFleetType,
            onDemandFallback: onDemandFallback, minWorkers: minWorkers, maxCostDollars: maxCost,
            replacesWorkers: false, tags: ["project": "shop"])
    }
}
