// An Apache JMeter on this machine: where it is, its version, and what it can load.
import FoundationEssentials

/// An installed JMeter of version 5.0 or later.
package struct JMeterInstallation: Equatable, Sendable {
    /// Its folder, with `bin/` and `lib/` in it.
    package let home: String
    /// Its version, such as `5.6.3`.
    package let version: String

    private static let advice =
        "run downloads/get-jmeter, or set JMETER_HOME to JMeter 5.0 or later"

    /// Looks at `home` if given, else takes the first usable one of `candidates`.
    ///
    /// A candidate may be a home, or a folder with homes named `apache-jmeter-<version>` in it, of
    /// which the highest version is taken.
    ///
    /// - Throws: ``JMeterError`` of cause `installation` when `home` is unusable, or none is usable.
    package static func find(
        home: String?, candidates: [String]
    ) throws(JMeterError) -> JMeterInstallation {
        if let home { return try JMeterInstallation(home: home) }
        for candidate in candidates.flatMap(homes) {
            if let found = try? JMeterInstallation(home: candidate) { return found }
        }
        throw JMeterError(.installation, "no JMeter was found", hint: advice)
    }

    /// Looks at one home.
    ///
    /// - Throws: ``JMeterError`` of cause `installation` when it can't run a plan.
    package init(home: String) throws(JMeterError) {
        let isDebian = home.hasPrefix("/usr/share/jmeter")
        guard FileManager.default.fileExists(atPath: "\(home)/bin/ApacheJMeter.jar"),
            let version = Self.version(of: home)
        else {
            let reason = isDebian ? ", and Debian's own 2.13 can't run a plan" : ""
            throw JMeterError(
                .installation, "no JMeter in \(home)\(reason)", hint: Self.advice)
        }
        guard let major = Int(version.prefix { $0 != "." }), major >= 5 else {
            let reason =
                version.hasPrefix("2.13")
                ? "Debian's JMeter 2.13 can't load any plan, and exits 0 all the same"
                : "JMeter \(version) is too old"
            throw JMeterError(.installation, "\(reason) (\(home))", hint: Self.advice)
        }
        self.home = home
        self.version = version
    }

    /// Takes a home as it is described, without a look at it.
    package init(unchecked home: String, version: String) {
        self.home = home
        self.version = version
    }

    private static func homes(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let homes = names.filter { $0.hasPrefix("apache-jmeter-") }.sorted {
            numbers(in: $0).lexicographicallyPrecedes(numbers(in: $1))
        }
        return [folder] + homes.reversed().map { "\(folder)/\($0)" }
    }

    private static func numbers(in name: String) -> [Int] {
        name.split { !$0.isNumber }.compactMap { Int($0) }
    }
}

// MARK: - Classes

extension JMeterInstallation {
    /// Those of `names` (aliases such as `ThreadGroup`, or full class names) it can't load.
    ///
    /// - Throws: ``JMeterError`` of cause `installation` when its table of aliases can't be read.
    package func missingClasses(among names: Set<String>) throws(JMeterError) -> Set<String> {
        let path = "\(home)/bin/saveservice.properties"
        guard let table = try? Data(contentsOf: URL(filePath: path)) else {
            throw JMeterError(
                .installation, "its table of elements can't be read", file: path, hint: Self.advice)
        }
        // One line can give several aliases to a class, with commas between them; `_name=…` is a
        // setting of the table itself.
        let aliases = PropertiesText.parse([UInt8](table)).keys.lazy
            .filter { !$0.hasPrefix("_") }
            .flatMap { $0.split(separator: ",").map(String.init) }
        var missing = names.subtracting(aliases)
        for folder in ["lib/ext", "lib", "lib/junit"] where !missing.isEmpty {
            let files =
                (try? FileManager.default.contentsOfDirectory(atPath: "\(home)/\(folder)")) ?? []
            for file in files where file.hasSuffix(".jar") && !missing.isEmpty {
                removeClasses(inJar: "\(home)/\(folder)/\(file)", from: &missing)
            }
        }
        return missing
    }

    private func removeClasses(inJar path: String, from missing: inout Set<String>) {
        let wanted = Dictionary(
            missing.map { (Data(($0.replacing(".", with: "/") + ".class").utf8), $0) }
        ) { first, _ in first }
        JarDirectory(path: path)?.forEachName { name in
            if let found = wanted[name] { missing.remove(found) }
        }
    }

    /// The version, from the manifest of JMeter's core.
    private static func version(of home: String) -> String? {
        guard let jar = JarManifest(path: "\(home)/lib/ext/ApacheJMeter_core.jar") else {
            return nil
        }
        return jar.value(of: "Implementation-Version").flatMap { $0.isEmpty ? nil : $0 }
    }
}
