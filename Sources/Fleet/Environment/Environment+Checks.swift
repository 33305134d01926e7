// What must hold between settings. Each check blames the setting that a person would change.
import Units

extension Environment {
    /// Checks the settings against each other.
    func check(_ look: SettingLookup) throws(EnvironmentError) {
        guard heartbeat.lostAfter >= heartbeat.interval * 3 else {
            throw conflict(
                look, ["heartbeat.lost-after", "heartbeat.interval"],
                "\(Quantity.text(heartbeat.lostAfter)) is less than three intervals of "
                    + Quantity.text(heartbeat.interval),
                hint: "one late sign of life must not count as a loss")
        }
        guard run.deadline <= lease else {
            throw conflict(
                look, ["run.deadline", "lease"],
                "a run of \(Quantity.text(run.deadline)) outlives the lease of "
                    + Quantity.text(lease),
                hint: "lengthen 'lease' or shorten 'run.deadline'")
        }
        try checkPorts(look)
        try checkEC2(look)
    }

    /// A JMeter server needs two ports, the client up to three and a base.
    private func checkPorts(_ look: SettingLookup) throws(EnvironmentError) {
        guard let ports = local?.rmiPorts else { return }
        let needed = 2 * workers + 4
        guard ports.count >= needed else {
            throw conflict(
                look, ["local.rmi-ports"],
                "\(ports.count) ports are too few: \(workers) workers need \(needed)",
                hint: "widen the range, or leave the key out to use any free ports")
        }
    }

    private func checkEC2(_ look: SettingLookup) throws(EnvironmentError) {
        guard let ec2 else { return }
        guard ec2.minWorkers <= workers else {
            throw conflict(
                look, ["ec2.min-workers", "workers"],
                "\(ec2.minWorkers) is more than the \(workers) workers asked for",
                hint: "lower 'ec2.min-workers' or raise 'workers'")
        }
        if let tag = ec2.tags.keys.first(where: {
            $0.hasPrefix("aws:") || $0.hasPrefix("loadfleet:")
        }) {
            throw conflict(
                look, ["ec2.tags.\(tag)"],
                "tags that begin with 'aws:' or 'loadfleet:' are reserved",
                hint: "choose another name")
        }
    }

    /// A conflict, blamed on the first of `paths` that somebody wrote.
    private func conflict(
        _ look: SettingLookup, _ paths: [String], _ problem: String, hint: String
    ) -> EnvironmentError {
        let path = paths.first { (look.origin($0) ?? .builtIn) != .builtIn } ?? paths.first
        return EnvironmentError(
            .conflict, at: path.flatMap { look.origin($0) }, key: path, problem: problem,
            hint: hint)
    }
}
