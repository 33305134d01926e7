// Which files are meant by what was typed: files, folders, patterns.

import FoundationEssentials
private import Glibc

/// Finds the files that paths stand for.
enum SamplePaths {
    private static let endings = [".jtl", ".csv", ".jtl.gz", ".csv.gz", ".jtl.zst", ".csv.zst"]

    /// The files in the order of the paths; within a folder or pattern, by name.
    static func files(
        _ paths: [String], in directory: String?
    ) throws(ResultsError) -> [String] {
        var files: [String] = []
        for path in paths { files += try expand(path, in: directory) }
        return files
    }

    /// How many bytes the files have together; nil where one is no regular file.
    static func size(_ files: [String], in directory: String?) -> Int? {
        var total = 0
        for file in files {
            var status = stat()
            guard stat(whole(file, in: directory), &status) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { return nil }
            total += Int(status.st_size)
        }
        return total
    }

    /// The first of the files that can be read only once, as a pipe can.
    static func firstStream(_ files: [String], in directory: String?) -> String? {
        files.first { file in
            var status = stat()
            return file == "-"
                || stat(whole(file, in: directory), &status) == 0
                    && status.st_mode & S_IFMT != S_IFREG
        }
    }

    /// The name of a file without its endings.
    static func worker(of path: String) -> String {
        var name = path.split(separator: "/").last.map(String.init) ?? path
        for ending in [".zst", ".gz", ".jtl", ".csv"] where name.count > ending.count {
            if name.hasSuffix(ending) { name.removeLast(ending.count) }
        }
        return name
    }

    /// The path from the root, or from the process's own folder.
    static func whole(_ path: String, in directory: String?) -> String {
        path.hasPrefix("/") ? path : (directory.map { $0 + "/" } ?? "") + path
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// A path as a pattern that only this path matches.
    private static func escaped(_ path: String) -> String {
        path.map { "*?[\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    private static func expand(
        _ path: String, in directory: String?
    ) throws(ResultsError) -> [String] {
        guard !path.isEmpty else {
            throw .file("a name of results is empty", hint: "'.' stands for this folder")
        }
        let place = whole(path, in: directory)
        var status = stat()
        if path == "-" { return [path] }
        if stat(place, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
            let found = names.filter { name in
                endings.contains { name.hasSuffix($0) } && !isFolder(place + "/" + name)
            }.sorted()
            guard !found.isEmpty else {
                throw .file(
                    "there are no results in the folder \(path)",
                    hint: "their names end in \(endings.joined(separator: ", "))")
            }
            return found.map { (path.hasSuffix("/") ? path : path + "/") + $0 }
        }
        guard path.contains(where: { "*?[".contains($0) }) else { return [path] }
        var matches = glob_t()
        defer { globfree(&matches) }
        // The folder's own name is no pattern.
        let folder = directory.map(escaped)
        guard glob(whole(path, in: folder), 0, nil, &matches) == 0 else { return [path] }
        return (0..<Int(matches.gl_pathc)).compactMap { index in
            matches.gl_pathv[index].map { String(cString: $0) }
        }
    }
}
