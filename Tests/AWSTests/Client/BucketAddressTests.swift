// Where a bucket stands in a URL, by the rules AWS publishes for its SDKs.

import Foundation
import HTTP
import Testing

@testable import AWS

@Suite(.enabled(if: Vectors.present)) struct BucketAddressTests {
    @Test func `buckets are addressed as AWS's own rules have it`() throws {
        var checked = 0
        for test in try Vectors.json("endpoint-rules/s3.json")["testCases"].list {
            guard let wanted = test["expect"]["endpoint"]["url"].string,
                let bucket = test["params"]["Bucket"].string,
                let region = test["params"]["Region"].string, Self.isOurs(test["params"], bucket)
            else { continue }
            let variables = [
                "AWS_USE_FIPS_ENDPOINT": test["params"]["UseFIPS"].bool == true ? "true" : "false",
                "AWS_USE_DUALSTACK_ENDPOINT":
                    test["params"]["UseDualStack"].bool == true ? "true" : "false",
            ]
            let configuration = try AWSConfiguration(.test(variables))
            let endpoint = try configuration.endpoint(of: .s3, region: region)
            var url = try endpoint.request(HeadBucket(bucket).request).url.text
            if url.hasSuffix("/") { url.removeLast() }
            #expect(url == wanted, "\(bucket) in \(region)")
            checked += 1
        }
        #expect(checked == 22)
    }

    /// Cases about buckets as we have them: none of access points, directory buckets, S3 on
    /// Outposts, acceleration, and of S3's one endpoint for the whole world.
    private static func isOurs(_ parameters: JSON, _ bucket: String) -> Bool {
        let suffixes = ["--x-s3", "--op-s3", "--xa-s3"]
        guard !bucket.contains(":"), !suffixes.contains(where: bucket.hasSuffix),
            parameters["Region"].string != "aws-global"
        else { return false }
        let known: Set<String> = ["Region", "Bucket", "UseFIPS", "UseDualStack", "Key"]
        return parameters.keys.allSatisfy {
            known.contains($0) || parameters[$0].bool == false
                || ["UseArnRegion", "DisableMultiRegionAccessPoints"].contains($0)
        }
    }
}
