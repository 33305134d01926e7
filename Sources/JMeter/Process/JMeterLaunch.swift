// The ways to start JMeter: alone, as a server, as the client of servers.
//
// `java` is started directly, never through bin/jmeter, which doesn't hand signals on. Properties
// go into a file, never on the command line, where other users of the machine could read them.

/// A process to start, and the properties file it needs.
package struct JMeterLaunch: Equatable, Sendable {
    /// The program, an absolute path.
    package let executable: String
    /// Its arguments, without the program's name.
    package let arguments: [String]
    /// The text of ``propertiesPath``; write it with mode 0600, for it can hold secrets.
    package let propertiesText: String
    /// Where the properties file is expected.
    package let propertiesPath: String
}
