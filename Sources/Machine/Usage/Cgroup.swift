// How much processor time the cgroups of a process allow it, and how often they held it back
// (cgroups(7); both versions, for both are met: one in containers of today, one on older hosts).
//
// A limit may stand at any level above the process, and the tightest one holds.

/// The control groups that limit the processor time of a process, innermost first.
struct ProcessorCgroups: Equatable {
    /// One level of one hierarchy.
    struct Group: Equatable {
        enum Version: Equatable {
            case one
            case two
        }

        let version: Version
        /// Its folder.
        let path: String
    }

    let groups: [Group]

    /// Finds them from `/proc/<pid>/cgroup` and `/proc/self/mountinfo`.
    init(cgroup: String, mounts: String) {
        var groups: [Group] = []
        for line in cgroup.split(separator: "\n") {
            // 0::/user.slice, or 3:cpu,cpuacct:/user.slice
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let version: Group.Version
            switch (fields[0], fields[1].split(separator: ",").contains("cpu")) {
            case ("0", _) where fields[1].isEmpty: version = .two
            case (_, true): version = .one
            default: continue
            }
            guard let mount = Self.mount(of: version, in: mounts) else { continue }
            groups += Self.levels(String(fields[2]), below: mount).map {
                Group(version: version, path: $0)
            }
        }
        self.groups = groups
    }

    /// Where a hierarchy is mounted, and which of its groups is at that place.
    private static func mount(
        of version: Group.Version, in mounts: String
    ) -> (root: String, path: String)? {
        for line in mounts.split(separator: "\n") {
            // 36 35 98:0 /root /mount/point rw,noatime - cgroup cgroup rw,cpu
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash > 4, fields.count > dash + 3 else {
                continue
            }
            let isIt =
                switch version {
                case .two: fields[dash + 1] == "cgroup2"
                case .one:
                    fields[dash + 1] == "cgroup"
                        && fields[dash + 3].split(separator: ",").contains("cpu")
                }
            if isIt { return (String(fields[3]), String(fields[4])) }
        }
        return nil
    }

    /// The folders from a group up to what is mounted.
    private static func levels(
        _ group: String, below mount: (root: String, path: String)
    ) -> [String] {
        var rest = group
        // In a container the mounted group may be the container's own.
        if mount.root != "/", rest.hasPrefix(mount.root) { rest.removeFirst(mount.root.count) }
        var parts = rest.split(separator: "/")
        var levels: [String] = []
        while true {
            levels.append(([Substring(mount.path)] + parts).joined(separator: "/"))
            if parts.popLast() == nil { return levels }
        }
    }
}

extension ProcessorCgroups {
    /// The tightest limit in processors, 0.5 for half of one; nil where there is none.
    func quota(_ read: (String) -> String?) -> Double? {
        groups.compactMap { group in
            switch group.version {
            case .two: read(group.path + "/cpu.max").flatMap(Self.quota(max:))
            case .one:
                Self.quota(
                    read(group.path + "/cpu.cfs_quota_us"),
                    period: read(group.path + "/cpu.cfs_period_us"))
            }
        }.min()
    }

    /// `50000 100000` is half a processor, `max 100000` no limit.
    static func quota(max text: String) -> Double? {
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 2 else { return nil }
        return quota(String(fields[0]), period: String(fields[1]))
    }

    private static func quota(_ quota: String?, period: String?) -> Double? {
        guard let quota = number(quota), let period = number(period), quota > 0, period > 0 else {
            return nil
        }
        return quota / period
    }

    private static func number(_ text: String?) -> Double? {
        text.flatMap { $0.split(whereSeparator: \.isWhitespace).first }.flatMap { Double($0) }
    }

    /// The periods of the limited group that is nearest, and those in which it was held back.
    func throttling(_ read: (String) -> String?) -> Throttling? {
        for group in groups {
            if let text = read(group.path + "/cpu.stat"), let found = Throttling(parsing: text),
                found.periods > 0
            {
                return found
            }
        }
        return nil
    }

    /// What `cpu.stat` says, counted from the group's beginning.
    struct Throttling: Equatable {
        let periods: UInt64
        let throttled: UInt64

        init?(parsing text: String) {
            var values: [Substring: UInt64] = [:]
            for line in text.split(separator: "\n") {
                let fields = line.split(separator: " ")
                if fields.count == 2 { values[fields[0]] = UInt64(fields[1]) }
            }
            guard let periods = values["nr_periods"], let throttled = values["nr_throttled"] else {
                return nil
            }
            self.periods = periods
            self.throttled = throttled
        }
    }
}
