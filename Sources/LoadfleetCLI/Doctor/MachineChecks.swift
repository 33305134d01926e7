// What this machine must offer: folders to write, disk, memory, open files, ports; and whether
// something of an earlier fleet is still running.
import Fleet
import FoundationEssentials
import Glibc
import Machine
import Store
import Units

/// Checks of the machine.
struct MachineChecks: Sendable {
    let context: Context
    let environment: Environment

    private static let diskNeeded: Int64 = 1 << 30
    /// A JMeter with a thousand keep-alive threads needs that many sockets, and its jars.
    private static let filesNeeded: UInt = 4_096

    func findings() -> [Finding] {
        var folders = [("results folder", environment.run.results)]
        if let local = environment.local { folders.insert(("store", local.store), at: 0) }
        return folders.map(writable) + [disk(folders.map(\.1)), memory(), openFiles(), ports()]
    }

    // MARK: - Folders

    private func writable(_ name: String, _ folder: String) -> Finding {
        let place = existing(folder)
        var isFolder = false
        _ = FileManager.default.fileExists(atPath: place, isDirectory: &isFolder)
        guard isFolder else {
            return .bad(name, "\(place) is not a folder", fix: "move it away, or choose another")
        }
        guard access(place, W_OK | X_OK) == 0 else {
            return .bad(
                name, "\(folder) can't be written",
                fix: "give yourself the right to write \(place), or choose another folder")
        }
        return .good(name, place == folder ? folder : "\(folder) (will be made)")
    }

    /// The folder itself, or the nearest above it that exists.
    private func existing(_ folder: String) -> String {
        var parts = folder.split(separator: "/")
        while !parts.isEmpty {
            let path = "/" + parts.joined(separator: "/")
            if FileManager.default.fileExists(atPath: path) { return path }
            parts.removeLast()
        }
        return "/"
    }

    private func disk(_ folders: [String]) -> Finding {
        let free = folders.compactMap { folder -> (path: String, bytes: Int64)? in
            var figures = statvfs()
            guard statvfs(existing(folder), &figures) == 0 else { return nil }
            return (folder, Int64(figures.f_bavail) * Int64(figures.f_frsize))
        }
        guard let least = free.min(by: { $0.bytes < $1.bytes }) else {
            return .bad("disk", "its free space can't be read", fix: nil)
        }
        let text = "\(least.bytes >> 20)MiB free for \(least.path)"
        guard least.bytes >= Self.diskNeeded else {
            return .bad("disk", text, fix: "free at least \(Quantity.text(bytes: Self.diskNeeded))")
        }
        return .good("disk", text)
    }

    // MARK: - Limits

    private func memory() -> Finding {
        let processes = environment.workers + (environment.mode == .remote ? 1 : 0)
        let wanted = Int64(processes) * environment.jmeter.heapBytes
        let text =
            "\(processes) JMeter with \(Quantity.text(bytes: environment.jmeter.heapBytes)) each"
        guard environment.provider == .local, let available = availableMemory() else {
            return .good("memory", text)
        }
        let found = "\(text), \(available >> 20)MiB available"
        guard wanted <= available else {
            return .bad("memory", found, fix: "use fewer workers or a smaller jmeter.heap")
        }
        return .good("memory", found)
    }

    /// `MemAvailable` of /proc/meminfo (proc(5)), in bytes.
    private func availableMemory() -> Int64? {
        guard let data = FileManager.default.contents(atPath: "/proc/meminfo") else { return nil }
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("MemAvailable:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.map { $0 << 10 }
    }

    private func openFiles() -> Finding {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return .bad("open files", "the limit can't be read", fix: nil)
        }
        // Java raises the soft limit to the hard one by itself, so only the hard one counts.
        let text = limit.rlim_max == .max ? "no limit" : "up to \(limit.rlim_max)"
        guard limit.rlim_max >= Self.filesNeeded else {
            return .bad(
                "open files", text,
                fix:
                    "raise the hard limit to \(Self.filesNeeded) or more: ulimit -Hn, limits.conf(5)"
            )
        }
        return .good("open files", text)
    }

    private func ports() -> Finding {
        guard Ports.free(1) != nil else {
            return .bad(
                "ports", "no port can be bound", fix: "see what forbids it: firewall, container")
        }
        guard let range = environment.local?.rmiPorts else {
            return .good("ports", "any free ones")
        }
        if let taken = range.first(where: { !Ports.isFree(Int($0)) }) {
            return .bad(
                "ports", "port \(taken) of local.rmi-ports is in use",
                fix: "free it, name another range, or leave local.rmi-ports out")
        }
        return .good("ports", "\(range.lowerBound)-\(range.upperBound) are free")
    }
}

// MARK: - Leftovers

extension MachineChecks {
    /// One finding for each local fleet that has processes, or one that there is none.
    func leftovers() async -> [Finding] {
        guard let local = environment.local else { return [] }
        let provider = LocalProvider(
            folder: local.store, executable: context.executable, environment: [:])
        var findings: [Finding] = []
        for name in fleetNames(in: local.store) {
            let machines = (try? await provider.machines(of: name)) ?? []
            guard !machines.isEmpty else { continue }
            findings.append(await finding(name, machines: machines, folder: local.store))
        }
        return findings.isEmpty ? [.good("fleets", "none is running here")] : findings
    }

    private func fleetNames(in folder: String) -> [String] {
        let places = ["\(LocalProvider.storeFolder(in: folder))/fleets", "\(folder)/nodes"]
        let names = places.flatMap {
            (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? []
        }
        return Set(names).sorted()
    }

    private func finding(_ name: String, machines: [FleetMachine], folder: String) async -> Finding
    {
        let text = "'\(name)' has \(machines.count) processes"
        let store = try? FolderStore(at: LocalProvider.storeFolder(in: folder))
        let record = try? await store?.record(FleetRecord.self, at: FleetKeys(name).fleet)
        let isAlive = record.map { $0.leaseEndsAt > context.now() } ?? false
        guard isAlive else {
            return .bad(
                "fleets", "\(text) and no lease",
                fix: "give it back: loadfleet down --fleet \(name)")
        }
        return .good("fleets", "\(text) and a lease")
    }
}
