// What this machine's owner says about its end. AWS announces that it takes a spot instance away
// about two minutes before it does, and asks to look every five seconds.

package import FoundationEssentials

/// What is to become of a machine.
package enum MachineOutlook: Sendable, Equatable {
    case stays
    /// It may be taken away sooner than others.
    case isAtRisk
    /// It is taken away; `action` is what its owner calls that.
    case ends(action: String, at: Date)
}

/// Asks what is to become of this machine.
package protocol OutlookSource: Sendable {
    func outlook() async throws -> MachineOutlook
}

/// Watches this machine's outlook.
struct OutlookWatch {
    private let source: any OutlookSource
    private let note: @Sendable (String) -> Void
    private var last: MachineOutlook?
    private var lastError: String?

    init(_ source: any OutlookSource, note: @escaping @Sendable (String) -> Void) {
        self.source = source
        self.note = note
    }

    /// Looks once; the announced end, in words, if there is one.
    mutating func end() async -> String? {
        do {
            let outlook = try await source.outlook()
            lastError = nil
            if outlook != last, outlook == .isAtRisk {
                note("this machine is at elevated risk of being taken away")
            }
            last = outlook
            guard case .ends(let action, let time) = outlook else { return nil }
            let clock = time.formatted(.iso8601)
            return "its machine is taken away (\(action) at \(clock))"
        } catch {
            // Said once, not every five seconds.
            let text = sentence(error)
            if text != lastError { note("cannot ask whether this machine stays: \(text)") }
            lastError = text
            return nil
        }
    }
}
