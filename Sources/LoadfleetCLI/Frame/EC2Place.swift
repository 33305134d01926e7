// Joins up what a fleet on EC2 needs of an account: a client of its region, the foundation, and the
// store that stands in its bucket.
import AWS
import Fleet
import JMeter
import Store

/// An account's region in which fleets can live.
struct EC2Place: Sendable {
    private let context: Context
    private let settings: EC2Settings
    private let client: AWSClient
    private let foundation: Foundation
    let region: String
    let store: S3Store

    /// Finds out where the account keeps things.
    ///
    /// - Throws: ``AccessError``, ``CallError``, or ``FleetError/impossible(_:hint:)`` when it has
    ///   no place for the store.
    init(_ context: Context, _ settings: EC2Settings) async throws {
        let access = try AWSAccess(context, explicit: ExplicitAccess(region: settings.region))
        self.settings = settings
        self.context = context
        client = try await access.regionalClient()
        region = try await access.configuration.region(asking: access.transport).value
        foundation = try await Foundation.read(client).with(settings)
        guard let bucket = foundation.bucket, let logGroup = foundation.logGroup else {
            let missing = foundation.bucket == nil ? "ec2.bucket" : "ec2.log-group"
            throw FleetError.impossible(
                "the account has nothing for \(missing) in \(region)",
                hint: "make it once with: loadfleet bootstrap")
        }
        store = S3Store(client: client, bucket: bucket, logGroup: logGroup)
    }

    /// The place that the settings name, for a command without a fleet.
    ///
    /// - Throws: ``EnvironmentError``, ``UsageFailure`` when the environment is not of AWS, and
    ///   what finding the foundation throws.
    static func open(_ invocation: Invocation) async throws -> (EC2Place, Environment) {
        let environment = try invocation.settings().environment
        guard let settings = environment.ec2 else {
            throw UsageFailure(
                message: "the environment '\(environment.name)' is not on EC2",
                hint: "name one of provider ec2 with --config")
        }
        return (try await EC2Place(invocation.context, settings), environment)
    }

    /// Fleets here, none of which can be started before there is software for them.
    func provider() -> EC2Provider {
        EC2Provider(
            client: client, store: store, settings: settings, foundation: foundation,
            region: region,
            nodes: EC2Provider.Nodes(
                objectsURL: AWSConfiguration.url(ofBucket: store.bucket, region: region)),
            user: context.user)
    }

    /// Puts the nodes' programs into the bucket: this program, and the JMeter of this machine.
    ///
    /// - Throws: errors of the rooms.
    func placeSoftware(of jmeter: JMeterInstallation) async throws -> Software {
        let archive = try await JMeterArchive.make(of: jmeter, in: context.cacheFolder)
        return try await Software.place(
            program: context.executable, jmeter: archive, architecture: settings.architecture,
            in: store)
    }
}
