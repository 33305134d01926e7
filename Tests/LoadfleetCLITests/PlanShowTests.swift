// `plan show`: what people and scripts read before there is a fleet.
import FoundationEssentials
import Testing

@testable import LoadfleetCLI

struct PlanShowTests {
    private func scene(threads: String = "${__P(threads,10)}") throws -> Scene {
        let scene = try Scene()
        try scene.write("users.csv", "name\n" + (1...10).map { "user\($0)\n" }.joined())
        try scene.write(
            "plan.jmx",
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.3">
              <hashTree>
                <TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="plan"/>
                <hashTree>
                  <SetupThreadGroup guiclass="SetupThreadGroupGui" testclass="SetupThreadGroup" testname="before">
                    <stringProp name="ThreadGroup.num_threads">1</stringProp>
                    <elementProp name="ThreadGroup.main_controller" elementType="LoopController">
                      <boolProp name="LoopController.continue_forever">false</boolProp>
                      <stringProp name="LoopController.loops">1</stringProp>
                    </elementProp>
                  </SetupThreadGroup>
                  <hashTree/>
                  <ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="load">
                    <stringProp name="ThreadGroup.num_threads">\(threads)</stringProp>
                    <stringProp name="ThreadGroup.ramp_time">${__P(ramp,30)}</stringProp>
                    <elementProp name="ThreadGroup.main_controller" elementType="LoopController">
                      <boolProp name="LoopController.continue_forever">false</boolProp>
                      <stringProp name="LoopController.loops">20</stringProp>
                    </elementProp>
                  </ThreadGroup>
                  <hashTree>
                    <ConstantThroughputTimer guiclass="TestBeanGUI" testclass="ConstantThroughputTimer" testname="pace">
                      <intProp name="calcMode">2</intProp>
                      <stringProp name="throughput">600</stringProp>
                    </ConstantThroughputTimer>
                    <hashTree/>
                    <CSVDataSet guiclass="TestBeanGUI" testclass="CSVDataSet" testname="users">
                      <stringProp name="filename">users.csv</stringProp>
                    </CSVDataSet>
                    <hashTree/>
                  </hashTree>
                </hashTree>
              </hashTree>
            </jmeterTestPlan>

            """)
        return scene
    }

    /// What `plan show` says of the scene's plan, its folder left out of paths.
    private func show(_ scene: Scene, _ arguments: [String]) async -> Scene.Outcome {
        let outcome = await scene.run(["plan", "show", "\(scene.folder)/plan.jmx"] + arguments)
        return Scene.Outcome(
            status: outcome.status, output: outcome.output.replacing("\(scene.folder)/", with: ""),
            errors: outcome.errors.replacing("\(scene.folder)/", with: ""))
    }

    @Test func `the table says who does how much`() async throws {
        let outcome = await show(try scene(), ["--workers", "4", "-Jthreads=6"])
        #expect(outcome.status == .done)
        #expect(
            outcome.output == """
                plan.jmx on 4 workers, standalone

                Thread groups
                  before        SetupThreadGroup         1 thread, 1 loop
                    worker 1: 1, workers 2-4: nothing
                  load          ThreadGroup              6 threads, ramp-up 30 s, 20 loops
                    workers 1-2: 2, workers 3-4: 1
                  All together                           6 threads
                    workers 1-2: 2, workers 3-4: 1

                Rates and limits
                  pace          ConstantThroughputTimer  throughput: 600 samples/min
                    workers 1-2: 200, workers 3-4: 100

                Data files
                  users.csv     split                    10 records, and a header
                    workers 1-2: 3, workers 3-4: 2

                """)
        #expect(outcome.errors.contains("plan.jmx:6: 'before' runs on the first worker only"))
    }

    @Test func `the JSON has every worker's figures, which add up`() async throws {
        let outcome = await show(
            try scene(),
            [
                "-w", "7", "--rps", "100", "--setup", "all", "--data", "users.csv=unique-block",
                "--json",
            ])
        #expect(outcome.status == .done)
        let read = try JSONDecoder().decode(Shown.self, from: Data(outcome.output.utf8))
        #expect(read.workers == 7)
        #expect(read.setup == "all")
        #expect(read.threads == [2, 2, 2, 1, 1, 1, 1])
        #expect(read.groups.map(\.worker_threads) == [[1, 1, 1, 1, 1, 1, 1], read.threads])
        #expect(read.groups[1].line == 14)
        #expect(read.data_files[0].policy == "unique-block")
        #expect(read.data_files[0].worker_records == read.threads)
        #expect(read.figures.map(\.element) == ["--rps"])
        #expect(read.figures[0].worker_values == ["20", "20", "20", "10", "10", "10", "10"])
        #expect(read.notes.contains { $0.text.contains("--rps 100 takes its place") })
    }

    private struct Shown: Decodable {
        struct Group: Decodable { var line: Int, worker_threads: [Int] }
        struct Figure: Decodable { var element: String, worker_values: [String?] }
        struct File: Decodable { var policy: String, worker_records: [Int] }
        struct Note: Decodable { var text: String }
        var workers: Int, setup: String, threads: [Int], groups: [Group], figures: [Figure]
        var data_files: [File], notes: [Note]
    }

    @Test(arguments: [
        (["--workers", "3"], "plan.jmx:14: thread group 'load'", "the property threads"),
        (["--workers", "11", "-Jthreads=20"], "users.csv", "10 records can't be split"),
        (["--workers", "3", "-Jthreads=9", "--data", "user.csv=copy"], "plan.jmx", "no file"),
        (["--rps", "fast"], "--rps", "a number above 0"),
        (["--setup", "twice"], "--setup", "'once' or 'all'"),
    ])
    func `what a run would refuse is refused with code 2 and its place`(
        arguments: [String], place: String, words: String
    ) async throws {
        let outcome = await show(try scene(threads: "${__P(threads)}"), arguments)
        #expect(outcome.status == .wrongInput)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("error: "))
        #expect(outcome.errors.contains(place), "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test func `workers that do the same share a word`() {
        #expect(WorkerRanges.text(["3", "3", "3"]) == "each: 3")
        #expect(WorkerRanges.text(["3"]) == "worker 1: 3")
        #expect(WorkerRanges.text(["3", nil, nil]) == "worker 1: 3, workers 2-3: nothing")
        let many = (0..<20).map { "\($0)" }
        #expect(WorkerRanges.text(many).hasSuffix("worker 8: 7, … (all with --json)"))
    }
}
