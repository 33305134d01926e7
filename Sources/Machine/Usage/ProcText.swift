// Small files of /proc that say what a process may have and what came over the network (proc(5)).

/// Reading `/proc/<pid>/status`, `/proc/<pid>/limits` and `/proc/<pid>/net/dev`.
enum ProcText {
    /// The numbers in a list of processors as the kernel writes it, `0-3,8`.
    static func processors(_ list: String) -> Set<Int> {
        var processors: Set<Int> = []
        for part in list.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { continue }
            processors.formUnion(first...last)
        }
        return processors
    }

    /// The processors that a process may run on, some of which may be off.
    static func allowedProcessors(_ status: String) -> Set<Int>? {
        let name = "Cpus_allowed_list:"
        return status.split(separator: "\n").first { $0.hasPrefix(name) }
            .map { processors(String($0.dropFirst(name.count))) }
    }

    /// The soft limit of open files; nil where there is none.
    static func openFilesLimit(_ limits: String) -> Int? {
        let name = "Max open files"
        guard let line = limits.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else {
            return nil
        }
        return line.dropFirst(name.count).split(separator: " ").first.flatMap { Int($0) }
    }

    /// Bytes that all interfaces together have received and sent, loopback included.
    static func networkBytes(_ devices: String) -> (received: Int64, sent: Int64)? {
        var (received, sent) = (Int64(0), Int64(0))
        var found = false
        for line in devices.split(separator: "\n") {
            //     lo: 1234 12 0 0 0 0 0 0 1234 12 0 0 0 0 0 0
            guard let colon = line.lastIndex(of: ":") else { continue }
            let numbers = line[line.index(after: colon)...].split(separator: " ")
                .compactMap { Int64($0) }
            guard numbers.count >= 9 else { continue }
            found = true
            received += numbers[0]
            sent += numbers[8]
        }
        return found ? (received, sent) : nil
    }
}
