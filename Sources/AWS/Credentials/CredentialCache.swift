// Keeps a credential until shortly before it ends and fetches the next one in time.
//
// The rules are those AWS's SDKs share. Long before the end (the advisory window) one caller
// fetches anew while the others go on with what there is; close to the end, all wait for it. A
// source that fails is left alone for some minutes, and what there is stays in use, even past its
// end: AWS may still take it, and its refusal says more than a guess of ours. A source that says
// no is believed at once.

package import FoundationEssentials
package import SigV4

/// The credential that all calls share.
package actor CredentialCache: CredentialProvider {
    /// What a call of ``lookup()`` did.
    struct Lookup: Sendable {
        let grant: Grant
        /// Whether the source was asked for it.
        let askedSource: Bool
        /// Whether the source was due to be asked, but is left alone after a failure.
        let isHeldBack: Bool
    }

    private let source: any CredentialSource
    private let now: @Sendable () -> Date
    private let configuredWindow: Duration?
    private let holdBack: @Sendable () -> Duration

    private var current: Grant?
    private var window = Duration.zero
    private var heldBackUntil: Date?
    private var isRejected = false
    private var fetch: Task<Grant, any Error>?

    /// A cache in front of a source.
    ///
    /// - Parameters:
    ///   - source: Who gives credentials.
    ///   - now: The time of day.
    ///   - advisoryWindow: How long before the end a new credential is fetched; by default it
    ///     depends on how long the credential is good for.
    ///   - holdBack: How long a source that failed is left alone; by default 5 to 10 minutes.
    package init(
        _ source: any CredentialSource, now: @escaping @Sendable () -> Date = { Date() },
        advisoryWindow: Duration? = nil,
        holdBack: @escaping @Sendable () -> Duration = { .seconds(Double.random(in: 300..<600)) }
    ) {
        self.source = source
        self.now = now
        self.configuredWindow = advisoryWindow
        self.holdBack = holdBack
    }

    /// The credential to sign with now.
    ///
    /// - Throws: ``AccessError`` when there is none, or the source says no.
    package func grant() async throws(AccessError) -> Grant {
        try await lookup().grant
    }

    /// The credential to sign with now, without what is known about it.
    ///
    /// - Throws: ``AccessError`` when there is none, or the source says no.
    package func credential() async throws(AccessError) -> Credential {
        try await lookup().grant.credential
    }

    /// Reports that AWS refused a credential, so that the next call fetches a new one.
    ///
    /// - Parameter keyID: The refused credential's key id; one that is no longer in use changes
    ///   nothing.
    package func reject(keyID: String) {
        if current?.credential.accessKeyID == keyID { isRejected = true }
    }

    /// How long before its end the current credential is replaced.
    var advisoryWindow: Duration { window }

    /// The advisory window for a credential that is good for a time.
    static func advisoryWindow(lifetime: Duration) -> Duration {
        if lifetime <= .seconds(20 * 60) { return .seconds(5 * 60) }
        return lifetime < .seconds(90 * 60) ? .seconds(15 * 60) : .seconds(60 * 60)
    }

    func lookup() async throws(AccessError) -> Lookup {
        guard let current else { return try await firstLookup() }
        let left = current.expiration.map { $0.timeIntervalSince(now()) } ?? .infinity
        guard isRejected || left <= window / .seconds(1) else {
            return Lookup(grant: current, askedSource: false, isHeldBack: false)
        }
        if let heldBackUntil, now() < heldBackUntil {
            return Lookup(grant: current, askedSource: false, isHeldBack: true)
        }
        // Someone else is fetching; with time left there is no need to wait.
        if fetch != nil, !isRejected, left > Self.mandatorySeconds {
            return Lookup(grant: current, askedSource: false, isHeldBack: false)
        }
        do {
            return Lookup(grant: try await fetched(), askedSource: true, isHeldBack: false)
        } catch  where error.kind != .sourceFailed {
            throw error
        } catch {
            return Lookup(grant: self.current ?? current, askedSource: true, isHeldBack: false)
        }
    }

    /// With less left than this, callers wait for a fetch that is under way.
    private static let mandatorySeconds = 60.0

    private func firstLookup() async throws(AccessError) -> Lookup {
        do {
            return Lookup(grant: try await fetched(), askedSource: true, isHeldBack: false)
        } catch {
            // There is nothing to go on with, so the next caller may ask again at once.
            heldBackUntil = nil
            throw error
        }
    }
}

// MARK: - Fetching

extension CredentialCache {
    /// Joins a fetch under way, or starts one.
    private func fetched() async throws(AccessError) -> Grant {
        let task = fetch ?? Task { try await self.ask() }
        fetch = task
        do {
            return try await task.value
        } catch let error as AccessError {
            throw error
        } catch {
            throw AccessError(.sourceFailed, "asking for credentials failed: \(error)")
        }
    }

    /// Asks the source and keeps what it gives.
    private func ask() async throws(AccessError) -> Grant {
        defer { fetch = nil }
        do {
            let grant = try await source.grant()
            try keep(grant)
            return grant
        } catch {
            if error.kind == .sourceFailed {
                heldBackUntil = now().addingTimeInterval(holdBack() / .seconds(1))
            }
            throw error
        }
    }

    private func keep(_ grant: Grant) throws(AccessError) {
        let left = grant.expiration.map { $0.timeIntervalSince(now()) }
        if let left, left <= 0 {
            throw AccessError(
                .sourceFailed, "\(grant.source) gave credentials that have expired",
                hint: "check the clock of this machine, then that source")
        }
        current = grant
        isRejected = false
        heldBackUntil = nil
        window =
            configuredWindow ?? left.map { Self.advisoryWindow(lifetime: .seconds($0)) } ?? .zero
    }

    /// Puts a credential into the cache as if it had been fetched, for tests.
    func hold(_ grant: Grant, window: Duration) {
        current = grant
        self.window = configuredWindow ?? window
    }
}
