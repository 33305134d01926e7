// Where JMeter may be on a user's machine, in the order in which it is looked for.
import Fleet
import FoundationEssentials
import JMeter

/// Finds the JMeter to use.
struct JMeterSearch {
    private let context: Context

    init(_ context: Context) { self.context = context }

    /// The JMeter that the settings or `JMETER_HOME` name, else the first one that is found.
    ///
    /// - Throws: `JMeterError` when the one named is unusable, or none is found.
    func find(_ settings: Environment.JMeterSettings) throws(JMeterError) -> JMeterInstallation {
        let named =
            settings.home ?? context.variables["JMETER_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        let found = try JMeterInstallation.find(home: named, candidates: candidates)
        if let wanted = settings.version, wanted != found.version {
            throw JMeterError(
                .installation, "JMeter \(wanted) is asked for, \(found.home) is \(found.version)",
                hint: "set jmeter.home to another JMeter, or leave jmeter.version out")
        }
        return found
    }

    /// The cache that `downloads/get-jmeter` fills, beside the user and beside this binary; then
    /// where packages put JMeter, so that a useless one is named in the error.
    private var candidates: [String] {
        var folders = [context.directory]
        var place = context.executable
        // A build lies some folders below its checkout: .build/<triple>/<configuration>/.
        while let slash = place.lastIndex(of: "/"), slash != place.startIndex {
            place = String(place[..<slash])
            folders.append(place)
        }
        return folders.flatMap { installations(in: $0 + "/downloads") }
            + installations(in: "/opt") + ["/opt/jmeter", "/usr/local/jmeter", "/usr/share/jmeter"]
    }

    /// The folders of unpacked archives, the highest version first.
    private func installations(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("apache-jmeter-") && !$0.contains(".t") }
            .sorted(by: >).map { folder + "/" + $0 }
    }
}
