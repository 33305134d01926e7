// AWS's own signing cases: requests as text, and every step of their signatures in both forms.

import FoundationEssentials
import HTTP
import Testing

@testable import SigV4

@Suite(.enabled(if: SharedFiles.haveVectors))
struct VectorTests {
    static let cases: [SigningCase] = {
        let folder = SharedFiles.vectors.appending(path: "sigv4")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().map { SigningCase(folder: folder.appending(path: $0)) }
    }()

    @Test func `there are 38 cases`() {
        #expect(Self.cases.count == 38)
    }

    @Test(arguments: cases)
    func `signs in the header`(_ example: SigningCase) throws {
        let context = try example.context()
        var request = try example.request()
        if context.signBody {
            request.headers.add(
                "x-amz-content-sha256", try Self.hash(of: request))
        }
        let signed = try context.signer.sign(
            request, with: context.signingCredential, at: context.time)
        let steps = try Steps(
            of: signed, by: context.signer, at: context.time, payload: try Self.hash(of: request))
        #expect(steps.canonical == (try example.text("header-canonical-request")))
        #expect(steps.stringToSign == (try example.text("header-string-to-sign")))
        let authorization = try #require(signed.headers["Authorization"])
        #expect(authorization.hasSuffix("Signature=\(try example.text("header-signature"))"))
        #expect(
            try example.text("header-signed-request").split(separator: "\n")
                .contains("Authorization:\(authorization)"))
    }

    @Test(arguments: cases)
    func `signs in the query`(_ example: SigningCase) throws {
        let (context, request) = (try example.context(), try example.request())
        var bench = try Workbench()
        let signable = try context.signer.presignable(
            request, with: context.signingCredential, at: context.time,
            validFor: context.expiration, on: &bench)
        let steps = try Steps(
            of: signable, by: context.signer, at: context.time,
            payload: try context.signer.presignedPayload(of: request, nil, with: &bench.hash))
        #expect(steps.canonical == (try example.text("query-canonical-request")))
        #expect(steps.stringToSign == (try example.text("query-string-to-sign")))
        let url = try context.signer.presign(
            request, with: context.signingCredential, at: context.time,
            validFor: context.expiration)
        let query = try #require(url.query)
        #expect(query.hasSuffix("&X-Amz-Signature=\(try example.text("query-signature"))"))
        // The vectors put the parameters into another order, which is nobody's business.
        let firstLine = try example.text("query-signed-request").prefix { $0 != "\n" }
        let expected = firstLine.dropLast(" HTTP/1.1".count).split(separator: "?").last ?? ""
        let token = context.unsignedToken.map {
            ["X-Amz-Security-Token=\(PercentCoding.encode($0))"]
        }
        #expect(
            Set(query.split(separator: "&").map(String.init) + (token ?? []))
                == Set(expected.split(separator: "&").map(String.init)))
    }
}

extension VectorTests {
    static func hash(of request: HTTPRequest) throws -> String {
        var hash = try SHA256()
        return try PayloadHash.computed.text(for: request.body, with: &hash)
    }
}

/// The steps of a signature, as texts.
struct Steps {
    let canonical: String
    let stringToSign: String

    init(of request: HTTPRequest, by signer: Signer, at time: SigningTime, payload: String) throws {
        var bench = try Workbench()
        let canonical = CanonicalRequest(
            request.method, request.url, request.headers, rules: signer.scope.rules,
            payload: payload, to: &bench.text)
        self.canonical = bench.text.string(canonical.form)
        let signed = try bench.writeStringToSign(
            canonical, at: time.stamp, scope: signer.scope.text(at: time))
        stringToSign = bench.text.string(signed)
    }
}

/// One folder of the suite.
struct SigningCase: CustomTestStringConvertible {
    let folder: URL

    var testDescription: String { folder.lastPathComponent }

    func text(_ name: String) throws -> String {
        try SharedFiles.text(folder.appending(path: "\(name).txt"))
    }

    struct Context: Decodable {
        struct Keys: Decodable {
            let accessKeyId: String
            let secretAccessKey: String
            let token: String?
        }

        let credentials: Keys
        let expirationInSeconds: Int
        let normalize: Bool
        let region: String
        let service: String
        let signBody: Bool
        let timestamp: String
        let omitSessionToken: Bool?

        var expiration: Int { expirationInSeconds }

        var signer: Signer {
            Signer(
                SigningScope(
                    region: region, service: service,
                    rules: normalize ? .standard : .unnormalized))
        }

        var time: SigningTime {
            get throws {
                try #require(SigningTime(stamp: timestamp.filter { $0 != "-" && $0 != ":" }))
            }
        }

        /// The credential that signs; a token to be added afterwards is not its part.
        var signingCredential: Credential {
            Credential(
                accessKeyID: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey,
                sessionToken: omitSessionToken == true ? nil : credentials.token)
        }

        var unsignedToken: String? { omitSessionToken == true ? credentials.token : nil }
    }

    func context() throws -> Context {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            Context.self, from: try Data(contentsOf: folder.appending(path: "context.json")))
    }

    /// Reads a request as the suite writes it: raw characters in the path, folded header lines.
    func request() throws -> HTTPRequest {
        let text = String(
            decoding: try Data(contentsOf: folder.appending(path: "request.txt")), as: UTF8.self)
        let head = text.firstRange(of: "\n\n").map { text[..<$0.lowerBound] } ?? text[...]
        let body = text.firstRange(of: "\n\n").map { text[$0.upperBound...] } ?? ""
        var lines = head.split(separator: "\n")
        let first = lines.removeFirst().dropLast(" HTTP/1.1".count)
        let space = try #require(first.firstIndex(of: " "))
        let target = first[first.index(after: space)...]
        let question = target.firstIndex(of: "?") ?? target.endIndex
        var fields: [(String, String)] = []
        for line in lines {
            if line.first == " ", let last = fields.indices.last {
                fields[last].1 += " " + line
            } else {
                let colon = try #require(line.firstIndex(of: ":"))
                fields.append((String(line[..<colon]), String(line[line.index(after: colon)...])))
            }
        }
        var request = HTTPRequest(
            String(first[..<space]),
            HTTPURL(
                scheme: .https, host: "example.amazonaws.com", path: String(target[..<question]),
                query: question == target.endIndex ? nil : String(target[question...].dropFirst())),
            body: body.isEmpty ? .none : .bytes(Array(body.utf8)))
        for (name, value) in fields { request.headers.add(name, value) }
        return request
    }
}
