// `results export`: from a word on the command line to what a server gets.
import AWS
import Fleet
import Foundation
import LoadfleetTesting
import Store
import Testing

@testable import LoadfleetCLI

struct ExportTests {
    private let samples = "timeStamp,elapsed,label,success\n1700000000000,12,Home,true\n"

    @Test func `a file's figures are sent under the name given`() async throws {
        let server = try LoopbackServer { _ in answer("200 OK") }
        let scene = try Scene()
        try scene.write("a.jtl", samples)
        let outcome = await scene.run(
            "results", "export", "a.jtl", "--name", "nightly", "--to", "pushgateway=\(server.url)",
            "--json", variables: ["LOADFLEET_PUSHGATEWAY_TOKEN": "s3cr3t"])
        #expect(outcome.status == .done, "\(outcome.errors)")
        #expect(outcome.output.contains(#""run":"nightly","sent":[{"to":"pushgateway""#))
        #expect(outcome.errors.hasSuffix(": 2 rows of figures\n"))
        let request = try #require(server.requests.first)
        #expect(request.line == "PUT /metrics/job/loadfleet/run/nightly HTTP/1.1")
        #expect(request.header("Authorization") == "Bearer s3cr3t")
        #expect(String(decoding: request.body, as: UTF8.self).contains("loadfleet_samples 1\n"))
        #expect(!(outcome.output + outcome.errors).contains("s3cr3t"))
    }

    @Test(arguments: [
        (["--to", "pushgateway=http://h"], "is no run, so there is no id"),
        (["--name", "n", "--to", "http://ann:s3cr3t@h"], "nothing that results can be sent to"),
        (["--name", "n", "--to", "influx=http://ann:s3cr3t@h"], "does not say where to write"),
        (["--name", "n", "--to", "s3=s3://b"], "only a run's folder is sent to S3"),
        (["--name", "n", "--to", "pushgateway=http://h", "--what", "samples"], "takes no samples"),
        (["--name", "n", "--to", "opensearch=http://h", "--index", "Big"], "no index can be"),
    ])
    func `what makes no sense is refused before anything is sent`(
        options: [String], words: String
    ) async throws {
        let scene = try Scene()
        try scene.write("a.jtl", samples)
        let outcome = await scene.run(["results", "export", "a.jtl"] + options)
        #expect(outcome.status == .wrongInput, "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.errors.contains("hint: "))
        #expect(!outcome.errors.contains("s3cr3t"))
    }

    @Test func `a run's folder is sent under its id, to one place after the other`() async throws {
        let cloud = try await SimulatedCloud.running()
        let bucket = "export-\(UUID().uuidString.lowercased())"
        _ = try await cloud.client().send(CreateBucket(bucket, region: "us-east-1"))
        let gateway = try LoopbackServer { _ in answer("200 OK") }
        let scene = try Scene.local()
        let id = "20250101-1-a"
        try await scene.keep(runs: [id])
        // As it is before anybody has fetched it.
        try FileManager.default.removeItem(atPath: scene.folder + "/results")
        try await FolderStore(at: LocalProvider.storeFolder(in: scene.folder + "/state"))
            .delete(RunKeys(id).fetched)
        let early = await scene.run("results", "export", id, "--to", "pushgateway=\(gateway.url)")
        #expect(early.status == .failed)
        #expect(early.errors.contains("fetch them with: loadfleet results \(id)"))
        #expect(await scene.run("results", id).status == .invalid)
        try scene.write("results/\(id)/samples/worker-1.jtl.zst", "x")
        let outcome = await scene.run(
            "results", "export", id, "--to", "s3=s3://\(bucket)/runs", "--to",
            "pushgateway=\(gateway.url)",
            variables: [
                "AWS_ENDPOINT_URL": cloud.url(), "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": cloud.key, "AWS_SECRET_ACCESS_KEY": cloud.secret,
                "AWS_EC2_METADATA_DISABLED": "true", "LOADFLEET_OPENSEARCH_USER": "unused",
            ])
        #expect(outcome.status == .done, "\(outcome.errors)")
        #expect(!outcome.errors.contains("is not known"), "\(outcome.errors)")
        let keys = try await cloud.client().send(ListObjectsV2(bucket)).objects.map(\.key)
        #expect(Set(keys).isSuperset(of: ["run", "summary"].map { "runs/\(id)/\($0).json" }))
        #expect(keys.contains("runs/\(id)/samples/worker-1.jtl.zst"))
        #expect(outcome.errors.contains("s3://\(bucket)/runs/: \(keys.count) files\n"))
        let metrics = String(decoding: gateway.requests.last?.body ?? [], as: UTF8.self)
        #expect(metrics.contains(#"loadfleet_verdict{status="invalid"} 1"#))
    }

    @Test func `who is not let in is told so`() async throws {
        let server = try LoopbackServer { _ in answer("403 Forbidden", "no") }
        let scene = try Scene()
        try scene.write("a.jtl", samples)
        let outcome = await scene.run(
            "results", "export", "a.jtl", "--name", "n", "--to", "opensearch=\(server.url)")
        #expect(outcome.status == .accessDenied)
        #expect(outcome.errors.contains("says 403: no"), "\(outcome.errors)")
    }
}

struct NotifyTests {
    @Test(arguments: [
        ["run", "x.jmx", "--notify", "slack=ftp://h/s3cr3t"],
        ["results", "--notify", "webhook=h/s3cr3t"], ["attach", "--notify", "sns=s"],
        ["run", "x.jmx", "--detach", "--notify", "slack=http://h/s3cr3t"],
    ])
    func `who can't be told is refused before there is a run`(arguments: [String]) async throws {
        let scene = try Scene()
        try scene.write("x.jmx", "<jmeterTestPlan/>")
        let outcome = await scene.run(arguments, variables: ["JMETER_HOME": "/nowhere"])
        #expect(outcome.status == .wrongInput)
        #expect(outcome.errors.contains("hint: "), "\(outcome.errors)")
        #expect(!outcome.errors.contains("s3cr3t"))
    }

    @Test(arguments: [
        (
            [
                "GITHUB_SERVER_URL": "https://g", "GITHUB_REPOSITORY": "o/r",
                "GITHUB_RUN_ID": "7",
            ], "https://g/o/r/actions/runs/7"
        ),
        (["CI_JOB_URL": "https://gl/j"], "https://gl/j"),
        (["CODEBUILD_BUILD_URL": "https://cb/b"], "https://cb/b"), ([:], nil),
    ])
    func `a notice leads to the pipeline's job`(variables: [String: String], link: String?) {
        #expect(Notifications.job(variables) == link)
    }
}
