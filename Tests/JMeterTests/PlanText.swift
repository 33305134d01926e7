// Plans for tests, written as JMeter writes them, with the odd comment and indentation kept.
import JMeter

/// Builds the text of plans.
enum PlanText {
    /// A whole plan around `body`, which holds elements and their hashTrees.
    static func plan(_ body: String, variables: [(String, String)] = []) -> String {
        let rows = variables.map {
            """
            <elementProp name="\($0.0)" elementType="Argument"><stringProp name="Argument.name">\
            \($0.0)</stringProp><stringProp name="Argument.value">\($0.1)</stringProp></elementProp>
            """
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- a comment with a <tag> in it -->
            <jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2">
              <hashTree>
                <TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="plan">
                  <elementProp name="TestPlan.user_defined_variables" elementType="Arguments">
                    <collectionProp name="Arguments.arguments">\(rows.joined())</collectionProp>
                  </elementProp>
                </TestPlan>
                <hashTree>
            \(body)
                </hashTree>
              </hashTree>
            </jmeterTestPlan>

            """
    }

    /// A thread group with its children.
    static func group(
        _ name: String, threads: String, kind: String = "ThreadGroup", loops: Int = 1,
        enabled: Bool? = true, children: String = ""
    ) -> String {
        let flag = enabled.map { " enabled=\"\($0)\"" } ?? ""
        return """
            <\(kind) guiclass="\(kind)Gui" testclass="\(kind)" testname="\(name)"\(flag)>
              <stringProp name="ThreadGroup.num_threads">\(threads)</stringProp>
              <stringProp name='ThreadGroup.ramp_time'>0</stringProp>
              <elementProp name="ThreadGroup.main_controller" elementType="LoopController">
                <boolProp name="LoopController.continue_forever">false</boolProp>
                <stringProp name="LoopController.loops">\(loops)</stringProp>
              </elementProp>
            </\(kind)>
            <hashTree>\(children)</hashTree>

            """
    }

    /// Any element with raw properties and no children.
    static func element(_ kind: String, _ name: String, _ properties: String) -> String {
        "<\(kind) guiclass=\"TestBeanGUI\" testclass=\"\(kind)\" testname=\"\(name)\">\(properties)</\(kind)>\n<hashTree/>\n"
    }

    /// A CSV Data Set.
    static func csv(
        _ file: String, names: String = "", recycle: Bool = true, share: String = "shareMode.all"
    ) -> String {
        element(
            "CSVDataSet", "csv \(file.split(separator: "/").last ?? "")",
            """
            <stringProp name="filename">\(file)</stringProp>
            <stringProp name="fileEncoding">UTF-8</stringProp>
            <stringProp name="variableNames">\(names)</stringProp>
            <boolProp name="ignoreFirstLine">false</boolProp>
            <stringProp name="delimiter">,</stringProp>
            <boolProp name="quotedData">true</boolProp>
            <boolProp name="recycle">\(recycle)</boolProp>
            <boolProp name="stopThread">false</boolProp>
            <stringProp name="shareMode">\(share)</stringProp>
            """)
    }

    /// A Constant Throughput Timer.
    static func constant(perMinute: String, mode: Int) -> String {
        element(
            "ConstantThroughputTimer", "pace",
            "<intProp name=\"calcMode\">\(mode)</intProp>"
                + "<stringProp name=\"throughput\">\(perMinute)</stringProp>")
    }

    /// A Precise Throughput Timer, its numbers in the forms JMeter writes.
    static func precise(throughput: String, period: Int, duration: Int, batch: Int) -> String {
        element(
            "PreciseThroughputTimer", "precise",
            """
            <doubleProp><name>throughput</name><value>\(throughput)</value>\
            <savedValue>0.0</savedValue></doubleProp>
            <intProp name="throughputPeriod">\(period)</intProp>
            <longProp name="duration">\(duration)</longProp>
            <intProp name="batchSize">\(batch)</intProp>
            <intProp name="batchThreadDelay">0</intProp>
            <longProp name="randomSeed">0</longProp>
            """)
    }

    /// An Open Model Thread Group.
    static func openModel(_ schedule: String, children: String = "") -> String {
        """
        <OpenModelThreadGroup guiclass="OpenModelThreadGroupGui" \
        testclass="OpenModelThreadGroup" testname="open">
          <elementProp name="ThreadGroup.main_controller" elementType="OpenModelThreadGroupController"/>
          <stringProp name="ThreadGroup.on_sample_error">continue</stringProp>
          <stringProp name="OpenModelThreadGroup.schedule">\(schedule)</stringProp>
          <stringProp name="OpenModelThreadGroup.random_seed"></stringProp>
        </OpenModelThreadGroup>
        <hashTree>\(children)</hashTree>

        """
    }

    /// A sampler that needs no network and takes `milliseconds`.
    static func sampler(_ label: String, milliseconds: Int = 0) -> String {
        let arguments = [("Sleep_Time", "\(milliseconds)"), ("Sleep_Mask", "0")].map {
            """
            <elementProp name="\($0.0)" elementType="Argument"><stringProp name="Argument.name">\
            \($0.0)</stringProp><stringProp name="Argument.value">\($0.1)</stringProp></elementProp>
            """
        }
        return element(
            "JavaSampler", label,
            """
            <elementProp name="arguments" elementType="Arguments">
            <collectionProp name="Arguments.arguments">\(arguments.joined())</collectionProp>
            </elementProp>
            <stringProp name="classname">org.apache.jmeter.protocol.java.test.JavaTest</stringProp>
            """)
    }

    /// The plan read, under the name `plan.jmx`.
    static func read(_ text: String, path: String = "plan.jmx") throws -> Plan {
        try Plan(Array(text.utf8), path: path)
    }
}

/// The error that `body` throws.
func fault(_ body: () throws -> Void) -> JMeterError? {
    do {
        try body()
        return nil
    } catch {
        return error as? JMeterError
    }
}
