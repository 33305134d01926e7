// Removes the foundation. The bucket outlives its stack: results are not thrown away by the way.

package import AWS

/// The end of a foundation.
package struct FoundationRemoval: Sendable {
    /// What there is to be removed.
    package struct Found: Sendable, Equatable {
        /// The stack's id; `nil` when there is none.
        package let stackID: String?
        /// The bucket; `nil` when there is none.
        package let bucket: String?
        /// The log group, which goes with the stack.
        package let logGroup: String?
    }

    let caller: EC2Caller
    let region: String

    /// The removal from one region.
    package init(client: AWSClient, region: String, clock: FleetClock = .system) {
        caller = EC2Caller(client: client, clock: clock)
        self.region = region
    }

    /// Looks for what there is.
    ///
    /// - Throws: ``FoundationError/inUse(fleets:)``, ``FoundationError/busy(status:)``, or
    ///   ``CallError``.
    package func find() async throws -> Found {
        let stack = try await FoundationStack.find(caller)
        if let status = stack?.status, status.hasSuffix("_IN_PROGRESS"),
            status != "REVIEW_IN_PROGRESS"
        {
            throw FoundationError.busy(status: status)
        }
        let fleets = try await fleets()
        guard fleets.isEmpty else { throw FoundationError.inUse(fleets: fleets) }
        let account = try await caller.send(GetCallerIdentity()).account
        let bucket = stack?.outputs["Bucket"] ?? "loadfleet-\(account)-\(region)"
        return Found(
            stackID: stack?.id,
            bucket: try await FoundationStack.exists(bucket, caller) ? bucket : nil,
            logGroup: stack?.outputs["LogGroup"])
    }

    /// The names of fleets of which something is there.
    private func fleets() async throws -> [String] {
        let instances = try await caller.pages(
            of: DescribeInstances(filters: FleetTags.filters(), maxResults: 1_000)
        ).flatMap(\.instances).filter { InstanceStates.present.contains($0.state) }
        let templates = try await caller.pages(
            of: DescribeLaunchTemplates(filters: FleetTags.filters())
        ).flatMap(\.templates)
        let names = (instances.map(\.tags) + templates.map(\.tags))
            .compactMap { FleetTags.value(FleetTags.fleet, in: $0) }
        return Set(names).sorted()
    }

    /// Removes the stack, and with `takesBucket` the bucket with everything in it.
    ///
    /// - Throws: ``FoundationError`` or ``CallError``.
    package func run(
        _ found: Found, takesBucket: Bool, within limit: Duration,
        onProgress: @Sendable (StackProgress) -> Void
    ) async throws {
        if let stackID = found.stackID {
            try await FoundationStack.remove(stackID, caller, within: limit, onProgress)
        }
        if takesBucket, let bucket = found.bucket { try await remove(bucket) }
    }

    private func remove(_ bucket: String) async throws {
        // Whoever still writes is up against the emptying; a few rounds are enough for anybody else.
        for _ in 0..<5 {
            try await empty(bucket)
            do {
                _ = try await caller.send(DeleteBucket(bucket))
                return
            } catch let error as CallError where error.code == "BucketNotEmpty" {
                continue
            } catch let error as CallError where error.code == "NoSuchBucket" {
                return
            }
        }
        throw FoundationError.bucketRemains(bucket, reason: "somebody keeps writing to it")
    }

    private func empty(_ bucket: String) async throws {
        while case let uploads = try await caller.send(ListMultipartUploads(bucket)),
            !uploads.isEmpty
        {
            for upload in uploads {
                do {
                    _ = try await caller.send(
                        AbortMultipartUpload(bucket, upload.key, uploadID: upload.uploadID))
                } catch let error as CallError where error.code == "NoSuchUpload" {
                    // Completed or given up in the meantime.
                }
            }
        }
        while case let versions = try await caller.send(ListObjectVersions(bucket)),
            !versions.isEmpty
        {
            let failures = try await caller.send(DeleteObjects(bucket, objects: versions))
            if let first = failures.first {
                throw FoundationError.bucketRemains(
                    bucket, reason: "\(first.key): \(first.message ?? first.code)")
            }
        }
    }
}
