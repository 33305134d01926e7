// A plan read, checked and dealt out over so many workers: what `run` ships, and what `plan show`
// shows without a fleet.

internal import Glibc
package import JMeter
package import Store

/// What a user asks of a plan.
package struct PlanWish: Sendable {
    /// The plan's file.
    package var path: String
    package var mode: Mode
    package var perWorker: Bool
    package var setup: RunSetup?
    /// The samples per second of the whole fleet, in place of the plan's throughput timers.
    package var rps: String?
    /// What the workers get of data files, by name or base name.
    package var dataPolicies: [String: DataFile.Policy]
    package var properties: [String: String]
    /// Where relative names are looked for after the plan's own folder.
    package var workingFolder: String

    package init(
        path: String, mode: Mode, perWorker: Bool, setup: RunSetup?, rps: String?,
        dataPolicies: [String: DataFile.Policy], properties: [String: String],
        workingFolder: String
    ) {
        self.path = path
        self.mode = mode
        self.perWorker = perWorker
        self.setup = setup
        self.rps = rps
        self.dataPolicies = dataPolicies
        self.properties = properties
        self.workingFolder = workingFolder
    }

    /// The deal over so many workers.
    func shareOut(_ workers: Int) -> ShareOut {
        ShareOut(
            workers: workers, perWorker: perWorker,
            setup: setup.flatMap { SetupPolicy(rawValue: $0.rawValue) }, rps: rps,
            properties: properties)
    }
}

/// A plan that has passed every check for a fleet of so many workers.
package struct PreparedPlan: Sendable {
    /// A data file and what the workers get of it.
    package struct Data: Sendable {
        package let file: DataFile
        package let bytes: Int64
        /// The records of each worker; nil if no CSV Data Set reads it.
        package let records: [Int]?
    }

    /// What each worker does.
    package let dealt: DealtPlan
    /// The files that go with the plan.
    package let files: [Data]
    /// What the plan's owner should know.
    package let notes: [PlanNote]

    /// Makes the checks for which no fleet is needed.
    ///
    /// - Throws: ``JMeterError`` for anything wrong with the plan, its data or its numbers.
    package static func check(
        _ wish: PlanWish, installation: JMeterInstallation
    ) throws(JMeterError) {
        let plan = try Plan(contentsOf: wish.path)
        try plan.check(against: installation)
        _ = try plan.dealt(wish.shareOut(1))
        _ = try plan.dataFiles(
            properties: wish.properties, workingFolder: wish.workingFolder,
            policies: wish.dataPolicies)
    }

    /// Deals a plan out over `workers`; without an installation its classes stay unchecked.
    ///
    /// - Throws: ``JMeterError`` for anything wrong with the plan, its data or its numbers, or for
    ///   what can't be dealt out over so many workers in this mode.
    package init(
        _ wish: PlanWish, workers: Int, installation: JMeterInstallation?
    ) throws(JMeterError) {
        let plan = try Plan(contentsOf: wish.path)
        if let installation { try plan.check(against: installation) }
        let found = try plan.dataFiles(
            properties: wish.properties, workingFolder: wish.workingFolder,
            policies: wish.dataPolicies)
        dealt = try plan.dealt(wish.shareOut(workers))
        // Not everything that can be dealt out can be so in remote mode.
        if wish.mode == .remote { _ = try dealt.planByProperty() }
        var files: [Data] = []
        var notes = plan.warnings + dealt.notes
        for file in found {
            let records = file.csv == nil ? nil : try dealt.records(of: file)
            if let shortage = records?.shortage { notes.append(shortage) }
            files.append(
                Data(file: file, bytes: try Self.bytes(of: file), records: records?.records))
        }
        self.files = files
        self.notes = notes
    }

    private static func bytes(of file: DataFile) throws(JMeterError) -> Int64 {
        var status = stat()
        guard stat(file.path, &status) == 0 else {
            throw JMeterError(
                .data, "can't be read: \(String(cString: strerror(errno)))", file: file.path)
        }
        return Int64(status.st_size)
    }
}
