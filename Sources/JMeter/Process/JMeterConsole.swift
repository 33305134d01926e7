// What JMeter says on its console while it runs, as far as it can be relied on.
//
// Two lines are facts: the port for stop commands, and the end of the run. The summariser's
// numbers are for showing progress only; it counts neither transactions nor sub-results.

/// Reading JMeter's console, line by line.
package enum JMeterConsole {
    /// Something a line says.
    package enum Event: Equatable, Sendable {
        /// JMeter runs, and takes a ``StopCommand`` at this UDP port.
        case listening(port: Int)
        /// A JMeter server has opened its engine's port; whether it takes orders, only its log
        /// says: see ``JMeterLog/saysServerIsReady(_:)``.
        case serverReady
        /// The summariser's numbers.
        case summary(SummaryLine)
        /// The test is over; without this line it is not, whatever the exit code.
        case endOfRun
        /// The run can't be what was asked for; JMeter may exit 0 or never.
        case fatal(String)
    }

    /// The event of one line; nil for all other lines.
    package static func event(of line: String) -> Event? {
        if let range = line.range(ofLast: "message on port ") {
            let digits = line[range...].prefix(while: \.isNumber)
            if let port = Int(digits) { return .listening(port: port) }
        }
        if line.hasPrefix("... end of run") { return .endOfRun }
        if line.hasPrefix("Created remote object") { return .serverReady }
        if let summary = SummaryLine(line) { return .summary(summary) }
        return fault(in: line).map { .fatal($0) }
    }

    private static func fault(in line: String) -> String? {
        let known = [
            ("Engine is busy", "a JMeter server is still busy with another test"),
            ("is a loopback address", "JMeter's server was given no address others can reach"),
            ("Error in rconfigure()", "a JMeter server could not be given the plan"),
            ("remote engines have not started", "not all JMeter servers were started"),
            ("Error in NonGUIDriver", "JMeter could not load the plan"),
            ("An error occurred: ", "JMeter could not start"),
            // JMeter goes on after this, as a guest of whoever has the port.
            ("Problem creating registry", "the port of JMeter's server is taken"),
            ("Server failed to start", "JMeter's server could not start"),
            ("Duplicate options", "JMeter was given an option twice"),
            ("Problem loading XML", "JMeter could not load the plan"),
            ("Failed to configure", "a JMeter server could not be reached"),
            ("Connection refused to host", "a JMeter server could not be reached"),
            ("non-JRMP server at remote endpoint", "the JMeters of the fleet have different keys"),
            (
                "Remote host terminated the handshake",
                "the JMeters of the fleet have different keys"
            ),
            ("java.lang.OutOfMemoryError", "JMeter ran out of memory"),
            ("Could not reserve enough space", "JMeter's heap is larger than the machine's memory"),
            ("Could not create the Java Virtual Machine", "Java could not start"),
            ("Error occurred during initialization of VM", "Java could not start"),
        ]
        guard let (_, meaning) = known.first(where: { line.contains($0.0) }) else { return nil }
        let detail = line.split(separator: " ").joined(separator: " ")
        return "\(meaning) (JMeter: \(detail.prefix(300)))"
    }
}

extension String {
    /// The index after the last occurrence of `text`.
    fileprivate func range(ofLast text: String) -> String.Index? {
        var index = endIndex
        while index > startIndex {
            index = self.index(before: index)
            if self[index...].hasPrefix(text) { return self.index(index, offsetBy: text.count) }
        }
        return nil
    }
}
