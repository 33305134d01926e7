// The key that signs is derived from the secret in four steps and counts for one day, one region
// and one service; so it is derived once and kept.

private import Synchronization

/// The derived keys of the last scopes, for any number of signers at once.
package final class SigningKeys: Sendable {
    /// A key and what it is good for.
    final class Entry: Sendable, CustomReflectable {
        private let secret: String
        private let day: Int64
        private let scope: SigningScope
        let key: AuthenticationKey
        /// The scope as signatures write it: `20150830/us-east-1/iam/aws4_request`.
        let scopeText: [UInt8]

        init(
            _ secret: String, _ day: Int64, _ scope: SigningScope, key: AuthenticationKey,
            scopeText: [UInt8]
        ) {
            (self.secret, self.day, self.scope) = (secret, day, scope)
            (self.key, self.scopeText) = (key, scopeText)
        }

        /// Nothing inside, since `dump` would print it.
        var customMirror: Mirror { Mirror(self, children: []) }

        func isFor(_ secret: String, _ day: Int64, _ scope: SigningScope) -> Bool {
            self.day == day && self.secret == secret && self.scope == scope
        }
    }

    /// For the signers that share these keys.
    let bench = SpareWorkbench()
    private let entries = Mutex<[Entry]>([])
    /// The services of a command, for two credentials; few enough to look through.
    private let limit = 16

    /// No keys yet.
    package init() {}

    func entry(
        for credential: Credential, at time: SigningTime, scope: SigningScope
    ) throws(SigningError) -> Entry {
        let (secret, day) = (credential.secretAccessKey, time.daysSince1970)
        let known = entries.withLock { entries in
            entries.first { $0.isFor(secret, day, scope) }
        }
        if let known { return known }
        let text = scope.text(at: time)
        let entry = Entry(secret, day, scope, key: try Self.derive(secret, text), scopeText: text)
        entries.withLock { entries in
            if entries.count >= limit { entries.removeFirst() }
            entries.append(entry)
        }
        return entry
    }

    private static func derive(
        _ secret: String, _ scope: [UInt8]
    ) throws(SigningError) -> AuthenticationKey {
        var bench = try Workbench()
        var key = try AuthenticationKey(Array("AWS4\(secret)".utf8), with: &bench.hash)
        for step in scope.split(separator: UInt8(ascii: "/")) {
            bench.text.removeAll()
            bench.text.append(Array(step))
            let code = try key.authenticate(bench.text, 0..<step.count, with: &bench.hash)
            key = try AuthenticationKey(code.bytes, with: &bench.hash)
        }
        return key
    }
}

extension SigningScope {
    /// The scope on one day, `20150830/us-east-1/iam/aws4_request`.
    func text(at time: SigningTime) -> [UInt8] {
        Array("\(time.stamp.prefix(8))/\(region)/\(service)/aws4_request".utf8)
    }
}
