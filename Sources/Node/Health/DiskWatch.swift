// Whether the disk on which JMeter writes its samples is full. JMeter itself does not tell: it goes on
// making samples, and those that it can't write down are in no file and no count.

internal import FoundationEssentials
internal import Glibc
internal import Store

/// Watches for a full disk.
struct DiskWatch: Sendable {
    private let folder: String
    private var since: Date?
    private var last: ContinuousClock.Instant?
    private var full = Duration.zero

    /// JMeter writes 8 KiB at a time, and a write that finds no room leaves less than that.
    private static let least: UInt64 = 64 << 10

    /// A watch over the disk that a folder is on.
    init(folder: String) { self.folder = folder }

    /// Looks at the disk; call it once a second.
    mutating func look() {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return }
        // A part of a disk may be kept for root.
        let blocks = geteuid() == 0 ? status.f_bfree : status.f_bavail
        guard UInt64(blocks) * UInt64(status.f_frsize) < Self.least else { return last = nil }
        let now = ContinuousClock.now
        since = since ?? .now
        full += last.map { now - $0 } ?? .zero
        last = now
    }

    /// What was found, at a moment or for seconds.
    func saturation(of node: String) -> Saturation? {
        guard let since else { return nil }
        let seconds = full / .seconds(1)
        let time = seconds < 1 ? "" : " for \(Int(seconds.rounded())) s"
        return Saturation(
            node: node, kind: .disk, since: since, seconds: seconds,
            text: "its disk was full\(time): samples that JMeter made then may be missing")
    }
}
