// An image of one's own, made by an instance that really boots, and a fleet that boots from it.
import Foundation
import Glibc
import LoadfleetTesting
import Testing

extension EndToEnd {
    @Suite(.serialized, .enabled(if: geteuid() == 0, "instances that boot need root"))
    struct Images {
        @Test(.timeLimit(.minutes(15)))
        func `an image is baked, a fleet boots from it, and both go`() async throws {
            let account = try await Account(strangers: 2, boots: true)
            let bench = try account.bench("plain", workers: 1, remembers: true)
            let baked = try await bench.run("image", "bake", "--yes", within: .seconds(240))
            try #require(baked.code == 0, "\(baked.all)")
            let line = try #require(baked.output.firstMatch(of: /(?m)^  ami: (ami-\w+)$/))
            let image = String(line.1)
            // What it was made by is gone.
            let kinds = try await account.cloud.left()
                .filter { $0.tags["loadfleet:role"] == "image" }.map(\.kind)
            #expect(Set(kinds).subtracting(["snapshot"]) == ["image"])

            let other = try account.bench(
                "baked", workers: 1, settings: ["ami": image], remembers: true)
            let up = try await other.run("up", "--yes", within: .seconds(240))
            #expect(up.code == 0, "\(up.all)")
            let down = try await other.run("down", "--yes", within: .seconds(240))
            #expect(down.code == 0, "\(down.all)")
            let removed = try await other.run("image", "delete", image, "--yes")
            #expect(removed.code == 0, "\(removed.all)")
            #expect(
                try await account.cloud.left().allSatisfy {
                    !["image", "snapshot"].contains($0.kind)
                })
            #expect(try await account.areStrangersWell())
        }
    }
}
