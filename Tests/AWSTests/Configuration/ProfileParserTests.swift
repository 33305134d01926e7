import Testing

@testable import AWS

@Suite struct ProfileParserTests {
    @Test(.enabled(if: Vectors.present))
    func `reads the shared files as all SDKs agreed to, 65 cases`() throws {
        let tests = try Vectors.json("profile-parser-tests.json")["tests"].list
        #expect(tests.count == 65)
        for test in tests {
            let name = Comment(rawValue: test["name"].string ?? "")
            let input = test["input"]
            let read = { () throws(AccessError) in
                try SharedConfiguration(
                    config: Array((input["configFile"].string ?? "").utf8), configFile: "config",
                    credentials: Array((input["credentialsFile"].string ?? "").utf8),
                    credentialsFile: "credentials")
            }
            if let problem = test["output"]["errorContaining"].string {
                let error = try #require(throws: AccessError.self, name) { try read() }
                #expect(error.message.contains(problem), name)
                #expect(error.message.hasPrefix("config:"), name)
                continue
            }
            let shared = try read()
            let expected = test["output"]["config"]
            check(shared.profiles, expected["profiles"], name)
            check(shared.ssoSessions, expected["sso_sessions"], name)
        }
    }

    private func check(_ groups: [String: ConfigGroup], _ expected: JSON, _ name: Comment) {
        #expect(groups.keys.sorted() == expected.keys, name)
        for key in expected.keys {
            #expect(groups[key]?.values.mapValues(\.text) == expected[key].strings, name)
        }
    }

    @Test func `each value knows its line`() throws {
        let shared = try SharedConfiguration(
            config: Array("# top\n[default]\nregion = x\n".utf8), configFile: "/c",
            credentials: Array("[default]\r\naws_access_key_id = A\r\n".utf8),
            credentialsFile: "/s")
        #expect(shared.profiles["default"]?.value("region")?.place.text == "/c:3")
        #expect(shared.profiles["default"]?.value("aws_access_key_id")?.place.text == "/s:2")
        #expect(shared.profiles["default"]?["aws_access_key_id"] == "A")
    }

    @Test func `errors name file and line`() throws {
        let error = try #require(throws: AccessError.self) {
            try SharedConfiguration(
                config: Array("[default]\nregion\n".utf8), configFile: "/home/u/.aws/config",
                credentials: [], credentialsFile: "")
        }
        #expect(
            error.message
                == "/home/u/.aws/config:2: Expected an '=' sign defining a property")
        #expect(error.hint != nil)
    }

    @Test(arguments: [
        ("\u{FEFF}[default]\nregion = x", "default"),
        ("[profile \"two words\"]\nregion = x", "two words"),
        ("[profile 'q']\nregion = x\n   # an indented comment\n", "q"),
    ])
    func `byte order marks, quoted names and indented comments do no harm`(
        text: String, profile: String
    ) throws {
        let shared = try SharedConfiguration(
            config: Array(text.utf8), configFile: "c", credentials: [], credentialsFile: "s")
        #expect(shared.profiles[profile]?["region"] == "x")
    }

    @Test(.enabled(if: Vectors.present))
    func `finds the files where they are, 9 cases`() throws {
        let tests = try Vectors.json("file-location-tests.json")["tests"].list
        #expect(tests.count == 9)
        // Five cases are about Windows, where loadfleet does not run.
        let ours = tests.filter { $0["platform"].string == "linux" }
        #expect(ours.count == 4)
        for test in ours {
            let surroundings = Surroundings.test(test["environment"].strings)
            #expect(
                AWSConfiguration.configFile(surroundings) == test["configLocation"].string)
            #expect(
                AWSConfiguration.credentialsFile(surroundings)
                    == test["credentialsLocation"].string)
            let profile = try AWSConfiguration(surroundings).profileName.value
            #expect(profile == test["profile"].string ?? "default")
        }
    }
}
