// Where a machine's own services hand out credentials.

import HTTP
import Testing

@testable import AWS

@Suite struct AddressTests {
    @Test(.enabled(if: Vectors.present))
    func `containers ask where all SDKs ask, 11 cases`() throws {
        let tests = try Vectors.json("ecs-tests.json")["tests"].list
        #expect(tests.count == 11)
        for test in tests {
            let name = Comment(rawValue: test["docs"].string ?? "")
            let surroundings = Surroundings.test(test["env"].strings)
            guard let problem = test["result"]["ErrorContains"].string else {
                #expect(
                    try ContainerEndpoint.url(surroundings) == test["result"]["Ok"].string, name)
                continue
            }
            if problem.hasPrefix("No environment variables") {
                #expect(try ContainerEndpoint.url(surroundings) == nil, name)
                continue
            }
            let error = try #require(throws: AccessError.self, name) {
                try ContainerEndpoint.url(surroundings)
            }
            #expect(error.message.contains(problem), name)
        }
    }

    @Test(.enabled(if: Vectors.present))
    func `instances ask where all SDKs ask, 14 cases`() throws {
        let tests = try Vectors.json("imds-endpoint-tests.json")["tests"].list
        #expect(tests.count == 14)
        for test in tests {
            let name = Comment(rawValue: test["docs"].string ?? "")
            let configuration = try AWSConfiguration(
                .test(test["env"].strings, files: test["fs"].strings))
            let url = { () throws(AccessError) in
                try MetadataEndpoint.url(
                    configuration, url: test["endpoint_override"].string,
                    mode: test["mode_override"].string) + "/latest/api/token"
            }
            if let problem = test["result"]["Err"].string {
                let error = try #require(throws: AccessError.self, name) { try url() }
                #expect(error.message.contains(problem), name)
            } else {
                #expect(try url() == test["result"]["Ok"].string, name)
                #expect(try HTTPURL(url()).text == test["result"]["Ok"].string, name)
            }
        }
    }

    @Test(arguments: [
        "http://evil.example/c", "http://169.254.170.3/c", "http://127.0.0.1.evil.example/c",
        "http://user:canary@127.0.0.1/c", "ftp://localhost/c", "http://[::2]/c",
        "http://127.0.0.256/c", "http://localhost.evil/c",
    ])
    func `credentials are not fetched in the clear from anywhere else`(url: String) throws {
        let error = try #require(throws: AccessError.self) {
            try ContainerEndpoint.url(.test(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url]))
        }
        #expect(error.kind == .configuration)
        #expect(!error.message.contains("canary"))
    }

    @Test(arguments: ["http://127.9.8.7:80/c", "http://[::1]:8/c", "HTTPS://any.example/c"])
    func `loopback and encryption will do`(url: String) throws {
        #expect(
            try ContainerEndpoint.url(.test(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])) == url)
    }
}
