// What takes the S3 store more than one request: listing, removing many, and large files.

internal import AWS
internal import FoundationEssentials

extension S3Store {
    package func list(prefix: String) async throws -> [StoreObject] {
        let pages: [ListObjectsV2.Answer]
        do throws(CallError) {
            pages = try await client.pages(
                of: ListObjectsV2(bucket, prefix: self.prefix + prefix), within: Self.callLimit)
        } catch {
            throw failure("list", StoreKey(unchecked: prefix), error)
        }
        return try pages.flatMap(\.objects).map { entry in
            guard let modified = entry.lastModified, let tag = entry.eTag else {
                throw StoreError.failed(
                    operation: "list", what: location + "/" + prefix,
                    reason: "the entry of \(entry.key) lacks its time or tag")
            }
            return StoreObject(
                key: StoreKey(unchecked: String(entry.key.dropFirst(self.prefix.count))),
                size: entry.size, modified: modified, tag: tag)
        }
    }

    /// What S3 removes in one call.
    private static let mostDeletions = 1000

    package func delete(_ keys: [StoreKey]) async throws {
        for start in stride(from: 0, to: keys.count, by: Self.mostDeletions) {
            let batch = keys[start..<min(start + Self.mostDeletions, keys.count)]
            let failures: [DeletionFailure]
            do throws(CallError) {
                failures = try await client.send(
                    DeleteObjects(bucket, keys: batch.map { prefix + $0.path }),
                    within: Self.callLimit)
            } catch {
                throw failure("delete", batch[start], error)
            }
            if let first = failures.first {
                throw StoreError.failed(
                    operation: "delete", what: "s3://\(bucket)/\(first.key)",
                    reason: "\(first.code): \(first.message ?? "AWS gives no reason")",
                    hint: "allow the action s3:DeleteObject in the policy of the credentials in use"
                )
            }
        }
    }

    package func upload(file path: String, to key: StoreKey) async throws {
        do throws(CallError) {
            _ = try await client.upload(
                Upload(path: path, bucket: bucket, key: prefix + key.path))
        } catch {
            throw failure("write", key, error)
        }
    }

    package func download(_ key: StoreKey, to path: String) async throws -> Bool {
        do throws(CallError) {
            _ = try await client.download(bucket, prefix + key.path, to: path)
            return true
        } catch {
            if error.code == "NoSuchKey" { return false }
            throw failure("read", key, error)
        }
    }
}
