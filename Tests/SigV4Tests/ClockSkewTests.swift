// The cross-SDK cases of clock skew: what a client signs with and what it learns, answer by answer.

import FoundationEssentials
import HTTP
import SigV4
import Testing

@Suite struct ClockSkewTests {
    @Test func `reads the date of an answer, and nothing that is none`() throws {
        let time = try #require(SigningTime(httpDate: "Sun, 30 Aug 2015 12:36:00 GMT"))
        #expect(time.stamp == "20150830T123600Z")
        for text in [
            "", "30 Aug 2015 12:36:00 GMT", "Sun, 31 Foo 2015 12:36:00 GMT",
            "Sun, 30 Aug 2015 25:36:00 GMT", "Sun, 30 Aug 2015 12:36:00 CET",
            "Sun, 30 Aug 99999999999999999999 12:36:00 GMT", "Sun, 30 Aug 2015 12:36 GMT",
        ] {
            #expect(SigningTime(httpDate: text) == nil, "\(text)")
        }
    }

    @Test func `a wrong secret under a known skew is not taken for the clock`() {
        #expect(!ClockSkew.explains("SignatureDoesNotMatch", shown: 1200, used: 1200))
        #expect(ClockSkew.explains("SignatureDoesNotMatch", shown: 1200, used: 0))
        #expect(ClockSkew.explains("RequestExpired", shown: 0, used: 1200))
        #expect(!ClockSkew.explains("UnauthorizedOperation", shown: 1200, used: 0))
    }

    @Test(.enabled(if: SharedFiles.haveVectors), arguments: SkewFile.cases)
    func `follows the specification`(_ example: SkewFile.Case) throws {
        for operation in example.operations {
            var skew = ClockSkew(seconds: operation.initialClientSkew)
            var outcome = "error"
            var count = 0
            for attempt in operation.attempts {
                count += 1
                let sent = try Self.time(attempt.clientTimeAtSend)
                let used = skew
                #expect(used.signingTime(at: sent) == (try Self.time(attempt.expectedSigningTime)))
                var headers = HTTPHeaders()
                for (name, value) in attempt.response.headers { headers.add(name, value) }
                let shown = skew.learn(
                    from: headers, sent: sent, received: try Self.time(attempt.clientTimeAtReceive))
                if attempt.response.statusCode == 200 {
                    outcome = "success"
                    break
                }
                let code = try #require(attempt.response.errorCode)
                let mayRetry = count < operation.maxAttempts ?? 3
                guard mayRetry, ClockSkew.explains(code, shown: shown, used: used.seconds) else {
                    break
                }
            }
            #expect(count == operation.attempts.count)
            #expect(skew.seconds == operation.expectedClientSkew)
            #expect(outcome == operation.expectedOutcome)
        }
    }

    @Test(.enabled(if: SharedFiles.haveVectors))
    func `there are ten cases`() {
        #expect(SkewFile.cases.count == 10)
    }

    private static func time(_ text: String) throws -> SigningTime {
        try #require(SigningTime(stamp: text.filter { $0 != "-" && $0 != ":" }))
    }
}

struct SkewFile: Decodable {
    struct Case: Decodable, CustomTestStringConvertible {
        let description: String
        let operations: [Operation]

        var testDescription: String { description }
    }

    struct Operation: Decodable {
        let initialClientSkew: Int64
        let maxAttempts: Int?
        let attempts: [Attempt]
        let expectedClientSkew: Int64
        let expectedOutcome: String
    }

    struct Attempt: Decodable {
        let clientTimeAtSend: String
        let clientTimeAtReceive: String
        let expectedSigningTime: String
        let response: Response
    }

    struct Response: Decodable {
        let statusCode: Int
        let headers: [String: String]
        let errorCode: String?
    }

    let tests: [Case]

    static let cases: [Case] = {
        let file = SharedFiles.vectors.appending(path: "clock-skew-test-cases.json")
        guard let data = try? Data(contentsOf: file),
            let read = try? JSONDecoder().decode(SkewFile.self, from: data)
        else { return [] }
        return read.tests
    }()
}
