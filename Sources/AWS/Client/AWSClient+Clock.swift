// The time of day at AWS, which a client knows from the answers it got.

package import FoundationEssentials
internal import SigV4

extension AWSClient {
    /// A service's time of day, to the second; this machine's until an answer has shown it.
    package func now(at service: AWSService) -> Date {
        let now = clock()
        guard let server = try? endpoints(service).url else { return now }
        return now + Double(skews.skew(of: server).seconds)
    }
}
