// What nobody may read: keys, and passwords that a plan's properties hold. Everything that leaves
// the command line on the way to AWS is searched for them, and everything that stays.
import Foundation
import Glibc
import LoadfleetTesting
import Machine
import Store
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Secrets {
        @Test func `no secret is in a request, a template or what stays in the bucket`()
            async throws
        {
            try await search(try await Account(strangers: 1))
        }

        @Test(
            .enabled(if: Death.isCampaign, "a campaign: LOADFLEET_CAMPAIGN=1"),
            .enabled(if: geteuid() == 0, "instances that boot need root"))
        func `no secret is on nodes that boot, nor in their logs`() async throws {
            try await search(try await Account(strangers: 1, boots: true))
        }

        private func search(_ account: Account) async throws {
            let store = try account.store()
            let bench = try account.bench("secret", workers: 1, remembers: true)
            let canaries = (0..<3).map { "canary\($0)\(UUID().uuidString.prefix(12))" }
            try bench.write("password=\(canaries[0])\n", to: "secret.properties")
            // The key itself; it is this account's and no other's.
            let secrets = canaries + [account.cloud.secret]
            try bench.write(
                Plans.sleeping(threads: "1", loops: 60, milliseconds: 100), to: "plan.jmx")
            var ends = [try await bench.run("up", "--yes", "--verbose")]
            #expect(ends[0].code == 0, "\(ends[0].all)")
            let nodes = Task {
                if !account.cloud.boots { await abandonRuns(of: "secret", in: store) }
            }
            defer { nodes.cancel() }
            let run = try await bench.start([
                "run", "plan.jmx", "--properties", "secret.properties", "-Jtoken=\(canaries[1])",
                "--verbose",
            ])
            var exposed: [String] = []
            while run.child.end == nil {
                exposed += Self.processes(holding: secrets, except: run.child.identity.pid)
                try await Task.sleep(for: .milliseconds(200))
            }
            ends.append(try await run.end(within: .seconds(10)))
            #expect(ends[1].code == (account.cloud.boots ? 0 : 4), "\(ends[1].all)")
            ends.append(try await bench.run("logs", "--verbose"))
            ends.append(try await bench.run("status", "--json"))
            let consoles = try await account.consoles(of: "secret")
            ends.append(try await bench.run("down", "--yes", "--verbose"))
            #expect(ends[4].code == 0, "\(ends[4].all)")
            #expect(Set(exposed) == [])

            var places = ends.enumerated().map { ("command \($0)", $1.output + $1.errors) }
            places += consoles.map { ("console", $0) }
            for call in try await account.cloud.log() {
                places.append(("\(call.service) \(call.action ?? "")", call.readable))
            }
            #expect(
                places.contains { $0.1.contains("loadfleet: the lease is over") }, "no user-data")
            for object in try await store.list(prefix: "")
            where !object.key.path.hasPrefix("software/") {
                let data = try await store.read(object.key) ?? Data()
                places.append((object.key.path, String(decoding: data, as: UTF8.self)))
            }
            for (place, text) in places {
                for secret in secrets { #expect(!text.contains(secret), "\(place)") }
            }
            // What stays on this machine, but for what the person wrote and the programs.
            let files = try FileManager.default.subpathsOfDirectory(atPath: bench.folder)
            for file in files where file != "secret.properties" {
                guard let data = FileManager.default.contents(atPath: "\(bench.folder)/\(file)")
                else { continue }
                for secret in secrets {
                    #expect(data.range(of: Data(secret.utf8)) == nil, "\(file)")
                }
            }
        }

        /// Processes of this machine, instances' among them, with a secret on their command line.
        private static func processes(holding secrets: [String], except own: Int32) -> [String] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return names.compactMap { Int32($0) }.filter { $0 != own }.compactMap { pid in
                let words = ProcessTable.commandLine(of: pid) ?? []
                let isExposed = words.contains { word in secrets.contains { word.contains($0) } }
                return isExposed ? words.joined(separator: " ") : nil
            }
        }
    }
}

extension Account {
    /// What instances that boot have said on their consoles.
    fileprivate func consoles(of fleet: String) async throws -> [String] {
        guard cloud.boots else { return [] }
        var texts: [String] = []
        for instance in try await instances(of: fleet) {
            texts.append(
                try await cloud.ask(
                    "_cloud/console", #"{"id": "\#(instance.id)"}"#, for: String.self))
        }
        return texts
    }
}

extension SimulatedCloud.LoggedCall {
    /// Path and body, with forms and user-data in them decoded.
    fileprivate var readable: String {
        let plain = (body.replacing("+", with: " ")).removingPercentEncoding ?? body
        let fields = body.split(separator: "&").compactMap { field -> String? in
            guard field.contains("UserData="), let start = field.firstIndex(of: "=") else {
                return nil
            }
            let value = String(field[field.index(after: start)...]).removingPercentEncoding ?? ""
            return Data(base64Encoded: value).map { String(decoding: $0, as: UTF8.self) }
        }
        return ([path, body, plain] + fields).joined(separator: "\n")
    }
}
