// Gates are text to the room that reads environments and grammar to the room that judges. Here
// the two meet, so that a wrong gate in a file is reported with its line like any other value.
import Fleet
import Results

/// Checks the wording of gates where they were written.
enum GateCheck {
    /// Checks each gate of the settings.
    ///
    /// - Throws: ``EnvironmentError`` with the place of the first wrong one.
    static func check(_ settings: Settings) throws(EnvironmentError) {
        guard let setting = settings["run.gates"] else { return }
        for (gate, origin) in zip(settings.environment.run.gates, setting.itemOrigins) {
            do throws(ResultsError) {
                _ = try Gate(parsing: gate)
            } catch {
                throw EnvironmentError(
                    .value, at: origin, key: "run.gates", problem: error.message, hint: error.hint)
            }
        }
    }
}
