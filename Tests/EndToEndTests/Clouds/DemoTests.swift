// The whole way on EC2, as `make demo-aws` shows it: instances of the simulated cloud boot the real
// user-data, run real JMeter, and deliver by way of S3 and CloudWatch Logs.
import Foundation
import Glibc
import Machine
import Testing

extension EndToEnd {
    @Suite struct Demo {
        @Test(.enabled(if: getuid() == 0, "instances that boot need root"))
        func `a fleet of spot instances boots, runs a plan in both modes, and leaves nothing`()
            async throws
        {
            let bench = try Bench()
            let run = try await PipedRun.of(
                ProcessRequest(
                    Product.root + "/utility/demo-aws", [Product.binary],
                    environment: bench.environment.merging(["TMPDIR": bench.folder]) { $1 },
                    directory: Product.root), limit: .seconds(1200))
            let output = String(decoding: run.output, as: UTF8.self)
            let said = "\(output)\n---\n\(String(decoding: run.complaint, as: UTF8.self))"
            #expect(run.end == .ended(.exited(0)), "\(said)")
            #expect(output.contains("fleet 'demo' is up: 1 controller, 2 workers (ec2)"))
            let verdicts = output.split(separator: "\n").filter { $0 == "Verdict: passed" }
            // Of both runs, and of the last one again, by `results`.
            #expect(verdicts.count == 3, "\(said)")
            #expect(output.contains("JMeterEngine: Running the test!"), "no live log: \(said)")
            #expect(output.contains("3 instances ended, nothing is left"), "\(said)")
            #expect(output.contains("The cloud itself says that nothing is left."))
        }
    }
}
