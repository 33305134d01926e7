// The key that signs is derived from the secret in four steps and counts for one day, one region
// and one service; so it is derived once and kept.

private import Synchronization

/// The derived keys of the last scopes, for any number of signers at once.
package final class SigningKeys: Sendable {
    private struct Name: Hashable {
        let secret: String
        let day: String
        let region: String
        let service: String
    }

    private let keys = Mutex<[Name: [UInt8]]>([:])
    /// More than the services of a command, so that a long-lived one does not grow day by day.
    private let limit = 32

    /// No keys yet.
    package init() {}

    func key(
        for credential: Credential, day: String, scope: SigningScope
    ) throws(SigningError) -> [UInt8] {
        let name = Name(
            secret: credential.secretAccessKey, day: day, region: scope.region,
            service: scope.service)
        if let key = keys.withLock({ $0[name] }) { return key }
        var key = Array("AWS4\(name.secret)".utf8)
        for step in [day, scope.region, scope.service, "aws4_request"] {
            key = try SHA256.authenticate(Array(step.utf8), key: key)
        }
        let derived = key
        keys.withLock { keys in
            if keys.count >= limit { keys.removeAll() }
            keys[name] = derived
        }
        return derived
    }
}
