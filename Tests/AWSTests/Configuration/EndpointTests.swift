import Testing

@testable import AWS

@Suite struct EndpointTests {
    /// Not among the services we call; the vectors use it to tell services apart.
    private static let dynamoDB = AWSService(id: "DynamoDB", endpointPrefix: "dynamodb")

    @Test(.enabled(if: Vectors.present))
    func `configured endpoints have their order, 39 cases`() throws {
        var count = 0
        for suite in try Vectors.json("endpoint-url-profile-tests.json")["testSuites"].list {
            let config = Self.config(suite)
            for test in suite["endpointUrlTests"].list {
                let client = suite["client_configs"][test["client_config"].string ?? ""]
                let environment = suite["environments"][test["environment"].string ?? ""]
                let configuration = try AWSConfiguration(
                    .test(
                        environment.strings.merging(["AWS_CONFIG_FILE": "/c"]) { $1 },
                        files: ["/c": config]),
                    explicit: ExplicitAccess(
                        profile: test["profile"].string,
                        endpointURL: client["endpoint_url"].string,
                        ignoresConfiguredEndpoints: client["ignore_configured_endpoint_urls"].bool))
                let service = test["service"].string == "s3" ? AWSService.s3 : Self.dynamoDB
                #expect(
                    try configuration.endpoint(of: service).url
                        == test["output"]["endpointUrl"].string,
                    Comment(rawValue: test["name"].string ?? ""))
                count += 1
            }
        }
        #expect(count == 39)
    }

    /// A config file with the suite's profiles and services.
    private static func config(_ suite: JSON) -> String {
        var text = ""
        for name in suite["profiles"].keys {
            text += "[profile \(name)]\n"
            text += suite["profiles"][name].strings.map { "\($0) = \($1)\n" }.joined()
        }
        for name in suite["services"].keys {
            text += "[services \(name)]\n"
            for service in suite["services"][name].keys {
                text += "\(service) =\n"
                text += suite["services"][name][service].strings.map { "  \($0) = \($1)\n" }
                    .joined()
            }
        }
        return text
    }

    private static let services: [(String, AWSService)] = [
        ("ec2", .ec2), ("logs", .logs), ("sts", .sts), ("ssm", .ssm), ("scheduler", .scheduler),
        ("service-quotas", .serviceQuotas), ("cloudformation", .cloudFormation), ("s3", .s3),
        ("pricing", .pricing), ("sns", .sns),
    ]

    @Test(.enabled(if: Vectors.present), arguments: services)
    func `hosts are the ones AWS's own rules give`(file: String, service: AWSService) throws {
        var checked = 0
        for test in try Vectors.json("endpoint-rules/\(file).json")["testCases"].list {
            let parameters = test["params"]
            // Ours is the service's endpoint in a region: buckets, acceleration and the old
            // global endpoints are not asked for here, and two cases have no parameters.
            let known: Set = ["Region", "UseFIPS", "UseDualStack", "Endpoint"]
            guard !parameters.keys.isEmpty, known.isSuperset(of: parameters.keys),
                parameters["Region"].string != "aws-global"
            else { continue }
            var variables = [
                "AWS_REGION": parameters["Region"].string ?? "",
                "AWS_USE_FIPS_ENDPOINT": "\(parameters["UseFIPS"].bool ?? false)",
                "AWS_USE_DUALSTACK_ENDPOINT": "\(parameters["UseDualStack"].bool ?? false)",
            ]
            variables["AWS_ENDPOINT_URL"] = parameters["Endpoint"].string
            // A custom endpoint without a region works for SDKs; our signatures need one.
            guard parameters["Region"].exists || !parameters["Endpoint"].exists else { continue }
            let configuration = try AWSConfiguration(.test(variables))
            if test["expect"]["error"].exists {
                #expect(throws: AccessError.self) { try configuration.endpoint(of: service) }
            } else {
                #expect(
                    try configuration.endpoint(of: service).url
                        == test["expect"]["endpoint"]["url"].string)
            }
            checked += 1
        }
        #expect(checked >= (service == .s3 ? 4 : 19), "\(file): \(checked) checked")
    }

    @Test func `a service that few regions have is called in one that has it`() throws {
        let here = try AWSConfiguration(.test(["AWS_REGION": "eu-north-1"]))
        let endpoint = try here.endpoint(of: .pricing)
        #expect(endpoint.url == "https://api.pricing.us-east-1.amazonaws.com")
        #expect(endpoint.region == "us-east-1")
        let gov = try AWSConfiguration(.test(["AWS_REGION": "us-gov-west-1"]))
        #expect(try gov.endpoint(of: .pricing).region == "us-gov-west-1")
    }

    @Test func `names of services in variables are AWS's own`() throws {
        let configuration = try AWSConfiguration(
            .test([
                "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": "http://logs:1/",
                "AWS_ENDPOINT_URL_SERVICE_QUOTAS": "http://quotas:2",
            ]))
        let logs = try configuration.endpoint(of: .logs)
        #expect(logs.url == "http://logs:1")
        #expect(logs.configuredBy == "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS")
        #expect(try configuration.endpoint(of: .serviceQuotas).url == "http://quotas:2")
        #expect(try configuration.endpoint(of: .ec2).isCustom == false)
    }

    @Test(arguments: [
        "localhost:4566", "ftp://x", "http://", "http:///x", "http://a b", "https://u:p@host",
        "http://:80",
        "http://x\"",
    ])
    func `a configured endpoint that cannot be called is an error`(url: String) throws {
        let configuration = try AWSConfiguration(
            .test(["AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": url]))
        let error = try #require(throws: AccessError.self) {
            try configuration.endpoint(of: .ec2)
        }
        #expect(error.kind == .configuration && error.message.contains("AWS_ENDPOINT_URL"))
    }

    @Test func `region comes from the first that names one, and nowhere else`() throws {
        let files = ["/c": "[default]\nregion = eu-west-3\n[profile none]\n"]
        var variables = ["AWS_CONFIG_FILE": "/c"]
        #expect(try AWSConfiguration(.test(variables, files: files)).region().source == "/c:2")
        variables["AWS_DEFAULT_REGION"] = "eu-west-2"
        #expect(
            try AWSConfiguration(.test(variables, files: files)).region()
                == Sourced("eu-west-2", from: "AWS_DEFAULT_REGION"))
        variables["AWS_REGION"] = "eu-west-1"
        #expect(
            try AWSConfiguration(.test(variables, files: files)).region().value == "eu-west-1")
        #expect(
            try AWSConfiguration(.test(variables, files: files), explicit: .init(region: "x-y-1"))
                .region().value == "x-y-1")
        let error = try #require(throws: AccessError.self) {
            try AWSConfiguration(
                .test(["AWS_CONFIG_FILE": "/c", "AWS_PROFILE": "none"], files: files)
            )
            .region()
        }
        #expect(error.message == "no AWS region is set")
        #expect(error.hint?.contains("AWS_REGION") == true)
    }

    @Test(arguments: ["evil.example/", "a b", "eu-west-1.evil.com#", "-x", "", "@evil"])
    func `a region's name cannot lead elsewhere`(region: String) throws {
        let configuration = try AWSConfiguration(.test(), explicit: .init(region: region))
        #expect(throws: AccessError.self) { try configuration.endpoint(of: .sts) }
    }

    @Test func `certificates, proxies and what goes direct`() throws {
        let settings = try AWSConfiguration(
            .test(
                [
                    "AWS_CA_BUNDLE": "~/ca.pem", "HOME": "/home/u", "HTTPS_PROXY": "http://p:1",
                    "HTTP_PROXY": "http://from-a-header", "no_proxy": "a.example",
                ], files: ["/home/u/ca.pem": "PEM"])
        ).connectionSettings()
        #expect(settings.caBundle == Sourced("/home/u/ca.pem", from: "AWS_CA_BUNDLE"))
        #expect(settings.httpsProxy?.value.text == "http://p:1")
        #expect(settings.httpProxy == nil)
        #expect(settings.noProxy.hasPrefix("a.example,169.254.169.254,"))
        let error = try #require(throws: AccessError.self) {
            try AWSConfiguration(.test(["AWS_CA_BUNDLE": "/none.pem"])).connectionSettings()
        }
        #expect(error.message.contains("/none.pem"))
    }

    @Test func `settings that make no sense are not taken for their defaults`() throws {
        #expect(throws: AccessError.self) {
            try AWSConfiguration(.test(["AWS_MAX_ATTEMPTS": "many"])).retryRules()
        }
        #expect(throws: AccessError.self) {
            try AWSConfiguration(.test(["AWS_REGION": "r-1", "AWS_USE_FIPS_ENDPOINT": "yes"]))
                .endpoint(of: .ec2)
        }
        #expect(try AWSConfiguration(.test(["AWS_MAX_ATTEMPTS": "7"])).retryRules().attempts == 7)
    }
}
