// Fetches objects of S3 into files. What breaks off goes on where it stopped, as long as the
// object is the same one; nobody sees the file before it is whole.

internal import FoundationEssentials
internal import Glibc
internal import HTTP
internal import SigV4

extension AWSClient {
    /// Fetches an object into a file within `limit`, and gives what is known of it.
    ///
    /// A file that is there already is replaced when all of the object has come.
    ///
    /// - Throws: ``CallError``.
    package func download(
        _ bucket: String, _ key: String, to path: String,
        within limit: Duration = .seconds(3600)
    ) async throws(CallError) -> ObjectHead {
        var course = try course(
            of: GetObject.self, GetObject(bucket, key).request, within: limit)
        let partial = "\(path).\(UUID().uuidString.prefix(8)).part"
        defer { unlink(partial) }
        var download = Download(partial: partial)
        while true {
            download.prepare(&course)
            switch try await attempt(&course) {
            case .success(let response) where download.isWhole(with: response):
                return try finish(response, of: course, from: partial, to: path)
            case .success:
                download.startAgain()
                try await pause(
                    &course, .unreadable("a part that was not asked for"), kind: .transient)
            case .refused(let fault, _) where download.isOutdated(by: fault):
                download.startAgain()
                try await pause(&course, .refused(fault), kind: .transient)
            case .refused(let fault, let hint):
                try await pause(
                    &course, .refused(fault),
                    kind: .of(status: fault.status, code: fault.code), hint: hint)
            case .failed(let error):
                if download.keep(what: error) { course.renewAttempts(rules, bucket: self.bucket) }
                try await pause(
                    &course, .unreachable(error), kind: error.isTransient ? .transient : nil)
            case .again: continue
            }
        }
    }

    private func finish(
        _ response: HTTPResponse, of course: Course, from partial: String, to path: String
    ) throws(CallError) -> ObjectHead {
        let head: ObjectHead
        do throws(AnswerFault) {
            head = try ObjectHead(response)
        } catch {
            throw course.error(.unreadable(error.what), stop: nil)
        }
        guard rename(partial, path) == 0 else {
            let reason = String(cString: strerror(errno))
            throw course.error(
                .unreachable(.file(path: path, operation: "write", reason: reason)), stop: nil)
        }
        course.succeeded()
        return head
    }
}

/// How far a download has come.
private struct Download {
    let partial: String
    /// Bytes of the object that are in the file.
    private var offset: Int64 = 0
    /// Names the content they are of.
    private var eTag: String?

    init(partial: String) { self.partial = partial }

    /// Asks for what is missing.
    func prepare(_ course: inout Course) {
        course.sink = .file(path: partial, offset: offset)
        course.request.headers["Range"] = offset > 0 ? "bytes=\(offset)-" : nil
        course.request.headers["If-Match"] = offset > 0 ? eTag : nil
    }

    /// Whether the file is whole now: the answer was all of the object, which was written from 0
    /// on, or the very part that was missing.
    func isWhole(with response: HTTPResponse) -> Bool {
        response.status == 200 || continues(response)
    }

    /// Whether a part joins what is in the file.
    private func continues(_ response: HTTPResponse) -> Bool {
        response.status == 206 && response.headers["ETag"] == eTag
            && response.headers["Content-Range"]?.hasPrefix("bytes \(offset)-") == true
    }

    /// Whether the object is no longer the one whose beginning is in the file.
    func isOutdated(by fault: ServiceFault) -> Bool {
        offset > 0 && (fault.status == 412 || fault.status == 416)
    }

    mutating func startAgain() {
        offset = 0
        eTag = nil
    }

    /// Keeps what came before an answer broke off; whether anything did.
    mutating func keep(what error: HTTPError) -> Bool {
        guard case .cutOff(_, let response, let received, _) = error, response.isSuccess,
            received > 0
        else { return false }
        guard response.status == 200 || continues(response), let tag = response.headers["ETag"]
        else {
            startAgain()
            return false
        }
        eTag = tag
        offset = (response.status == 206 ? offset : 0) + received
        return true
    }
}

extension Course {
    /// Counts attempts anew: the last one brought the call forward.
    mutating func renewAttempts(_ rules: RetryRules, bucket: RetryBucket) {
        pass = RetryPass(rules, bucket: bucket, deadline: deadline)
    }
}
