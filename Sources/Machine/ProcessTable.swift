// The processes of this machine, as /proc shows them (proc(5)).

internal import Glibc

/// Looks at the running processes of this machine.
package enum ProcessTable {
    /// What `/proc/<pid>/stat` says.
    struct Stat: Equatable {
        let state: Character
        let startTicks: UInt64
        /// Clock ticks of processor time, of children that have ended too.
        let processorTicks: UInt64

        /// Reads the file's one line; nil where it is none.
        init?(parsing text: String) {
            // The command's name is in parentheses and may hold anything, parentheses included.
            guard let nameEnd = text.lastIndex(of: ")") else { return nil }
            let fields = text[text.index(after: nameEnd)...].split(separator: " ")
            // Fields 3 (state), 14 to 17 (utime, stime, cutime, cstime) and 22 (starttime) of
            // proc(5), counted after the name.
            guard fields.count > 19, let state = fields[0].first, let start = UInt64(fields[19])
            else { return nil }
            let times = fields[11...14].compactMap { UInt64($0) }
            guard times.count == 4 else { return nil }
            self.state = state
            startTicks = start
            processorTicks = times.reduce(0, &+)
        }
    }

    static func stat(of pid: Int32) -> Stat? {
        readFile("/proc/\(pid)/stat").flatMap { Stat(parsing: String(decoding: $0, as: UTF8.self)) }
    }

    /// Every live process whose environment holds `variable`, written `NAME=value`.
    ///
    /// Processes of other users cannot be looked into and are left out.
    package static func processes(withEnvironment variable: String) -> [ProcessIdentity] {
        let wanted = Array(variable.utf8)
        return allPIDs().compactMap { pid in
            guard let environment = readFile("/proc/\(pid)/environ"),
                environment.split(separator: 0).contains(where: { $0.elementsEqual(wanted) })
            else { return nil }
            let identity = ProcessIdentity(pid: pid)
            return identity.isAlive ? identity : nil
        }
    }

    /// The process's command line, or `nil` if it has gone.
    package static func commandLine(of pid: Int32) -> [String]? {
        readFile("/proc/\(pid)/cmdline").map { bytes in
            bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    private static func allPIDs() -> [Int32] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var pids: [Int32] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let pid = Int32(name) { pids.append(pid) }
        }
        return pids
    }
}

/// The bytes of a file in `/proc`, whose size is not known beforehand; `nil` if it cannot be read.
func readFile(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { return nil }
        if count == 0 { return bytes }
        bytes += buffer[..<count]
    }
}
