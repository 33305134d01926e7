// The version of this build, in one place.

/// The version of loadfleet.
package enum Version {
    /// The version number, following https://semver.org.
    package static let number = "0.1.0"
    /// The version number with the program's name, as `--version` prints it.
    package static let text = "loadfleet \(number)"
}
