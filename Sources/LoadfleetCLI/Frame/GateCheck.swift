// Gates are text to the room that reads environments and grammar to the room that judges. Here
// the two meet, so that a wrong gate in a file is reported with its line like any other value.
import Fleet
import Results

/// Checks the wording of gates where they were written.
enum GateCheck {
    /// Checks each gate of the settings, and the condition that ends a run.
    ///
    /// - Throws: ``EnvironmentError`` with the place of the first wrong one.
    static func check(_ settings: Settings) throws(EnvironmentError) {
        let run = settings.environment.run
        for (gate, origin) in zip(run.gates, settings["run.gates"]?.itemOrigins ?? []) {
            try check("run.gates", at: origin) { () throws(ResultsError) in
                _ = try Gate(parsing: gate)
            }
        }
        try check("run.auto-stop", at: settings["run.auto-stop"]?.origin) {
            () throws(ResultsError) in
            _ = try Gate.autoStop(parsing: run.autoStop)
        }
    }

    private static func check(
        _ key: String, at origin: Origin?, _ read: () throws(ResultsError) -> Void
    ) throws(EnvironmentError) {
        do throws(ResultsError) {
            try read()
        } catch {
            throw EnvironmentError(
                .value, at: origin, key: key, problem: error.message, hint: error.hint)
        }
    }
}
