// The account and region that a command about AWS itself works in, without a fleet.
import AWS
import Fleet

/// One region, as the settings or AWS's own configuration name it.
struct AWSSite: Sendable {
    let access: AWSAccess
    let client: AWSClient
    let region: String
    /// Whether the settings describe fleets on EC2.
    let hasFleets: Bool

    /// Finds the region and the credentials.
    ///
    /// - Throws: ``EnvironmentError``, or ``AccessError`` when nothing says which region.
    init(_ invocation: Invocation) async throws {
        let environment = try invocation.settings().environment
        let access = try AWSAccess(
            invocation.context, explicit: ExplicitAccess(region: environment.ec2?.region))
        self.access = access
        hasFleets = environment.ec2 != nil
        client = try await access.regionalClient()
        region = try await access.configuration.region(asking: access.transport).value
    }
}
