// The foundation on the simulated cloud, from nothing to nothing, in a region that no other test
// uses: a stack is there once in a region.
import FoundationEssentials
import HTTP
import LoadfleetTesting
import Testing

@testable import AWS
@testable import LoadfleetCLI

@Suite(.serialized) struct BootstrapTests {
    private let scene: Scene
    private let cloud: SimulatedCloud
    private let client: AWSClient
    private static let region = "eu-central-1"
    private static let bucket = "loadfleet-123456789012-eu-central-1"

    init() async throws {
        scene = try Scene()
        cloud = try await SimulatedCloud.running()
        let access = try AWSAccess(
            Context(
                variables: Self.variables(cloud), directory: scene.folder,
                standardOutput: MemorySink(), standardError: MemorySink()))
        client = try access.client()
    }

    private static func variables(_ cloud: SimulatedCloud) -> [String: String] {
        [
            "AWS_ENDPOINT_URL": cloud.url(), "AWS_REGION": region,
            "AWS_ACCESS_KEY_ID": cloud.key, "AWS_SECRET_ACCESS_KEY": cloud.secret,
            "AWS_EC2_METADATA_DISABLED": "true",
        ]
    }

    /// Runs a command at today's time, which signatures carry.
    private func run(
        _ arguments: String..., terminal: Terminal = Terminal(), answer: String? = nil
    ) async -> Scene.Outcome {
        let (output, errors) = (MemorySink(), MemorySink())
        let context = Context(
            variables: Self.variables(cloud).merging(["HOME": scene.folder]) { own, _ in own },
            directory: scene.folder, terminal: terminal, standardOutput: output,
            standardError: errors, readLine: { answer })
        let status = await Loadfleet.run(arguments, in: context)
        return Scene.Outcome(status: status, output: output.text, errors: errors.text)
    }

    private func stack() async throws -> Stack? {
        do throws(CallError) {
            return try await client.send(DescribeStacks(name: "loadfleet")).stacks.first
        } catch {
            guard error.code == "ValidationError" else { throw error }
            return nil
        }
    }

    private func outputs() async throws -> [String: String] {
        try #require(try await stack()).outputs
    }

    private func buckets() async throws -> [String] {
        try await client.send(ListBuckets()).buckets.map(\.name).filter { $0 == Self.bucket }
    }

    @Test func `wrong use is refused before anything is asked`() async throws {
        for arguments in [
            ["--vpc", "vpc-1", "--create-network"], ["--vpc", "mine"], ["--delete-bucket"],
            ["--delete", "--create-network"], ["--network-block", "10.0.0.0/33"],
            ["--log-retention-days", "2"], ["--subnet-block", "a"],
        ] {
            let outcome = await scene.run(["bootstrap"] + arguments)
            #expect(outcome.status == .wrongInput, "\(arguments)")
            #expect(outcome.errors.contains("--"), "\(outcome.errors)")
        }
    }

    @Test func `the printed template is the template`() async throws {
        let outcome = await scene.run("bootstrap", "--print")
        #expect(outcome.status == .done)
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "environments/cloudformation/foundation.yaml")
        #expect(Data(outcome.output.utf8) == (try Data(contentsOf: file)))
    }

    @Test func `a foundation's life, from nothing to nothing`() async throws {
        // Nobody to ask, and somebody who says no: nothing is made.
        let unasked = await run("bootstrap")
        #expect(unasked.status == .wrongInput)
        #expect(unasked.errors.contains("add --yes"))
        let asked = await run(
            "bootstrap", terminal: Terminal(isInputTerminal: true), answer: "n")
        #expect(asked.status == .done)
        #expect(asked.errors.contains("Proceed? [y/N]"))
        #expect(await run("bootstrap", "--dry-run").output.contains(Self.bucket))
        #expect(try await stack() == nil)

        // A network that is not there: rolled back, the reason told, and gone at the next attempt.
        let failed = await run("bootstrap", "--yes", "--vpc", "vpc-0bad")
        #expect(failed.status == .rolledBack)
        #expect(failed.errors.contains("Group (AWS::EC2::SecurityGroup) failed"))
        #expect(failed.errors.contains("'vpc-0bad' does not exist"))
        let made = await run("bootstrap", "--yes", "--json")
        #expect(made.status == .done, "\(made.errors)")
        #expect(made.errors.contains("what a failed attempt left (ROLLBACK_COMPLETE)"))
        #expect(made.output.contains("\"action\":\"made\",\"bucket\":\"\(Self.bucket)\""))
        let first = try await outputs()
        #expect(first["Vpc"]?.hasPrefix("vpc-") == true)

        // The same again changes nothing and asks nobody; something else asks first.
        let same = await run("bootstrap", "--json")
        #expect(same.status == .done)
        #expect(same.output.contains("\"action\":\"unchanged\""))
        #expect(await run("bootstrap", "--run-retention-days", "9").status == .wrongInput)
        #expect(await run("bootstrap", "--run-retention-days", "9", "--yes").status == .done)
        #expect(try #require(try await stack()).parameters["RunRetentionDays"] == "9")
        #expect(try await outputs()["Bucket"] == first["Bucket"])

        // In use, it stays.
        let template = try await client.send(
            CreateLaunchTemplate(
                name: "bootstrap-test", data: LaunchTemplateData(imageID: "ami-1"),
                tagSpecifications: [
                    TagSpecification(
                        "launch-template",
                        [Tag("loadfleet:managed", "true"), Tag("loadfleet:fleet", "shop")])
                ]))
        let used = await run("bootstrap", "--delete", "--yes")
        #expect(used.status == .resourcesRemain)
        #expect(used.errors.contains("in use by fleet 'shop'"))
        #expect(used.errors.contains("loadfleet down --fleet shop"))
        _ = try await client.send(DeleteLaunchTemplate(templateID: template.id))

        // Removed, it leaves the bucket with what is in it; made again, it takes the bucket in.
        _ = try await client.send(
            PutObject(Self.bucket, "runs/1/a", body: .bytes(Array("result".utf8))))
        #expect(await run("bootstrap", "--delete").status == .wrongInput)
        let removed = await run("bootstrap", "--delete", "--yes")
        #expect(removed.status == .done, "\(removed.errors)")
        #expect(removed.output.contains("bucket \(Self.bucket) stays"))
        #expect(try await stack() == nil)
        let again = await run("bootstrap", "--yes")
        #expect(again.status == .done, "\(again.errors)")
        #expect(again.errors.contains("which is there already"))
        #expect(
            try await client.send(GetObject(Self.bucket, "runs/1/a")).body == Array("result".utf8))

        try await removeAll()
    }

    /// With versions, marks of deletions, and uploads that nobody completed.
    private func removeAll() async throws {
        _ = try await client.send(SwitchVersioningOn(bucket: Self.bucket))
        for text in ["new", "newer"] {
            _ = try await client.send(
                PutObject(Self.bucket, "runs/1/a", body: .bytes(Array(text.utf8))))
        }
        _ = try await client.send(DeleteObject(Self.bucket, "runs/1/a"))
        _ = try await client.send(CreateMultipartUpload(Self.bucket, "runs/1/ü b"))
        #expect(try await client.send(ListObjectVersions(Self.bucket)).count == 4)
        let removed = await run("bootstrap", "--delete", "--delete-bucket", "--yes", "--json")
        #expect(removed.status == .done, "\(removed.errors)")
        #expect(removed.output.contains("\"action\":\"removed\",\"bucket\":null"))
        #expect(try await stack() == nil)
        #expect(try await buckets() == [])
        let nothing = await run("bootstrap", "--delete", "--yes")
        #expect(nothing.status == .done)
        #expect(nothing.output == "there is no foundation in \(Self.region)\n")
    }
}

/// A call that only this test needs.
private struct SwitchVersioningOn: S3Call {
    let bucket: String

    var request: CallRequest {
        var request = CallRequest(method: "PUT", bucket: bucket)
        request.setQuery("versioning", "")
        var xml = XMLText(root: "VersioningConfiguration")
        xml.add("Status", "Enabled")
        request.setBody(xml, withChecksum: true)
        return request
    }

    typealias Answer = Done
}
