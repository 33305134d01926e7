// Requests as odd as a call may make them, from a seed, and written down for another signer.

import FoundationEssentials
import HTTP
import SigV4

/// A source of random numbers that gives the same ones for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// A request with all that its signature depends on.
struct RandomCase {
    let request: HTTPRequest
    let scope: SigningScope
    let credential: Credential
    let time: SigningTime
    let expires: Int?

    init(using random: inout SeededGenerator) throws {
        let service = ["s3", "ec2", "logs", "scheduler", "sts"].randomElement(using: &random) ?? ""
        let isPresigned = Int.random(in: 0..<4, using: &random) == 0
        scope = SigningScope(
            region: ["eu-west-1", "us-east-1"].randomElement(using: &random) ?? "",
            service: service)
        credential = Credential(
            accessKeyID: "AKID\(Int.random(in: 0..<1000, using: &random))",
            secretAccessKey: Self.text(&random, 20...40),
            sessionToken: Bool.random(using: &random) ? Self.text(&random, 1...80) : nil)
        time = SigningTime(secondsSince1970: Int64.random(in: 0...4_000_000_000, using: &random))
        expires = isPresigned ? Int.random(in: 1...604_800, using: &random) : nil
        let method = ["GET", "PUT", "POST", "DELETE", "HEAD"].randomElement(using: &random) ?? ""
        var host =
            ["https://h.example.com", "http://127.0.0.1:5551", "https://b.s3.A.com:443"]
            .randomElement(using: &random) ?? ""
        host += Self.path(&random)
        host += Self.query(&random, repeating: !isPresigned)
        var request = HTTPRequest(method, try HTTPURL(host))
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            let name =
                ["X-Amz-Meta-A", "x-amz-meta-a", "Content-Type", "Range", "User-Agent", "If-Match"]
                .randomElement(using: &random) ?? ""
            request.headers.add(name, Self.text(&random, 0...30))
        }
        let hasBody = !isPresigned && Bool.random(using: &random)
        if hasBody, service == "s3" || method != "GET" {
            request.body = .bytes(
                (0..<Int.random(in: 0...300, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                })
        }
        self.request = request
    }

    private static let odd: [Character] = Array(
        "abcXYZ019-._~ /+=&?#%!$'()*,:;@[]\"<>\\^`{|}äßñ日本語🚀\u{301}\u{10ffff}")

    private static func text(_ random: inout SeededGenerator, _ counts: ClosedRange<Int>) -> String
    {
        String(
            (0..<Int.random(in: counts, using: &random)).map { _ in
                odd.randomElement(using: &random) ?? "a"
            })
    }

    private static func path(_ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...5, using: &random)).map { _ in
            switch Int.random(in: 0..<8, using: &random) {
            case 0: "/"
            case 1: "/."
            case 2: "/.."
            case 3: "/run%20id"
            default: "/" + PercentCoding.encode(text(&random, 0...12))
            }
        }.joined()
    }

    private static func query(_ random: inout SeededGenerator, repeating: Bool) -> String {
        let count = Int.random(in: 0...4, using: &random)
        guard count > 0 else { return "" }
        let parts = (0..<count).map { index in
            // botocore's presigned form keeps one value a name; ours is not asked to.
            let name = repeating ? text(&random, 1...3) : "\(index)" + text(&random, 0...3)
            let value = PercentCoding.encode(text(&random, 0...8))
            return PercentCoding.encode(name) + "=" + value
        }
        return "?" + parts.joined(separator: "&")
    }

    /// The case as a line for `utility/sign-with-botocore`.
    func line() throws -> String {
        struct Line: Encodable {
            let method, url: String
            let headers: [[String]]
            let body, service, region, key, secret: String
            let token: String?
            let stamp: String
            let expires: Int?

            // A synthesized one would leave a missing token out.
            func encode(to encoder: any Encoder) throws {
                var fields = encoder.container(keyedBy: Keys.self)
                try fields.encode(method, forKey: .method)
                try fields.encode(url, forKey: .url)
                try fields.encode(headers, forKey: .headers)
                try fields.encode(body, forKey: .body)
                try fields.encode(service, forKey: .service)
                try fields.encode(region, forKey: .region)
                try fields.encode(key, forKey: .key)
                try fields.encode(secret, forKey: .secret)
                try fields.encode(token, forKey: .token)
                try fields.encode(stamp, forKey: .stamp)
                try fields.encode(expires, forKey: .expires)
            }

            enum Keys: String, CodingKey {
                case method, url, headers, body, service, region, key, secret, token, stamp, expires
            }
        }
        var bytes: [UInt8] = []
        if case .bytes(let given) = request.body { bytes = given }
        let line = Line(
            method: request.method, url: request.url.text,
            headers: request.headers.fields.map { [$0.name, $0.value] },
            body: Data(bytes).base64EncodedString(), service: scope.service, region: scope.region,
            key: credential.accessKeyID, secret: credential.secretAccessKey,
            token: credential.sessionToken, stamp: time.stamp, expires: expires)
        return String(decoding: try JSONEncoder().encode(line), as: UTF8.self)
    }

    /// Our own signature: the header's value, or the URL's last parameter.
    func signature(_ keys: SigningKeys) throws -> String {
        let signer = Signer(scope, keys: keys)
        if let expires {
            let url = try signer.presign(request, with: credential, at: time, validFor: expires)
            let mark = "X-Amz-Signature="
            guard let query = url.query, let range = query.firstRange(of: mark) else { return "" }
            return String(query[range.upperBound...])
        }
        return try signer.sign(request, with: credential, at: time).headers["Authorization"] ?? ""
    }
}
