// The JMeter properties of a run: the user's files, the user's -J, and ours, in that order.
//
// JMeter reads them from one file (`-q`), never from its command line, so secrets stay unseen.
// Ours come last and hold: without them the samples could not be read or believed.

/// The user's properties of a run, checked.
package struct RunProperties: Equatable, Sendable {
    /// The user's properties, later ones over earlier: what the plan's `${__P(name)}` will see.
    package let values: [String: String]
    /// Properties that the user gave and loadfleet sets itself.
    package let notes: [PlanNote]

    /// Takes the user's properties files, first to last, and then single properties.
    ///
    /// - Throws: ``JMeterError`` of cause `property` for a property that would spoil the results.
    package init(
        files: [(path: String, bytes: [UInt8])] = [],
        overrides: [(name: String, value: String)] = []
    ) throws(JMeterError) {
        var values: [String: String] = [:]
        for file in files {
            values.merge(PropertiesText.parse(file.bytes)) { $1 }
        }
        for property in overrides {
            guard !property.name.isEmpty else {
                throw JMeterError(
                    .property, "a property without a name (=\(property.value))",
                    hint: "write -J name=value")
            }
            values[property.name] = property.value
        }
        try Self.check(values)
        notes = values.keys.filter(Self.isOurs).sorted().map {
            PlanNote(.warning, "the property \($0) is ignored: loadfleet sets it itself")
        }
        self.values = values.filter { !Self.isOurs($0.key) }
    }

    private static func check(_ values: [String: String]) throws(JMeterError) {
        if let mode = values["mode"], ["Statistical", "DiskStore", "Hold"].contains(mode) {
            throw JMeterError(
                .property, "the property mode=\(mode) would lose the time of single samples",
                hint: "leave mode out: samples are then sent in batches")
        }
    }

    /// Whether a property decides how loadfleet reads or drives JMeter.
    static func isOurs(_ name: String) -> Bool {
        // Whether embedded resources are samples of their own is the owner's choice.
        if name == "jmeter.save.saveservice.subresults" { return false }
        let prefixes = [
            "jmeter.save.saveservice.", "summariser.", "loadfleet.", "server.rmi.",
            "client.rmi.", "jmeterengine.nongui.",
        ]
        let names: Set = [
            "sampleresult.timestamp.start", "jmeterengine.force.system.exit", "server_port",
            "remote_hosts", "server.exitaftertest", "client.continue_on_fail", "client.tries",
            "__jm.D_TG", "resultcollector.action_if_file_exists",
        ]
        return prefixes.contains { name.hasPrefix($0) } || names.contains(name)
    }

    /// What every JMeter of a run gets: whole CSV lines of JMeter 5's own 17 columns, in ms.
    static let forced: [(name: String, value: String)] = {
        let columns = [
            "time", "label", "response_code", "response_message", "thread_name", "data_type",
            "successful", "assertion_results_failure_message", "bytes", "sent_bytes",
            "thread_counts", "url", "latency", "idle_time", "connect_time",
        ]
        let off = [
            "filename", "hostname", "encoding", "sample_count", "response_data",
            "response_data.on_error", "samplerData", "requestHeaders", "responseHeaders",
        ]
        let format = [
            ("output_format", "csv"), ("timestamp_format", "ms"), ("default_delimiter", ","),
            ("print_field_names", "true"), ("autoflush", "true"),
        ]
        let save = format + columns.map { ($0, "true") } + off.map { ($0, "false") }
        return save.map { (name: "jmeter.save.saveservice." + $0.0, value: $0.1) } + [
            ("sampleresult.timestamp.start", "true"),
            ("jmeterengine.force.system.exit", "true"),
            ("summariser.name", "summary"),
            ("summariser.interval", "6"),
            ("summariser.out", "true"),
            ("summariser.log", "true"),
        ]
    }()

    /// The text of a properties file: the user's, then JMeter's forced ones, then `ours`.
    func text(adding ours: [(name: String, value: String)]) -> String {
        let users = values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        return PropertiesText.write(users + Self.forced + ours)
    }
}
