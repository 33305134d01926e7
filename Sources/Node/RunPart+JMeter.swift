// The JMeter of a part in a run, as the fleet's tuning and the run's request describe it.

internal import JMeter
internal import Store

extension RunPart {
    /// The names of JMeter's files.
    ///
    /// The plan and its data are in the part's folder, as the plan
    /// expects; ours are below it, where no data file's name can meet them.
    var files: JMeterFiles {
        JMeterFiles(
            folder: folder, plan: request.plan, samples: "\(Self.own)/samples.jtl",
            log: "\(Self.own)/jmeter.log", properties: "\(Self.own)/run.properties",
            collections: Self.collections)
    }

    /// The folder of our own files below the part's folder.
    static let own = ".loadfleet"

    /// Where Java writes down its garbage collections.
    static let collections = own + "/gc.log"

    var ownFolder: String { folder + "/" + Self.own }

    /// The Java runtime of the fleet.
    func java() throws(JMeterError) -> JavaRuntime {
        let path = context.tuning.javaPath
        return try JavaRuntime.find(
            javaHome: nil, path: path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path)
    }

    /// The Java virtual machine for this node's JMeter.
    func machine() throws(JMeterError) -> JMeterMachine {
        JMeterMachine(
            java: try java(), installation: context.installation,
            heapMebibytes: Int(context.tuning.heapBytes >> 20))
    }

    /// The user's properties.
    func properties() throws(JMeterError) -> RunProperties {
        try RunProperties(overrides: request.properties.map { ($0.key, $0.value) })
    }
}

extension [GroupShare] {
    /// Threads that are to make load, setUp and tearDown apart; nil where no group states any.
    var stated: Int? {
        let plain = filter { $0.kind == .plain }
        return plain.isEmpty ? nil : plain.reduce(0) { $0 + $1.threads }
    }
}
