// The store as a prefix of an S3 bucket, with a log group of CloudWatch Logs for what is live.
//
// S3 reads what was written, and its conditional writes let one of several writers win. Whoever
// uses it must be allowed to list the bucket: without that, S3 calls a missing object forbidden.

package import AWS
package import FoundationEssentials

/// A store kept in S3.
package struct S3Store: StoreWithLog {
    package let location: String
    let client: AWSClient
    package let bucket: String
    /// What stands before every key: nothing, or segments with a `/` after each.
    let prefix: String
    package let logGroup: String
    private let logClocks = LogClocks()

    /// The time for a call about one small object; what is larger has an hour.
    static let callLimit: Duration = .seconds(30)

    /// A store in a bucket that is there already.
    ///
    /// - Parameters:
    ///   - client: Calls S3 and CloudWatch Logs.
    ///   - bucket: The bucket's name.
    ///   - prefix: Stands before every key; with or without a `/` at its end.
    ///   - logGroup: Holds the logs, a stream for each run.
    package init(client: AWSClient, bucket: String, prefix: String = "", logGroup: String) {
        let segments = prefix.split(separator: "/")
        self.client = client
        self.bucket = bucket
        self.prefix = segments.map { $0 + "/" }.joined()
        self.logGroup = logGroup
        location = (["s3://" + bucket] + segments.map(String.init)).joined(separator: "/")
    }

    package var now: Date { client.now(at: .s3) }
    package var recommendedPoll: Duration { .seconds(1) }

    package func read(_ key: StoreKey) async throws -> Data? { try await readTagged(key)?.data }

    package func readTagged(_ key: StoreKey) async throws -> TaggedObject? {
        do throws(CallError) {
            let object = try await client.send(
                GetObject(bucket, prefix + key.path), within: Self.callLimit)
            return TaggedObject(data: Data(object.body), tag: object.head.eTag)
        } catch {
            if error.code == Self.noSuchKey { return nil }
            throw failure("read", key, error)
        }
    }

    package func write(_ data: Data, to key: StoreKey) async throws {
        do throws(CallError) {
            try await put(data, to: key, when: nil)
        } catch {
            throw failure("write", key, error)
        }
    }

    package func create(_ data: Data, at key: StoreKey) async throws -> Bool {
        try await put(data, to: key, onlyWhen: .absent)
    }

    package func replace(_ key: StoreKey, with data: Data, ifTagged tag: String) async throws
        -> Bool
    {
        try await put(data, to: key, onlyWhen: .unchanged(eTag: tag))
    }

    package func delete(_ key: StoreKey) async throws {
        do throws(CallError) {
            _ = try await client.send(
                DeleteObject(bucket, prefix + key.path), within: Self.callLimit)
        } catch {
            throw failure("delete", key, error)
        }
    }

    package func liveLog(of run: String, node: String?) -> any LiveLog {
        let stream = "runs/\(run)" + (node.map { "/\($0)" } ?? "")
        return CloudWatchLog(client: client, group: logGroup, stream: stream, clocks: logClocks)
    }

    // MARK: - Conditional writes

    private static let noSuchKey = "NoSuchKey"

    private func put(
        _ data: Data, to key: StoreKey, when condition: ObjectCondition?
    ) async throws(CallError) {
        _ = try await client.send(
            PutObject(bucket, prefix + key.path, bytes: Array(data), condition: condition),
            within: Self.callLimit)
    }

    /// Writes under a condition; `false` if it did not hold.
    private func put(
        _ data: Data, to key: StoreKey, onlyWhen condition: ObjectCondition
    ) async throws -> Bool {
        do throws(CallError) {
            try await put(data, to: key, when: condition)
            return true
        } catch {
            switch error.code {
            case "PreconditionFailed" where error.mayHaveBeenApplied:
                // An attempt whose answer was lost may be what stands in its own way now.
                return try await read(key) == data
            case "PreconditionFailed", Self.noSuchKey: return false
            default: throw failure("write", key, error)
            }
        }
    }

    /// The error for a person: AWS's own sentence, and what to do about it.
    func failure(_ operation: String, _ key: StoreKey, _ error: CallError) -> StoreError {
        .of(error, operation: operation, what: location + "/" + key.path)
    }
}

extension StoreError {
    /// A call that failed, as the store's error.
    static func of(_ error: CallError, operation: String, what: String) -> StoreError {
        error.isDenial
            ? .denied(
                operation: operation, what: what, reason: error.message, hint: error.hint)
            : .failed(
                operation: operation, what: what, reason: error.message, hint: error.hint)
    }
}

extension CallError {
    /// Whether the trouble is with credentials: none, over, or not allowed to.
    var isDenial: Bool {
        switch reason {
        case .access: true
        case .refused(let fault): fault.status == 401 || fault.status == 403
        case .unreachable, .unreadable, .unsendable: false
        }
    }
}
