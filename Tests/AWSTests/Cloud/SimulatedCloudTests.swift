// The simulated cloud's own tests, which are written in its language, and the check of templates
// and policies, so that one command runs everything.

import Foundation
import Testing

@Suite(.serialized) struct SimulatedCloudTests {
    @Test(arguments: ["test_fleets", "test_foundation", "test_machines"])
    func `the simulated cloud does what AWS does`(module: String) throws {
        let folder = Tools.root.appending(path: "utility/simulated-cloud").path()
        let result = try Tools.run([
            Tools.python.get(), "-W", "ignore", "-m", "unittest", "discover", "--start-directory",
            folder, "--top-level-directory", folder, "--pattern", "\(module).py",
        ])
        #expect(result.status == 0, "\(result.output)")
    }

    @Test func `policies and templates hold against AWS's reference`() throws {
        let result = try Tools.run(script: "utility/check-policies")
        #expect(result.status == 0, "\(result.output)")
    }
}
