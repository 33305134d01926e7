// Where a store is, as a command line names it, and how it is opened.
import AWS
import Store

/// A folder, or a prefix of an S3 bucket.
enum StorePlace: Sendable, Equatable {
    case folder(String)
    case s3(bucket: String, prefix: String)

    /// Reads `s3://bucket/prefix`, or else a folder's path.
    ///
    /// - Throws: ``UsageFailure`` for a URL without a bucket, or of another kind.
    init(_ text: String) throws(UsageFailure) {
        guard let mark = text.firstRange(of: "://") else {
            self = .folder(text)
            return
        }
        let parts = text[mark.upperBound...].split(separator: "/", omittingEmptySubsequences: false)
        guard text[..<mark.lowerBound] == "s3", let bucket = parts.first, !bucket.isEmpty else {
            throw UsageFailure(
                message: "'\(text)' names no store",
                hint: "a store is s3://BUCKET/PREFIX, or a folder")
        }
        self = .s3(bucket: String(bucket), prefix: parts.dropFirst().joined(separator: "/"))
    }

    /// Opens the store with what it needs: AWS and a log group for S3, nothing for a folder.
    ///
    /// - Throws: ``UsageFailure`` without a log group, or errors of the rooms.
    func open(logGroup: String?, access: AWSAccess?) async throws -> any StoreWithLog {
        switch self {
        case .folder(let path): return try FolderStore(at: path)
        case .s3(let bucket, let prefix):
            guard let logGroup, let access else {
                throw UsageFailure(
                    message: "a store in S3 needs a log group for what is live",
                    hint: "name it with --log-group")
            }
            return S3Store(
                client: try await access.regionalClient(), bucket: bucket, prefix: prefix,
                logGroup: logGroup)
        }
    }
}

extension AWSAccess {
    /// What sends calls, to the configured region or the one of the EC2 instance that this is.
    ///
    /// - Throws: ``AccessError`` when nothing says which.
    func regionalClient() async throws(AccessError) -> AWSClient {
        let region = try await configuration.region(asking: transport)
        return try AWSClient(
            configuration.renewed(region: region.value), credentials: credentials,
            transport: transport)
    }
}
