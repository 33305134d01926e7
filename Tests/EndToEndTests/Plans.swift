// Plans that need no target: JMeter's own Java sampler waits for the time it is told.

/// Builders of small test plans.
enum Plans {
    /// Threads that each sleep so often for so long, under two labels if so asked.
    ///
    /// If a number is given, all but the first so many samples of each JMeter are errors.
    static func sleeping(
        threads: String, loops: Int, milliseconds: Int, labels: [String] = ["Sleep"],
        data: String? = nil, failingAfter: Int? = nil
    ) -> String {
        // The words are evaluated anew for each sample.
        let status = failingAfter.map {
            "${__jexl3(${__counter(FALSE,)} &lt;= \($0) ? \"OK\" : \"KO\",)}"
        }
        let samplers = labels.map { sampler($0, milliseconds: milliseconds, status: status) }
            .joined()
        let csv = data.map(dataSet) ?? ""
        return plan(threads: threads, loops: loops, csv + samplers)
    }

    /// Threads that each ask JMeter's mirror server on the loopback once, and wait for its answer.
    static func waiting(threads: Int, port: Int, milliseconds: Int) -> String {
        plan(
            threads: "\(threads)", loops: 1,
            """

                        <HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="Wait">
                          <stringProp name="HTTPSampler.domain">127.0.0.1</stringProp>
                          <stringProp name="HTTPSampler.port">\(port)</stringProp>
                          <stringProp name="HTTPSampler.protocol">http</stringProp>
                          <stringProp name="HTTPSampler.method">GET</stringProp>
                          <stringProp name="HTTPSampler.path">/</stringProp>
                          <boolProp name="HTTPSampler.use_keepalive">true</boolProp>
                        </HTTPSamplerProxy>
                        <hashTree>
                          <HeaderManager guiclass="HeaderPanel" testclass="HeaderManager" testname="Sleep">
                            <collectionProp name="HeaderManager.headers">
                              <elementProp name="" elementType="Header">
                                <stringProp name="Header.name">X-Sleep</stringProp>
                                <stringProp name="Header.value">\(milliseconds)</stringProp>
                              </elementProp>
                            </collectionProp>
                          </HeaderManager>
                          <hashTree/>
                        </hashTree>
            """)
    }

    /// One thread that runs a line of Groovy once.
    static func script(_ text: String) -> String {
        plan(
            threads: "1", loops: 1,
            """

                        <JSR223Sampler guiclass="TestBeanGUI" testclass="JSR223Sampler" testname="Script">
                          <stringProp name="scriptLanguage">groovy</stringProp>
                          <stringProp name="script">\(text)</stringProp>
                        </JSR223Sampler>
                        <hashTree/>
            """)
    }

    private static func plan(threads: String, loops: Int, _ content: String) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2">
          <hashTree>
            <TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="Plan"/>
            <hashTree>
              <ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="Group">
                <stringProp name="ThreadGroup.on_sample_error">continue</stringProp>
                <elementProp name="ThreadGroup.main_controller" elementType="LoopController">
                  <boolProp name="LoopController.continue_forever">false</boolProp>
                  <stringProp name="LoopController.loops">\(loops)</stringProp>
                </elementProp>
                <stringProp name="ThreadGroup.num_threads">\(threads)</stringProp>
                <stringProp name="ThreadGroup.ramp_time">0</stringProp>
              </ThreadGroup>
              <hashTree>\(content)
              </hashTree>
            </hashTree>
          </hashTree>
        </jmeterTestPlan>

        """
    }

    private static func sampler(
        _ label: String, milliseconds: Int, status: String?
    ) -> String {
        """

                    <JavaSampler guiclass="JavaTestSamplerGui" testclass="JavaSampler" testname="\(label)">
                      <elementProp name="arguments" elementType="Arguments">
                        <collectionProp name="Arguments.arguments">
                          \(argument("Sleep_Time", "\(milliseconds)"))
                          \(argument("Sleep_Mask", "0x0"))
                          \(status.map { argument("Status", $0) } ?? "")
                        </collectionProp>
                      </elementProp>
                      <stringProp name="classname">org.apache.jmeter.protocol.java.test.JavaTest</stringProp>
                    </JavaSampler>
                    <hashTree/>
        """
    }

    private static func argument(_ name: String, _ value: String) -> String {
        """
        <elementProp name="\(name)" elementType="Argument">
          <stringProp name="Argument.name">\(name)</stringProp>
          <stringProp name="Argument.value">\(value)</stringProp>
        </elementProp>
        """
    }

    private static func dataSet(_ file: String) -> String {
        """

                    <CSVDataSet guiclass="TestBeanGUI" testclass="CSVDataSet" testname="Users">
                      <stringProp name="filename">\(file)</stringProp>
                      <stringProp name="delimiter">,</stringProp>
                      <boolProp name="quotedData">true</boolProp>
                      <boolProp name="ignoreFirstLine">false</boolProp>
                      <boolProp name="recycle">false</boolProp>
                      <boolProp name="stopThread">true</boolProp>
                      <stringProp name="shareMode">shareMode.all</stringProp>
                      <stringProp name="variableNames"></stringProp>
                    </CSVDataSet>
                    <hashTree/>
        """
    }
}
