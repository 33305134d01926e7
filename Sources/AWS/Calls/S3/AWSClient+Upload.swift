// Sends files to S3: small ones at once, large ones in parts, several of them under way at a time.
// A part is read from the file while it is sent, so memory does not grow with the file.

internal import Glibc
internal import HTTP

/// Where a file goes in S3, and how.
package struct Upload: Sendable {
    /// The file, which must stay as it is meanwhile.
    package var path: String
    /// The bucket.
    package var bucket: String
    /// The key.
    package var key: String
    /// As in `text/csv`.
    package var contentType: String?
    /// When it may happen.
    package var condition: ObjectCondition?
    /// Bytes in a part; larger where a file would have more than 10,000 of them.
    package var partSize: Int64 = 16 << 20
    /// Parts under way at a time.
    package var partsAtOnce = 4

    /// A file and its place.
    package init(
        path: String, bucket: String, key: String, contentType: String? = nil,
        condition: ObjectCondition? = nil
    ) {
        self.path = path
        self.bucket = bucket
        self.key = key
        self.contentType = contentType
        self.condition = condition
    }

    /// The parts of a file of so many bytes.
    func parts(size: Int64) -> [(number: Int, offset: Int64, count: Int64)] {
        let length = max(partSize, (size + 9_999) / 10_000)
        return (0..<(size + length - 1) / length).map { index in
            (Int(index) + 1, index * length, min(length, size - index * length))
        }
    }
}

extension AWSClient {
    /// Sends a file within `limit`, and gives the object's ETag.
    ///
    /// When it fails, nothing is left behind that costs money.
    ///
    /// - Throws: ``CallError``.
    package func upload(
        _ upload: Upload, within limit: Duration = .seconds(3600)
    ) async throws(CallError) -> String {
        let deadline = ContinuousClock.now + limit
        let size = try fileSize(upload)
        guard size > upload.partSize else {
            let whole = PutObject(
                upload.bucket, upload.key,
                body: .file(path: upload.path, offset: 0, count: size),
                contentType: upload.contentType, condition: upload.condition)
            return try await send(whole, within: limit).eTag
        }
        let begin = CreateMultipartUpload(
            upload.bucket, upload.key, contentType: upload.contentType)
        let id = try await send(begin, within: limit)
        do throws(CallError) {
            let parts = try await send(upload.parts(size: size), of: upload, id: id, by: deadline)
            return try await complete(upload, id: id, parts: parts, size: size, by: deadline)
        } catch {
            await abort(upload, id: id)
            throw error
        }
    }

    /// Sends the parts of a file, a bounded number at a time.
    private func send(
        _ parts: [(number: Int, offset: Int64, count: Int64)], of upload: Upload, id: String,
        by deadline: ContinuousClock.Instant
    ) async throws(CallError) -> [CompletedPart] {
        var waiting = parts[...]
        var done: [CompletedPart] = []
        let result = await withTaskGroup(of: Result<CompletedPart, CallError>.self) { group in
            func start() {
                guard let part = waiting.popFirst() else { return }
                let call = UploadPart(
                    upload.bucket, upload.key, uploadID: id, number: part.number,
                    body: .file(path: upload.path, offset: part.offset, count: part.count))
                group.addTask { await self.sent(call, by: deadline) }
            }
            for _ in 0..<max(1, upload.partsAtOnce) { start() }
            while let part = await group.next() {
                switch part {
                case .success(let part): done.append(part)
                case .failure(let error):
                    group.cancelAll()
                    return Result<Void, CallError>.failure(error)
                }
                start()
            }
            return .success(())
        }
        try result.get()
        return done.sorted { $0.number < $1.number }
    }

    private func sent(
        _ part: UploadPart, by deadline: ContinuousClock.Instant
    ) async -> Result<CompletedPart, CallError> {
        do throws(CallError) {
            let eTag = try await send(part, within: deadline - .now)
            return .success(CompletedPart(number: part.number, eTag: eTag))
        } catch {
            return .failure(error)
        }
    }

    /// Completes an upload; one that S3 no longer knows after a lost answer may be complete.
    private func complete(
        _ upload: Upload, id: String, parts: [CompletedPart], size: Int64,
        by deadline: ContinuousClock.Instant
    ) async throws(CallError) -> String {
        let call = CompleteMultipartUpload(
            upload.bucket, upload.key, uploadID: id, parts: parts, condition: upload.condition)
        do throws(CallError) {
            return try await send(call, within: deadline - .now)
        } catch {
            guard error.code == "NoSuchUpload", error.mayHaveBeenApplied else { throw error }
            let head = try await send(
                HeadObject(upload.bucket, upload.key), within: deadline - .now)
            guard head.contentLength == size, head.eTag.hasSuffix("-\(parts.count)\"") else {
                throw error
            }
            return head.eTag
        }
    }

    /// Gives an upload up, even when the task is cancelled; what can't be given up now, the
    /// bucket's lifecycle rule ends.
    private func abort(_ upload: Upload, id: String) async {
        let call = AbortMultipartUpload(upload.bucket, upload.key, uploadID: id)
        _ = await Task { try? await self.send(call, within: .seconds(20)) }.value
    }

    private func fileSize(_ upload: Upload) throws(CallError) -> Int64 {
        var status = stat()
        if stat(upload.path, &status) == 0 { return Int64(status.st_size) }
        throw CallError(
            reason: .unsendable(
                "cannot read \(upload.path)", hint: "check the path and its permissions"),
            operation: PutObject.name, service: .s3, region: nil, stop: nil, attempts: 0,
            mayHaveBeenApplied: false)
    }
}
