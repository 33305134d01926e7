// One run of a real JMeter, written as CSV and as XML: both must say the same, field by field.
import FoundationEssentials
import JMeter
import JTL
import Testing

@Suite(.enabled(if: fetchedJMeter != nil && installedJava != nil), .serialized)
struct XMLResultsTests {
    private let columns = [
        "time", "latency", "timestamp", "success", "label", "code", "message", "threadName",
        "dataType", "assertions", "subresults", "xml", "saveAssertionResultsFailureMessage",
        "bytes", "sentBytes", "threadCounts", "idleTime", "connectTime", "responseData",
    ]

    /// A listener that writes XML with all that a CSV row holds, and bodies.
    private func listener(_ path: String) -> String {
        let fields = columns.map { "<\($0)>true</\($0)>" }.joined()
        return """
            <ResultCollector guiclass="SimpleDataWriter" testclass="ResultCollector" testname="xml">
              <boolProp name="ResultCollector.error_logging">false</boolProp>
              <objProp><name>saveConfig</name><value class="SampleSaveConfiguration">\(fields)\
            <fieldNames>true</fieldNames><assertionsResultsToSave>0</assertionsResultsToSave></value></objProp>
              <stringProp name="filename">\(path)</stringProp>
            </ResultCollector><hashTree/>

            """
    }

    private func sampler(
        _ label: String, code: String = "200", message: String = "OK", status: String = "OK"
    ) -> String {
        let arguments = [
            ("Sleep_Time", "1"), ("Sleep_Mask", "0x1F"), ("ResponseCode", code),
            ("ResponseMessage", message), ("Status", status), ("ResultData", "&lt;sample t=1/&gt;"),
        ].map {
            """
            <elementProp name="\($0.0)" elementType="Argument"><stringProp name="Argument.name">\
            \($0.0)</stringProp><stringProp name="Argument.value">\($0.1)</stringProp></elementProp>
            """
        }
        let assertion = PlanText.element(
            "ResponseAssertion", "holds",
            """
            <collectionProp name="Asserion.test_strings"><stringProp name="1">wanted &lt;text&gt;\
            </stringProp></collectionProp><stringProp name="Assertion.custom_message">lacks &lt;&amp;\
            ${__char(2)}&#xa;two lines</stringProp><stringProp name="Assertion.test_field">\
            Assertion.response_data</stringProp><boolProp name="Assertion.assume_success">false</boolProp>\
            <intProp name="Assertion.test_type">2</intProp>
            """)
        return """
            <JavaSampler guiclass="JavaTestSamplerGui" testclass="JavaSampler" testname="\(label)">
            <elementProp name="arguments" elementType="Arguments">
            <collectionProp name="Arguments.arguments">\(arguments.joined())</collectionProp>
            </elementProp>
            <stringProp name="classname">org.apache.jmeter.protocol.java.test.JavaTest</stringProp>
            </JavaSampler><hashTree>\(status == "asserted" ? assertion : "")</hashTree>

            """
    }

    private func transaction(_ name: String, parent: Bool, _ children: String) -> String {
        """
        <TransactionController guiclass="TransactionControllerGui" testclass="TransactionController" \
        testname="\(name)"><boolProp name="TransactionController.parent">\(parent)</boolProp>
        </TransactionController><hashTree>\(children)</hashTree>

        """
    }

    @Test(.timeLimit(.minutes(15)))
    func `say what the CSV of the same run says`() async throws {
        let scratch = try Scratch()
        let body =
            sampler("plain") + sampler("J&lt;&amp;&gt;&quot;é, \"".replacing("\"", with: "&quot;"))
            + sampler(
                "ctl${__char(1)}${__char(0x1B)}end", message: "tab${__char(9)}bell${__char(7)}")
            + sampler("fails", code: "503", message: "down\u{2028}now", status: "KO")
            + sampler("asserted", status: "asserted")
            + transaction("apart", parent: false, sampler("in apart"))
            + transaction(
                "parent", parent: true, sampler("in parent") + sampler("two", status: "KO"))
            + transaction("empty", parent: false, "")
        let group = PlanText.group(
            "load", threads: "3", loops: 40, children: body + listener("\(scratch.path)/run.xml"))
        try scratch.write("plan.jmx", PlanText.plan(group))
        let launch = JMeterLaunch.standalone(
            JMeterMachine(
                java: try #require(installedJava), installation: try #require(fetchedJMeter),
                heapMebibytes: 256),
            files: JMeterFiles(folder: scratch.path),
            // In CSV, results within others would be rows of their own.
            run: try RunProperties(
                overrides: [("jmeter.save.saveservice.subresults", "false")]),
            place: WorkerPlace(index: 0, count: 1))
        try scratch.write(launch.propertiesPath, launch.propertiesText)
        let child = try Child(
            [launch.executable] + launch.arguments, environment: ["PATH=/usr/bin:/bin"],
            folder: launch.workingFolder, output: "\(scratch.path)/console.txt")
        #expect(try await child.exitCode(within: 120) == 0)
        let csv = try statistics("\(scratch.path)/samples.jtl")
        let xml = try statistics("\(scratch.path)/run.xml")
        #expect(csv.total.samples == 3 * 40 * 6)
        #expect(xml.unusable.count == 0)
        #expect(xml.labels.map(\.label).sorted() == csv.labels.map(\.label).sorted())
        for expected in csv.labels {
            let found = try #require(xml.labels.first { $0.label == expected.label })
            #expect(found.samples == expected.samples, "\(expected.label)")
            #expect(found.controllers == expected.controllers, "\(expected.label)")
            #expect(found.emptyControllers == expected.emptyControllers)
        }
    }

    private func statistics(_ path: String) throws -> Statistics {
        var statistics = Statistics()
        var reader = StreamReader(ReaderOptions(source: path))
        try Data(contentsOf: URL(filePath: path)).withUnsafeBytes { try reader.consume($0) }
        try reader.finish(into: &statistics)
        return statistics
    }
}
