// An Apache JMeter on this machine: where it is, its version, and what it can load.

/// An installed JMeter of version 5.0 or later.
package struct JMeterInstallation: Equatable, Sendable {
    /// Its folder, with `bin/` and `lib/` in it.
    package let home: String
    /// Its version, such as `5.6.3`.
    package let version: String

    /// Looks at `home` if given, else takes the first usable one of `candidates`.
    ///
    /// - Throws: ``JMeterError`` of cause `installation` when `home` is unusable, or none is usable.
    package static func find(
        home: String?, candidates: [String]
    ) throws(JMeterError) -> JMeterInstallation {
        throw JMeterError(.installation, "no JMeter found", hint: "run downloads/get-jmeter")
    }
}
