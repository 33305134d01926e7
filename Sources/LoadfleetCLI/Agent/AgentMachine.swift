// The machine that an agent runs on: what it is called, where its fleet's other nodes reach it, and
// whether it is to be taken away. An EC2 instance knows that from its metadata service.
import AWS
import FoundationEssentials
import Glibc
import Machine
import Node

/// A machine as its agent sees it.
struct AgentMachine: Sendable {
    /// What the provider calls it.
    let id: String
    /// An IPv4 address.
    let address: String
    /// Who knows whether it is to be taken away, where anybody does.
    let outlook: (any OutlookSource)?

    /// This process on this machine, which nobody takes away.
    static var process: AgentMachine {
        AgentMachine(id: "pid \(getpid())", address: "127.0.0.1", outlook: nil)
    }

    /// The EC2 instance that this is.
    ///
    /// - Throws: ``AccessError`` when it is none, or does not say what it is called.
    static func instance(_ metadata: InstanceMetadata) async throws(AccessError) -> AgentMachine {
        func text(_ path: String) async throws(AccessError) -> String {
            guard let text = try await metadata.text("/latest/meta-data/" + path) else {
                throw AccessError(
                    .sourceFailed, "EC2 instance metadata: there is no \(path)",
                    hint: "check the instance's metadata options")
            }
            return text
        }
        return AgentMachine(
            id: try await text("instance-id"), address: try await text("local-ipv4"),
            outlook: InstanceOutlook(metadata: metadata))
    }

    /// Powers the machine off; an instance of a fleet is terminated by that.
    ///
    /// - Throws: ``CommandFailure`` when it refuses.
    static func powerOff(_ variables: [String: String]) async throws {
        let run = try await CapturedRun.of(
            ProcessRequest(
                "/bin/sh", ["-c", "exec shutdown -h now"], environment: variables),
            limit: .seconds(30))
        guard run.end == .exited(0) else {
            throw CommandFailure(
                message: "the machine cannot be powered off: \(run.output)",
                hint: "agents with --at-end poweroff must run as root")
        }
    }
}

/// Asks an EC2 instance's metadata service whether the instance is to be taken away.
struct InstanceOutlook: OutlookSource {
    let metadata: InstanceMetadata

    private struct Action: Decodable {
        let action: String
        let time: Date
    }

    func outlook() async throws -> MachineOutlook {
        if let notice = try await metadata.text("/latest/meta-data/spot/instance-action") {
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            let action = try decoder.decode(Action.self, from: Data(notice.utf8))
            return .ends(action: action.action, at: action.time)
        }
        let rebalance = "/latest/meta-data/events/recommendations/rebalance"
        return try await metadata.text(rebalance) == nil ? .stays : .isAtRisk
    }
}
