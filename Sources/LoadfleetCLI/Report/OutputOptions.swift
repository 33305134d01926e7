// The option that `report`, `run`, `attach` and `results` share: which reports, and where to.
package import ArgumentParser

/// The reports that were asked for.
package struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp(
            """
            table, json, csv, markdown, junit, html, statistics, openmetrics or influx, with \
            =FILE into a file; may be repeated.
            """,
            valueName: "format[=file]"))
    package var outputs: [ReportTarget] = []

    package init() {}

    /// The reports of a command that is about a run, checked before anything is asked of a fleet.
    ///
    /// - Throws: An error of the input, or ``CommandFailure`` where a file can't be written.
    func checked(
        for invocation: Invocation, detached: Bool = false, beside raw: RawOutputs? = nil
    ) throws -> ReportOutputs {
        if detached, let first = outputs.first {
            throw UsageFailure(
                message: "'-o \(first.format)' can't be used with --detach",
                hint: "the reports are made by whoever waits: give it to 'loadfleet attach'")
        }
        let reports = ReportOutputs(
            outputs, in: invocation.context.directory, isStdoutFree: raw?.merged != "-")
        try reports.check(others: raw?.files ?? [])
        if invocation.output.isJSON { try reports.requireFiles() }
        return reports
    }
}
