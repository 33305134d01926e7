// Everything a command takes from the process it runs in, made once in `Loadfleet.enter()`. No
// other code reads the process environment, so a test can stand in for the whole world.
package import FoundationEssentials
import Glibc

/// The surroundings of one command line.
package struct Context: Sendable {
    /// The process environment (`PATH`, `HOME`, `LOADFLEET_*`, …).
    package var variables: [String: String]
    /// The working directory, absolute.
    package var directory: String
    /// The running binary, absolute; agents are started from it.
    package var executable: String
    /// What the streams are connected to.
    package var terminal: Terminal
    /// Standard output: data, and nothing else.
    package var standardOutput: any Sink
    /// Standard error: progress, notes, warnings, errors.
    package var standardError: any Sink
    /// The next line of standard input without its newline; `nil` at the end.
    package var readLine: @Sendable () -> String?
    /// The wall clock.
    package var now: @Sendable () -> Date

    /// Describes surroundings; the defaults suit a test: no terminal, nothing to read.
    package init(
        variables: [String: String] = [:], directory: String, executable: String = "loadfleet",
        terminal: Terminal = Terminal(), standardOutput: any Sink, standardError: any Sink,
        readLine: @escaping @Sendable () -> String? = { nil },
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.variables = variables
        self.directory = directory
        self.executable = executable
        self.terminal = terminal
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.readLine = readLine
        self.now = now
    }

    /// `user@host`.
    package var user: String {
        let name = variables["USER"] ?? variables["LOGNAME"]
        return "\(name ?? "uid \(getuid())")@\(host)"
    }

    /// A path as seen from anywhere; relative ones begin at the folder that the command was typed in.
    package func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : directory + "/" + path
    }

    /// This machine's name.
    package var host: String { ProcessInfo.processInfo.hostName }

    /// The folder of what can be made anew at any time, as the XDG Base Directory Specification
    /// has it.
    package var cacheFolder: String {
        let set = variables["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (set ?? "\(variables["HOME"] ?? "/var/tmp")/.cache") + "/loadfleet"
    }

    /// The surroundings of this process.
    package static func current() -> Context {
        let variables = ProcessInfo.processInfo.environment
        let files = FileManager.default
        let executable = try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return Context(
            variables: variables,
            directory: files.currentDirectoryPath,
            executable: executable ?? CommandLine.arguments.first ?? "loadfleet",
            terminal: .current(variables: variables),
            standardOutput: DescriptorSink(STDOUT_FILENO),
            standardError: DescriptorSink(STDERR_FILENO),
            readLine: { Swift.readLine(strippingNewline: true) })
    }
}
