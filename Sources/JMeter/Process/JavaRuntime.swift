// The Java runtime that JMeter needs.
import FoundationEssentials

/// A `java` executable.
package struct JavaRuntime: Equatable, Sendable {
    /// The executable's path.
    package let executable: String

    /// The lowest major version to use: JMeter 5 itself runs on 8, but not with `--add-opens`.
    package static let minimumMajorVersion = 11

    private static let advice =
        "install one (apt-get install default-jre-headless), or set JAVA_HOME"

    /// Looks in `javaHome`, then in the folders of `path` (a `PATH` value).
    ///
    /// A `javaHome` without Java is an error: whoever set it wants that one and no other.
    ///
    /// - Throws: ``JMeterError`` of cause `java` when there is none.
    package static func find(javaHome: String?, path: String) throws(JMeterError) -> JavaRuntime {
        if let javaHome, !javaHome.isEmpty {
            let executable = "\(javaHome)/bin/java"
            guard FileManager.default.isExecutableFile(atPath: executable) else {
                throw JMeterError(
                    .java, "JAVA_HOME is \(javaHome), where there is no bin/java",
                    hint: "correct JAVA_HOME or unset it")
            }
            return JavaRuntime(executable: executable)
        }
        for folder in path.split(separator: ":") where folder.hasPrefix("/") {
            let executable = "\(folder)/java"
            if FileManager.default.isExecutableFile(atPath: executable) {
                return JavaRuntime(executable: executable)
            }
        }
        throw JMeterError(.java, "no Java was found", hint: advice)
    }

    /// The version in what `java -version` writes to standard error; nil if there is none.
    ///
    /// Such as `17.0.15`, or `1.8.0_402`, whose major version is 8.
    package static func version(from output: String) -> (text: String, major: Int)? {
        for line in output.split(whereSeparator: \.isNewline) where line.contains(" version \"") {
            let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
            guard parts.count >= 3 else { continue }
            let numbers = parts[1].split { !$0.isNumber }.compactMap { Int($0) }
            guard let first = numbers.first else { continue }
            let major = first == 1 && numbers.count > 1 ? numbers[1] : first
            return (String(parts[1]), major)
        }
        return nil
    }
}
