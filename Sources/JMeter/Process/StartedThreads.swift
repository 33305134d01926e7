// Which threads JMeter started, from its own log. The rows of a JTL cannot tell: where iterations
// are short, the first threads have ended when the last ones start, and all of them have run.

/// The threads of JMeter's own thread groups, as `jmeter.log` tells of them.
package struct StartedThreads: Equatable, Sendable {
    /// One group that JMeter began to start.
    private struct Group: Equatable {
        let stated: Int
        let began: Double
        let ramp: Double
        var started: Set<Substring> = []
        var last: Double
    }

    /// By number; those of setUp groups are over, and counted, when the same number comes again.
    private var groups: [Substring: Group] = [:]
    private var past: [Group] = []
    private var lastLine: Double = 0

    package init() {}

    /// Reads one line of `jmeter.log`.
    ///
    /// `2026-11-21 13:45:09,462 INFO o.a.j.t.ThreadGroup: Starting thread group... number=1
    /// threads=4 ramp-up=0 delayedStart=false`, and then `...: Thread started: Group 1-2`.
    package mutating func read(line: Substring) {
        if let range = line.range(after: "Thread started: ") {
            guard let (group, thread) = Self.place(line[range...]) else { return }
            let time = Self.seconds(line) ?? lastLine
            lastLine = max(lastLine, time)
            groups[group]?.started.insert(thread)
            groups[group]?.last = time
        } else if let range = line.range(after: "Starting thread group... ") {
            guard let time = Self.seconds(line) else { return }
            lastLine = max(lastLine, time)
            let facts = Self.facts(line[range...])
            guard let number = facts["number"], let stated = facts["threads"].flatMap({ Int($0) })
            else { return }
            if let before = groups[number] { past.append(before) }
            groups[number] = Group(
                stated: stated, began: time, ramp: facts["ramp-up"].flatMap { Double($0) } ?? 0,
                last: time)
        } else if line.contains("Notifying test listeners of end of test"),
            let time = Self.seconds(line)
        {
            lastLine = max(lastLine, time)
        }
    }

    private var all: [Group] { past + groups.values }

    /// Threads that should have been started by the end of the log and were not, of how many; nil
    /// if there are none.
    package var missing: (threads: Int, stated: Int)? {
        // JMeter may end a group before its ramp is over: the plan says so.
        let due = all.filter { lastLine - $0.began > $0.ramp + 1 }
        let missing = due.reduce(0) { $0 + max(0, $1.stated - $1.started.count) }
        return missing > 0 ? (missing, due.reduce(0) { $0 + $1.stated }) : nil
    }

    /// From the first to the last start of a thread of the groups that run last begun, seconds;
    /// nil where the log tells of none.
    package var rampSeconds: Double? {
        let running = groups.values.filter { !$0.started.isEmpty }
        guard let first = running.map(\.began).min(), let last = running.map(\.last).max() else {
            return nil
        }
        return max(0, last - first)
    }

    /// The group's and the thread's number in `My Group 1-2`.
    private static func place(_ name: Substring) -> (Substring, Substring)? {
        guard let word = name.split(separator: " ").last else { return nil }
        let numbers = word.split(separator: "-").suffix(2)
        guard numbers.count == 2, let group = numbers.first, let thread = numbers.last else {
            return nil
        }
        return (group, thread)
    }

    private static func facts(_ text: Substring) -> [Substring: Substring] {
        var facts: [Substring: Substring] = [:]
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { facts[parts[0]] = parts[1] }
        }
        return facts
    }

    /// The time of a line in seconds, good for differences within a month.
    private static func seconds(_ line: Substring) -> Double? {
        let numbers = line.prefix(23).split { "- :,".contains($0) }.compactMap { Double($0) }
        guard numbers.count == 7 else { return nil }
        return ((numbers[2] * 24 + numbers[3]) * 60 + numbers[4]) * 60 + numbers[5]
            + numbers[6] / 1000
    }
}

extension Substring {
    /// The index after `text`, where it occurs.
    fileprivate func range(after text: String) -> Index? {
        firstRange(of: text)?.upperBound
    }
}
