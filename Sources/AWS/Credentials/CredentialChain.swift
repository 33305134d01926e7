// Picks the source of credentials by the order that AWS's SDKs and command line share: variables,
// the profile, a web identity in variables, the container, the EC2 instance. The first one that is
// configured is used, and its failure is the failure of all: credentials of somebody else would
// not be what the user meant.

package import HTTP
internal import Synchronization

/// The credentials that the configuration leads to.
///
/// The files are read anew for each credential, so that keys which another program renews there
/// are taken up when AWS refuses the old ones.
package final class CredentialChain: CredentialSource {
    private let configuration: AWSConfiguration
    private let transport: any HTTPTransport
    private let instanceHasServed = Mutex(false)

    /// The chain of a configuration.
    ///
    /// - Parameters:
    ///   - configuration: Says what is configured, and which profile was asked for.
    ///   - transport: Asks the sources that must be asked.
    package init(_ configuration: AWSConfiguration, transport: any HTTPTransport) {
        self.configuration = configuration
        self.transport = transport
    }

    /// Finds the source to use.
    ///
    /// Reads variables and files, and asks nobody.
    ///
    /// - Throws: ``AccessError`` when the shared files cannot be read.
    package func survey() throws(AccessError) -> ChainSurvey {
        let looks = ChainLooks(
            configuration: try configuration.renewed(), transport: transport)
        var steps: [ChainStep] = []
        var chosen: ChosenSource?
        var failure: AccessError?
        for (name, look) in looks.all {
            guard chosen == nil, failure == nil else {
                steps.append(ChainStep(source: name, outcome: .notReached, detail: "not needed"))
                continue
            }
            do throws(AccessError) {
                switch try look() {
                case .absent(let reason):
                    steps.append(ChainStep(source: name, outcome: .absent, detail: reason))
                case .source(let source):
                    chosen = source
                    steps.append(
                        ChainStep(source: name, outcome: .chosen, detail: source.name))
                }
            } catch {
                failure = error
                steps.append(ChainStep(source: name, outcome: .wrong, detail: error.message))
            }
        }
        if chosen == nil, failure == nil { failure = .nothingFound() }
        return ChainSurvey(steps: steps, chosen: chosen, failure: failure)
    }

    /// Asks the source to use for a fresh credential.
    package func grant() async throws(AccessError) -> Grant {
        let survey = try survey()
        guard let chosen = survey.chosen else { throw survey.failure ?? .nothingFound() }
        guard chosen.isLastResort else { return try await chosen.source.grant() }
        do {
            let grant = try await chosen.source.grant()
            instanceHasServed.withLock { $0 = true }
            return grant
        } catch {
            // What is no EC2 instance, or one without a role, has nothing to ask. One that gave
            // credentials before only fails for a while.
            guard error.kind != .configuration, !instanceHasServed.withLock({ $0 }) else {
                throw error
            }
            throw .nothingFound(error)
        }
    }
}
