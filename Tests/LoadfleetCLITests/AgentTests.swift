// What an agent finds out about its store and its machine before it works.
import AWS
import Foundation
import LoadfleetTesting
import Node
import Testing

@testable import LoadfleetCLI

@Suite struct AgentTests {
    @Test func `a store is a folder, or a prefix of a bucket`() throws {
        #expect(try StorePlace("/var/store") == .folder("/var/store"))
        #expect(try StorePlace("relative:name") == .folder("relative:name"))
        #expect(try StorePlace("s3://b") == .s3(bucket: "b", prefix: ""))
        #expect(try StorePlace("s3://b/p/q r/") == .s3(bucket: "b", prefix: "p/q r/"))
        for wrong in ["s3://", "s3:///p", "https://b/p", "S3://b"] {
            let error = try #require(throws: UsageFailure.self) { try StorePlace(wrong) }
            #expect(error.message.contains(wrong))
        }
    }

    @Test func `a store in S3 needs a log group`() async throws {
        let place = try StorePlace("s3://b/p")
        let error = try await #require(throws: UsageFailure.self) {
            try await place.open(logGroup: nil, access: nil)
        }
        #expect(error.hint?.contains("--log-group") == true)
    }

    @Test func `an instance is known by its metadata, and so is its end`() async throws {
        let service = try MetadataService()
        service.add("i-1")
        let context = Context(
            variables: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": service.endpoint(of: "i-1")],
            directory: "/", standardOutput: MemorySink(), standardError: MemorySink())
        let access = try AWSAccess(context)
        let machine = try await AgentMachine.instance(
            .init(access.configuration, transport: access.transport))
        #expect(machine.id == "i-1" && machine.address == "127.0.0.1")
        let source = try #require(machine.outlook)
        #expect(try await source.outlook() == .stays)
        service.say(
            "events/recommendations/rebalance", #"{"noticeTime": "2026-01-01T00:00:00Z"}"#,
            to: "i-1")
        #expect(try await source.outlook() == .isAtRisk)
        service.say(
            "spot/instance-action", #"{"action": "stop", "time": "2026-01-01T00:00:00Z"}"#,
            to: "i-1")
        #expect(
            try await source.outlook()
                == .ends(action: "stop", at: Date(timeIntervalSince1970: 1_767_225_600)))
        service.say("spot/instance-action", "<html>", to: "i-1")
        await #expect(throws: (any Error).self) { try await source.outlook() }
    }

    @Test func `a machine that is no instance cannot be a node of S3's store`() async throws {
        let context = Context(
            variables: ["AWS_EC2_METADATA_DISABLED": "true"], directory: "/",
            standardOutput: MemorySink(), standardError: MemorySink())
        let access = try AWSAccess(context)
        let error = #expect(throws: AccessError.self) {
            try InstanceMetadata(access.configuration, transport: access.transport)
        }
        #expect(error?.message.contains("AWS_EC2_METADATA_DISABLED") == true)
    }
}
