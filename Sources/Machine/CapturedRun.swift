// Runs a short program to its end and keeps what it printed.

internal import Glibc

/// What a short program did.
package struct CapturedRun: Sendable {
    package let end: ProcessEnd
    /// Standard output and standard error as they came, invalid UTF-8 replaced.
    package let output: String

    /// Runs a program to its end, at most for `limit`, after which it is killed.
    ///
    /// - Throws: ``ProcessError`` when it cannot be started.
    package static func of(_ request: ProcessRequest, limit: Duration) async throws(ProcessError)
        -> CapturedRun
    {
        var template = Array("/tmp/loadfleet-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw ProcessError(executable: request.executable, errno: errno)
        }
        close(descriptor)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { unlink(path) }

        var request = request
        request.standardOutput = .file(path)
        request.standardError = .file(path)
        request.diesWithParent = true
        let child = try await ChildProcess.start(request)
        let killer = Task {
            try await Task.sleep(for: limit)
            child.signal(SIGKILL)
        }
        let end = await child.waitForEnd()
        killer.cancel()
        return CapturedRun(end: end, output: String(decoding: readFile(path) ?? [], as: UTF8.self))
    }
}
