import Foundation
import SigV4
import Synchronization
import Testing

@testable import AWS

@Suite struct CredentialCacheTests {
    /// A clock that a test moves, and a source that answers what a test says.
    private final class Stage: CredentialSource, Sendable {
        let time = Mutex(Date(timeIntervalSince1970: 1_000_000))
        let answer = Mutex<Result<Grant, AccessError>?>(nil)
        let asked = Mutex(0)

        var now: Date { time.withLock { $0 } }

        func grant() async throws(AccessError) -> Grant {
            asked.withLock { $0 += 1 }
            guard let answer = answer.withLock({ $0 }) else {
                throw AccessError(.sourceFailed, "no answer was prepared")
            }
            return try answer.get()
        }
    }

    private static func grant(_ key: String, until: Date?) -> Grant {
        Grant(
            Credential(accessKeyID: key, secretAccessKey: "s", sessionToken: nil),
            expiration: until, source: "test")
    }

    @Test(.enabled(if: Vectors.present))
    func `refreshes as all SDKs agreed to, 23 cases`() async throws {
        let tests = try Vectors.json("credential-refresh-tests.json").list
        #expect(tests.count == 23)
        for test in tests { try await run(test) }
    }

    private func run(_ test: JSON) async throws {
        let stage = Stage()
        let given = test["given"]
        let holdBack = given["refreshBackoffSeconds"].int ?? 420
        let cache = CredentialCache(
            stage, now: { stage.now },
            advisoryWindow: given["configuredAdvisoryWindowSeconds"].int.map { .seconds($0) },
            holdBack: { .seconds(holdBack) })
        let left: [String: Double] = [
            "valid": 7200, "advisory": 600, "mandatory": 30, "expired": -60,
        ]
        let oldKey = given["accessKeyId"].string ?? "AKID-OLD"
        if let left = left[given["cachedCredentials"].string ?? ""] {
            await cache.hold(
                Self.grant(oldKey, until: stage.now.addingTimeInterval(left)),
                window: .seconds(900))
        }
        for step in test["steps"].list {
            let name = Comment(rawValue: test["documentation"].string ?? "")
            switch step["type"].string {
            case "advanceTime":
                stage.time.withLock { $0 += Double(step["seconds"].int ?? 0) }
            case "invalidate":
                await cache.reject(keyID: step["rejectedAccessKeyId"].string ?? "")
            default:
                try await look(step, stage: stage, cache: cache, name)
            }
        }
    }

    private func look(_ step: JSON, stage: Stage, cache: CredentialCache, _ name: Comment)
        async throws
    {
        let lifetime = Double(step["lifetimeSeconds"].int ?? 3600)
        let answers: [String: Result<Grant, AccessError>] = [
            "freshCredentials": .success(
                Self.grant("AKID-NEW", until: stage.now.addingTimeInterval(lifetime))),
            "staleCredentials": .success(
                Self.grant("AKID-STALE", until: stage.now.addingTimeInterval(-1))),
            "error": .failure(AccessError(.sourceFailed, "may pass")),
            "nonRecoverableError": .failure(AccessError(.refused, "will not pass")),
        ]
        stage.answer.withLock { $0 = step["response"].string.flatMap { answers[$0] } }
        stage.asked.withLock { $0 = 0 }
        let expected = step["expected"]
        let result: Result<CredentialCache.Lookup, AccessError>
        do { result = .success(try await cache.lookup()) } catch { result = .failure(error) }
        #expect((stage.asked.withLock { $0 } > 0) == expected["sourceContacted"].bool, name)
        switch (expected["result"].string, result) {
        case ("newCredentials", .success(let lookup)):
            #expect(lookup.grant.credential.accessKeyID == "AKID-NEW", name)
        case ("cachedCredentials", .success(let lookup)):
            #expect(lookup.grant.credential.accessKeyID != "AKID-NEW", name)
            #expect(lookup.grant.credential.accessKeyID != "AKID-STALE", name)
            #expect(lookup.isHeldBack == expected["rateLimited"].bool, name)
        case ("nonRecoverableError", .failure(let error)):
            #expect(error.kind == .refused, name)
        case ("noCredentialsError", .failure(let error)):
            #expect(error.kind == .sourceFailed, name)
        default:
            Issue.record("\(name): \(result)")
        }
        if let window = expected["advisoryWindowSeconds"].int {
            #expect(await cache.advisoryWindow == .seconds(window), name)
        }
    }

    @Test func `many callers at once make one fetch`() async throws {
        let stage = Stage()
        let until = stage.now.addingTimeInterval(3600)
        stage.answer.withLock { $0 = .success(Self.grant("AKID-ONE", until: until)) }
        let cache = CredentialCache(stage, now: { stage.now })
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 {
                group.addTask { try await cache.grant().credential.accessKeyID }
            }
            for try await key in group { #expect(key == "AKID-ONE") }
        }
        #expect(stage.asked.withLock { $0 } == 1)
    }

    @Test func `a credential without an end is fetched once`() async throws {
        let stage = Stage()
        stage.answer.withLock { $0 = .success(Self.grant("AKID-EVER", until: nil)) }
        let cache = CredentialCache(stage, now: { stage.now })
        _ = try await cache.grant()
        stage.time.withLock { $0 += 1e9 }
        _ = try await cache.grant()
        #expect(stage.asked.withLock { $0 } == 1)
    }

    @Test func `no way of printing a grant shows its secrets`() {
        let grant = Grant(
            Credential(
                accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "canary-secret",
                sessionToken: "canary-token"), source: "a file")
        var dumped = ""
        dump(grant, to: &dumped)
        dump([grant], to: &dumped)
        let texts = [
            "\(grant)", String(reflecting: grant), "\([grant])", "\(Optional(grant) as Any)",
            dumped,
        ]
        for text in texts { #expect(!text.contains("canary")) }
        #expect("\(grant)" == "credential …MPLE from a file")
    }
}
