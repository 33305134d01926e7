// `report --intervals` and reports of intervals: the same figures as from the samples, in every
// format, and plain words where intervals don't hold what is asked for.
import FoundationEssentials
import Testing

@testable import LoadfleetCLI

struct IntervalTests {
    /// Two labels over four seconds, a transaction, a failure and a line that can't be used.
    private func scene() throws -> Scene {
        let scene = try Scene()
        try scene.write(
            "a.jtl",
            """
            timeStamp,elapsed,label,responseCode,responseMessage,success,bytes,allThreads,Latency
            1000,10,a,200,OK,true,100,1,9
            1500,30,b,500,Boom,false,70,2,8
            2250,20,a,304,Not Modified,true,3,2,7
            2300,21,t,200,"Number of samples in transaction : 2, failing : 0",true,3,2,0
            4000,40,a,200,OK,true,100,1,9
            5000,7

            """)
        try scene.write(
            "b.jtl", "timeStamp,elapsed,label,success\n3000,70000,c,true\n3000,5,a,true\n")
        return scene
    }

    private let formats = ["csv", "json", "markdown", "statistics"]

    @Test(arguments: ["out.lfi", "out.lfi.zst"])
    func `intervals give the reports that their samples give`(name: String) async throws {
        let scene = try scene()
        for format in formats {
            let rows = await scene.run(
                "report", "a.jtl", "b.jtl", "-o", format, "--intervals", name)
            #expect(rows.status == .done)
            let read = await scene.run("report", name, "-o", format)
            #expect(read.output == rows.output && read.errors == rows.errors)
        }
    }

    @Test func `intervals and samples may be mixed, and written again`() async throws {
        let scene = try scene()
        _ = await scene.run("report", "a.jtl", "--intervals", "a.lfi")
        for format in formats {
            let rows = await scene.run(
                "report", "a.jtl", "b.jtl", "-o", format, "--intervals", "whole.lfi")
            let mixed = await scene.run(
                "report", "a.lfi", "b.jtl", "-o", format, "--intervals", "mixed.lfi")
            #expect(mixed.output == rows.output)
        }
        let bytes = try ["whole.lfi", "mixed.lfi"].map {
            try Data(contentsOf: URL(filePath: "\(scene.folder)/\($0)"))
        }
        #expect(bytes[0] == bytes[1])
    }

    @Test func `whole seconds and labels can be chosen`() async throws {
        let scene = try scene()
        _ = await scene.run("report", "a.jtl", "--intervals", "a.lfi")
        let choice = ["--from", "2000", "--to", "4000", "--label", "?"]
        let rows = await scene.run(["report", "a.jtl", "-o", "csv"] + choice)
        let read = await scene.run(["report", "a.lfi", "-o", "csv"] + choice)
        #expect(read.output == rows.output && rows.output.contains("Total,total,1,"))
    }

    @Test(arguments: [
        (["--from", "2001"], "whole seconds"), (["--trim", "1s500ms"], "whole seconds"),
        (["--window", "3"], "were the last"),
    ])
    func `what intervals do not hold is said`(options: [String], words: String) async throws {
        let scene = try scene()
        _ = await scene.run("report", "a.jtl", "--intervals", "a.lfi")
        let outcome = await scene.run(["report", "a.lfi"] + options)
        #expect(outcome.status == .wrongInput)
        #expect(outcome.errors.contains(words) && outcome.errors.contains("\nhint: "))
        #expect(outcome.output == "")
    }

    @Test func `damaged intervals are one clear error`() async throws {
        let scene = try scene()
        _ = await scene.run("report", "a.jtl", "--intervals", "a.lfi")
        let path = URL(filePath: "\(scene.folder)/a.lfi")
        var bytes = try Data(contentsOf: path)
        try bytes.dropLast(9).write(to: path)
        let cut = await scene.run("report", "a.lfi")
        #expect(cut.status == .wrongInput && cut.errors.contains("checksum is wrong"))
        bytes[4] = 9
        try bytes.write(to: path)
        let other = await scene.run("report", "a.lfi")
        #expect(other.status == .wrongInput && other.errors.contains("its version is 9"))
    }

    @Test func `a place that cannot be written is an error before any report`() async throws {
        let outcome = await (try scene()).run("report", "a.jtl", "--intervals", "none/a.lfi")
        #expect(outcome.status != .done && outcome.output == "")
        #expect(outcome.errors.contains("cannot write"))
    }
}
