// Signed requests with one byte changed on the way, before a strict judge: none may pass.

import FoundationEssentials
import Glibc
import HTTP
import SigV4
import Testing

@Suite(.enabled(if: Botocore.isThere && SignatureJudge.isThere, "no Python, or no gate"))
struct TamperingTests {
    @Test func `no tampered byte is accepted, and every untouched request is`() async throws {
        let seed = Botocore.seed
        var random = SeededGenerator(state: seed)
        var lines: [String] = []
        var changes: [String] = []
        while lines.count < (Botocore.isCampaign ? 100_000 : 10_000) {
            let example = try RandomCase(using: &random)
            // The judge reads dots at a path's end another way; no call of ours has any.
            guard !example.request.url.path.contains("/.") else { continue }
            let signed = try SentRequest(example)
            var tampered = signed
            guard let change = tampered.tamper(using: &random) else { continue }
            lines += [try signed.line(), try tampered.line()]
            changes.append(change)
        }
        let verdicts = try await SignatureJudge.judge(lines)
        try #require(verdicts.count == lines.count)
        for (index, change) in changes.enumerated() {
            #expect(
                verdicts[index * 2] == "accepted",
                "seed \(seed), number \(index): \(lines[index * 2])")
            #expect(
                verdicts[index * 2 + 1] != "accepted",
                "seed \(seed), number \(index), \(change): \(lines[index * 2 + 1])")
        }
    }
}

/// A signed request as it goes over the wire.
struct SentRequest: Encodable {
    var method: String
    var target: String
    var headers: [[String]]
    var body: String
    let key: String
    let secret: String
    let stamp: String

    init(_ example: RandomCase) throws {
        var request = example.request
        let signer = Signer(example.scope)
        if let expires = example.expires {
            request.url = try signer.presign(
                request, with: example.credential, at: example.time, validFor: expires)
        } else {
            request = try signer.sign(request, with: example.credential, at: example.time)
        }
        request.headers.add("Host", request.url.authority)
        method = request.method
        target = request.url.path + (request.url.query.map { "?" + $0 } ?? "")
        headers = request.headers.fields.map { [$0.name, $0.value] }
        var bytes: [UInt8] = []
        if case .bytes(let given) = request.body { bytes = given }
        body = Data(bytes).base64EncodedString()
        key = example.credential.accessKeyID
        secret = example.credential.secretAccessKey
        stamp = example.time.stamp
    }

    func line() throws -> String {
        String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    }

    /// Changes one byte of something that the signature covers; `nil` if there is nothing there.
    mutating func tamper(using random: inout SeededGenerator) -> String? {
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            method = method == "PUT" ? "POST" : "PUT"
            return "method"
        case 1: return Self.change(&target, using: &random) ? "target" : nil
        case 2:
            let covered = headers.indices.filter {
                !["user-agent", "authorization"].contains(headers[$0][0].lowercased())
            }
            guard let index = covered.randomElement(using: &random) else { return nil }
            return Self.change(&headers[index][1], using: &random) ? headers[index][0] : nil
        default:
            var bytes = Array(Data(base64Encoded: body) ?? Data())
            guard let place = bytes.indices.randomElement(using: &random) else { return nil }
            bytes[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
            body = Data(bytes).base64EncodedString()
            return "body"
        }
    }

    /// Changes a letter or digit that is not part of a percent-coded byte into another.
    private static func change(_ text: inout String, using random: inout SeededGenerator) -> Bool {
        var bytes = Array(text.utf8)
        let places = bytes.indices.filter { place in
            let isLetter = UInt8(ascii: "a")...UInt8(ascii: "z") ~= bytes[place] | 0x20
            let isCoded = bytes[max(0, place - 2)..<place].contains(UInt8(ascii: "%"))
            return isLetter && !isCoded
        }
        guard let place = places.randomElement(using: &random) else { return false }
        bytes[place] = bytes[place] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
        text = String(decoding: bytes, as: UTF8.self)
        return true
    }
}

/// The gate of the simulated cloud, which checks signatures as AWS does.
enum SignatureJudge {
    static let isThere = FileManager.default.fileExists(
        atPath: Botocore.root.appending(path: "utility/simulated-cloud/door/gate.py").path)

    static func judge(_ lines: [String]) async throws -> [Substring] {
        try await Botocore.run(
            "utility/check-signatures", [], on: lines.joined(separator: "\n")
        ).split(separator: "\n")
    }
}
