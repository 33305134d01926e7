// Asks a Java runtime for its version: the only proof that it runs at all.
import JMeter
import Machine

/// The Java runtime that is to run JMeter.
enum JavaCheck {
    /// The version of a `java` executable.
    ///
    /// - Throws: ``CommandFailure`` when it does not run, or prints no version.
    static func version(of executable: String, environment: [String: String]) async throws
        -> String
    {
        let hint = "install one with: apt-get install openjdk-17-jre-headless"
        let run: CapturedRun
        do {
            run = try await CapturedRun.of(
                ProcessRequest(executable, ["-version"], environment: environment),
                limit: .seconds(30))
        } catch {
            throw CommandFailure(
                message: "Java does not run: \(error.message)", hint: hint, exitStatus: .wrongInput)
        }
        guard run.end == .exited(0), let version = JavaRuntime.version(from: run.output) else {
            throw CommandFailure(
                message: "\(executable) -version ended with code \(run.end.code) and no version",
                hint: hint, exitStatus: .wrongInput)
        }
        return version.text
    }
}
