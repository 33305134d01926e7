// The time of day at AWS, which a client knows from the answers it got.

package import FoundationEssentials
internal import SigV4

extension AWSClient {
    /// A service's time of day, to the second; until an answer of it has
    /// shown it, another service's, or this machine's.
    package func now(at service: AWSService) -> Date {
        let now = clock()
        guard let server = try? endpoints(service).url else { return now }
        return now + Double(skews.likelySkew(of: server).seconds)
    }
}
