// A gigabyte to S3 and back, side by side with the AWS command line: a campaign, run on request.

import Foundation
import Testing

@testable import AWS

@Suite(.enabled(if: Campaign.isOn), .serialized) struct TransferCampaign {
    @Test func `a gigabyte goes up and down as fast as with the AWS command line`() async throws {
        let cloud = try Cloud.running()
        let client = try cloud.s3Client()
        let bucket = "campaign-\(UUID().uuidString.lowercased().prefix(8))"
        _ = try await client.send(CreateBucket(bucket, region: nil))
        let files = try TemporaryFiles()
        let (path, copy, theirs) = (files.path("f"), files.path("copy"), files.path("theirs"))
        #expect(
            try Tools.run(["/bin/sh", "-c", "head -c 1073741824 /dev/urandom > \(path)"]).status
                == 0)
        try Self.resetPeak()
        let clock = ContinuousClock()
        let before = try Self.peak()
        let up = try await clock.measure {
            _ = try await client.upload(Upload(path: path, bucket: bucket, key: "ours"))
        }
        let down = try await clock.measure {
            _ = try await client.download(bucket, "ours", to: copy)
        }
        let peak = try Self.peak()
        #expect(try Tools.run(["/usr/bin/cmp", path, copy]).status == 0)
        let theirUp = try clock.measure {
            try Self.aws(cloud, ["s3", "cp", "--quiet", path, "s3://\(bucket)/theirs"])
        }
        let theirDown = try clock.measure {
            try Self.aws(cloud, ["s3", "cp", "--quiet", "s3://\(bucket)/theirs", theirs])
        }
        print(
            "up \(up), aws \(theirUp); down \(down), aws \(theirDown); peak \(before) → \(peak) KiB"
        )
        #expect(up <= theirUp)
        #expect(down <= theirDown)
        #expect(peak < 64 << 10)
    }

    private static func aws(_ cloud: Cloud, _ arguments: [String]) throws {
        let program = URL(filePath: try Tools.python.get()).deletingLastPathComponent()
            .appending(path: "aws").path()
        let result = try Tools.run(
            [
                "/usr/bin/env", "AWS_ACCESS_KEY_ID=\(cloud.s3Key)",
                "AWS_SECRET_ACCESS_KEY=\(cloud.s3Secret)", "AWS_REGION=us-east-1",
                "AWS_CONFIG_FILE=/dev/null", program, "--endpoint-url",
                "http://127.0.0.1:\(cloud.s3)",
            ] + arguments)
        guard result.status == 0 else { throw ToolFailure(output: result.output) }
    }

    /// Starts the count of peak memory anew, so that what the tests did before is not in it.
    private static func resetPeak() throws {
        try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    }

    /// The most memory this process had, in KiB.
    private static func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return try #require(line?.split(separator: " ").compactMap { Int($0) }.first)
    }
}
