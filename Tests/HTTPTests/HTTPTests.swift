import HTTP
import Testing

@Suite struct HTTPTests {
    @Test(arguments: [
        ("https://host", "https://host/"), ("HTTP://Host:80/a/../b?", "http://host/a/../b?"),
        ("https://host:443?x", "https://host/?x"), ("http://[fd00:ec2::254]:81/a", nil),
        ("http://h/%2e//a?b=%2F&c=:/@?", nil), ("http://h:8080/a:b", nil),
    ])
    func `a URL goes out as it was written`(_ text: String, _ expected: String?) throws {
        #expect(try HTTPURL(text).text == expected ?? text)
    }

    @Test func `the host's header has the port unless it is the scheme's own`() throws {
        #expect(try HTTPURL("https://h:443/").authority == "h")
        #expect(try HTTPURL("https://h:80/").authority == "h:80")
        #expect(try HTTPURL("http://127.0.0.1:5551/").authority == "127.0.0.1:5551")
    }

    @Test(arguments: [
        "", "host", "ftp://h/", "http://", "http:///a", "http://h:0/", "http://h:65536/",
        "http://h:1x/", "http://h/a b", "http://h/\n", "http://u:p@h/", "http://h/#f",
        "http://[::1/",
        "http://[::1]x/", "http:/h", ":", "://", "http://:80/",
    ])
    func `what is no URL says so`(_ text: String) {
        let error = #expect(throws: HTTPError.self) { try HTTPURL(text) }
        guard case .invalidURL(text, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.hint != nil)
    }

    @Test func `fields are found in any case, and set without doubles`() {
        var headers: HTTPHeaders = ["Content-Type": "a", "x-two": "1", "X-TWO": "2"]
        #expect(headers["content-TYPE"] == "a")
        #expect(headers["X-Two"] == "1, 2")
        #expect(headers["X-Twp"] == nil)
        headers["x-Two"] = "3"
        #expect(headers.values(of: "X-TWO") == ["3"])
        headers["x-two"] = nil
        #expect(headers.fields.map(\.name) == ["Content-Type"])
    }

    @Test(arguments: [
        ("a b", "c"), ("", "c"), ("a:", "c"), ("ä", "c"), ("a", "c\r\nd: e"), ("a", "\0"),
    ])
    func `a field that would be more than one line is found`(_ name: String, _ value: String) {
        let headers = HTTPHeaders([
            .init(name: "fine", value: "ä\tb"), .init(name: name, value: value),
        ])
        #expect(headers.invalidField?.name == name)
    }

    @Test func `every byte comes back from percent-coding`() {
        let all = (0...255).map { UInt8($0) }
        var coded: [UInt8] = []
        PercentCoding.append(all, to: &coded)
        #expect(PercentCoding.decode(coded) == all)
        #expect(coded.allSatisfy { $0 < 0x7f && $0 > 0x20 })
        #expect(PercentCoding.encode("run 1/é+~", as: .path) == "run%201/%C3%A9%2B~")
        #expect(PercentCoding.encode("a/b") == "a%2Fb")
        #expect(PercentCoding.decode("%4".utf8) == Array("%4".utf8))
        #expect(PercentCoding.decode("%zz%41".utf8) == Array("%zzA".utf8))
    }

    @Test func `a description shows only fields in which no secret travels`() {
        let headers: HTTPHeaders = [
            "Authorization": "canary", "X-Amz-Security-Token": "canary", "Cookie": "canary",
            "x-aws-ec2-metadata-token": "canary", "x-amz-sso_bearer_token": "canary",
            "X-Unheard-Of": "canary", "ETag": "\"e\"",
        ]
        var dumped = "\(headers) \(String(reflecting: headers))"
        dump(HTTPResponse(status: 200, headers: headers, body: Array("canary".utf8)), to: &dumped)
        dump(HTTPBody.bytes(Array("canary".utf8)), to: &dumped)
        #expect(!dumped.contains("canary"))
        #expect(dumped.contains("ETag: \"e\""))
    }
}
