// `report --follow` as a process, ended as people end it.
import Foundation
import Glibc
import Machine
import Testing

@Suite struct FollowTests {
    @Test(.timeLimit(.minutes(2)))
    func `Ctrl-C ends the following, and the summary is printed`() async throws {
        let bench = try Bench()
        let path = try bench.write("timeStamp,elapsed,label,success\n0,10,a,true\n", to: "a.jtl")
        let command = try await bench.start(
            ["report", "--follow", path, "-o", "csv", "--gate", "max < 1s"])
        try await wait("the first figures") { command.errors.contains("1 samples") }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("1000,20,b,true\n".utf8))
        try file.close()
        command.child.signal(SIGINT)
        let end = try await command.end(within: .seconds(60))
        #expect(end.code == 0, "\(end.all)")
        #expect(end.output.contains("\r\nTotal,total,2,"), "\(end.all)")
    }
}
