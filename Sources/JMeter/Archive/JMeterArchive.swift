// The JMeter in use as one file for nodes elsewhere: the same version, settings and plug-ins, so
// that a plan finds there what it finds here.
import FoundationEssentials
import Glibc

/// Packs an installation into a `.tgz` with one folder in it.
package enum JMeterArchive {
    /// The path of an archive of `installation`, made in `cacheFolder` if it is not there yet.
    ///
    /// Equal installations give equal bytes, whatever their places, owners and times. Everything is
    /// packed, links as what they lead to, but for what a run does not need: documentation, hidden
    /// files, logs, results and heap dumps left in it, and `rmi_keystore.jks`, since a fleet makes
    /// keys of its own. The archive is found again as long as no file of the installation has
    /// changed; anyone may empty the folder at any time.
    ///
    /// - Throws: ``JMeterError`` of cause `installation` with the file that can't be read or
    ///   written, or `CancellationError`.
    @concurrent
    package static func make(
        of installation: JMeterInstallation, in cacheFolder: String
    ) async throws -> String {
        let content = try InstallationContent(of: installation.home)
        let path = "\(cacheFolder)/jmeter-\(installation.version)-\(content.fingerprint).tgz"
        if FileManager.default.fileExists(atPath: path) { return path }
        do {
            try FileManager.default.createDirectory(
                atPath: cacheFolder, withIntermediateDirectories: true)
        } catch {
            throw fault("the folder can't be made", cacheFolder)
        }
        // Renamed when whole: whoever looks at the same time sees all of it or nothing.
        let part = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).part"
        defer { unlink(part) }
        let top = "apache-jmeter-\(installation.version)"
        do {
            try pack(content, under: top, into: part)
        } catch let fault as TarWriter.Fault {
            throw Self.fault(fault, archive: path) {
                installation.home + $0.dropFirst(top.count)
            }
        }
        guard rename(part, path) == 0 else {
            throw fault("it can't be written: \(String(cString: strerror(errno)))", path)
        }
        removeOld(from: cacheFolder, but: path)
        return path
    }

    private static func pack(
        _ content: InstallationContent, under top: String, into path: String
    ) throws {
        let writer = try TarWriter(path: path)
        try writer.addFolder(top)
        for item in content.items {
            try Task.checkCancellation()
            let name = "\(top)/\(item.path)"
            if item.isFolder {
                try writer.addFolder(name)
            } else {
                try writer.addFile(
                    name, from: "\(content.home)/\(item.path)", size: item.size,
                    isExecutable: item.isExecutable)
            }
        }
        try writer.finish()
    }

    /// Archives of installations as they no longer are; a day leaves them to whoever reads them.
    private static func removeOld(from folder: String, but path: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix("jmeter-") {
            let other = "\(folder)/\(name)"
            let attributes = try? FileManager.default.attributesOfItem(atPath: other)
            guard other != path, let changed = attributes?[.modificationDate] as? Date,
                changed.timeIntervalSinceNow < -86_400
            else { continue }
            unlink(other)
        }
    }

    /// `place` says where an entry of the archive is in the installation.
    private static func fault(
        _ fault: TarWriter.Fault, archive: String, place: (String) -> String
    ) -> JMeterError {
        switch fault {
        case .output(let reason):
            JMeterError(
                .installation, "JMeter can't be packed: \(reason)", file: archive,
                hint: "see that there is room for 100 MB, and that you may write there")
        case .input(let path, let reason):
            JMeterError(
                .installation, "JMeter can't be packed: \(reason)", file: path,
                hint: "mend or remove it, or name another JMeter with jmeter.home")
        case .entry(let path, let reason):
            JMeterError(
                .installation, "JMeter can't be packed: \(reason)", file: place(path),
                hint: "remove it, or name another JMeter with jmeter.home")
        }
    }

    private static func fault(_ what: String, _ path: String) -> JMeterError {
        JMeterError(
            .installation, what, file: path, hint: "see that you may write there")
    }
}
