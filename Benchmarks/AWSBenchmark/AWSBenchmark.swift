// One DescribeInstances from a cold start, to be measured beside the AWS command line's; see
// utility/benchmark-aws. No part of the product.

import AWS
import CurlHTTP
import SigV4

@main
struct AWSBenchmark {
    /// Arguments: the endpoint's URL, a key's id, its secret.
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else {
            print("usage: AWSBenchmark URL KEY-ID SECRET")
            return
        }
        let credential = Credential(accessKeyID: arguments[2], secretAccessKey: arguments[3])
        let surroundings = Surroundings(
            variables: [:], readFile: { _ in nil },
            runCommand: { _, _ in CommandResult(succeeded: false, end: "not run", output: []) })
        let configuration = try AWSConfiguration(
            surroundings,
            explicit: ExplicitAccess(region: "us-east-1", endpointURL: arguments[1]))
        let client = try AWSClient(
            configuration, credentials: Fixed(value: credential), transport: CurlTransport())
        let pages = try await client.pages(of: DescribeInstances(maxResults: 1000))
        print(pages.reduce(0) { $0 + $1.instances.count })
    }

    private struct Fixed: CredentialProvider {
        let value: Credential
        func credential() async throws(AccessError) -> Credential { value }
        func reject(keyID: String) async {}
    }
}
