// A run's folder as objects of a bucket, under the run's name: what other programs and other people
// get it from when this machine is gone.

package import AWS
internal import FoundationEssentials

/// Copies run folders into a bucket.
package struct S3Export: Sendable {
    private let client: AWSClient
    private let bucket: String
    private let prefix: String

    /// What is sent goes below `prefix`, which is empty or ends with a slash.
    package init(to bucket: String, prefix: String, by client: AWSClient) {
        self.client = client
        self.bucket = bucket
        self.prefix = prefix
    }

    /// Copies the files of a run's folder; how many are there now.
    ///
    /// What is not fetched is not sent: logs and samples as they lie there, and all reports.
    /// - Throws: ``ExportError/file(_:)``, `CallError`.
    package func send(
        folder: String, name: String, _ part: ExportedPart,
        progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> Exported {
        var exported = Exported()
        for file in try Self.files(in: folder) {
            let isSamples = file.hasPrefix("samples/")
            guard isSamples ? part.hasSamples : part.hasSummary else { continue }
            _ = try await client.upload(
                Upload(
                    path: "\(folder)/\(file)", bucket: bucket, key: "\(prefix)\(name)/\(file)",
                    contentType: Self.type(of: file)))
            exported.files += 1
            progress(exported.files)
        }
        return exported
    }

    /// The regular files below a folder, by their paths within it.
    private static func files(in folder: String) throws(ExportError) -> [String] {
        let manager = FileManager.default
        guard let names = try? manager.subpathsOfDirectory(atPath: folder) else {
            throw .file("cannot read the folder \(folder)")
        }
        return names.sorted().filter { name in
            var isFolder = false
            return manager.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
                && !isFolder
        }
    }

    /// What a browser needs to show a report instead of saving it.
    private static func type(of file: String) -> String {
        let types = [
            "html": "text/html; charset=utf-8", "json": "application/json",
            "jsonl": "application/x-ndjson", "md": "text/markdown; charset=utf-8",
            "xml": "application/xml", "jmx": "application/xml", "csv": "text/csv; charset=utf-8",
            "log": "text/plain; charset=utf-8", "txt": "text/plain; charset=utf-8",
            "zst": "application/zstd", "gz": "application/gzip",
        ]
        let ending = file.split(separator: ".").last.map(String.init) ?? ""
        return types[ending] ?? "application/octet-stream"
    }
}
