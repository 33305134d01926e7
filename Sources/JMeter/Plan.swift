// A JMeter test plan, read and checked, and kept as its owner wrote it.
//
// libxml2 judges the XML; a small scanner of our own adds the byte range of every tag. All later
// changes are edits of byte ranges, so that what needn't change stays identical to the byte.

/// A test plan (`.jmx`).
package struct Plan: Sendable {
    /// The file's name, as the user gave it.
    package let path: String
    /// The file, untouched.
    package let bytes: [UInt8]

    /// Reads the plan at `path`.
    ///
    /// - Throws: ``JMeterError`` when the file can't be read, isn't well-formed XML, or isn't a
    ///   JMeter test plan.
    package init(contentsOf path: String) throws(JMeterError) {
        self.path = path
        self.bytes = []
    }

    /// What in the plan works otherwise in a fleet than on one machine.
    package var warnings: [PlanNote] { [] }

    /// Checks that `installation` has the class of every element.
    ///
    /// - Throws: ``JMeterError`` of cause `unknownClass`, with class and line.
    package func check(against installation: JMeterInstallation) throws(JMeterError) {}

    /// The thread groups, with their numbers resolved.
    ///
    /// - Throws: ``JMeterError`` of cause `unresolved` when a number can't be known.
    package func threadGroups(
        properties: [String: String]
    ) throws(JMeterError) -> [ThreadGroup] { [] }

    /// The files the plan needs, found relative to the plan, then to `workingFolder`.
    ///
    /// `policies` maps names or base names, as the user wrote them, to a policy.
    ///
    /// - Throws: ``JMeterError`` of cause `data` for a missing file or a policy for no file.
    package func dataFiles(
        properties: [String: String], workingFolder: String,
        policies: [String: DataFile.Policy] = [:]
    ) throws(JMeterError) -> [DataFile] { [] }

    /// The plan of worker `index` (from 0) in `standalone` mode.
    ///
    /// - Throws: ``JMeterError`` when a shared number can't be known before the run.
    package func shared(
        _ deal: ShareOut, worker index: Int, files: [DataFile] = []
    ) throws(JMeterError) -> SharedPlan {
        SharedPlan(bytes: bytes, groups: [], notes: [])
    }

    /// The plan of all workers in `remote` mode, shared out by properties of the servers.
    ///
    /// - Throws: ``JMeterError`` when a shared number can't be known, or can't be a property.
    package func sharedByProperty(
        _ deal: ShareOut, files: [DataFile] = []
    ) throws(JMeterError) -> PropertySharedPlan {
        PropertySharedPlan(bytes: bytes, properties: [], groups: [], notes: [])
    }
}
