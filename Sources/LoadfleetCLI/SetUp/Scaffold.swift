// The files that `loadfleet init` makes: an environment, a small plan that runs, its data. Small
// enough to be read whole, because reading them is how a new user learns the format.

/// A file that `init` makes.
struct ScaffoldFile {
    let name: String
    let text: String
    /// What it is, for the report.
    let about: String
}

enum Scaffold {
    static let files = [
        ScaffoldFile(name: "loadfleet.yaml", text: environment, about: "the environment"),
        ScaffoldFile(name: "plan.jmx", text: plan, about: "a small plan"),
        ScaffoldFile(name: "data/users.csv", text: users, about: "its data"),
    ]

    /// What git should not keep.
    static let ignored = ["results/"]

    private static let environment = """
        # The environment of this folder: where the fleet lives, of what, how it runs plans.
        # All keys: docs/environment.md. What holds and why: loadfleet config show --origin

        name: first            # the fleet's name
        provider: local        # real JMeter processes on this machine
        workers: 2
        lease: 1h              # the fleet ends itself after this, come what may

        run:
          deadline: 10m
          gates:               # conditions that must hold, or the verdict is 'failed'
            - errors < 1%
            - p95 < 500ms
          properties:          # as -J on the command line; the plan reads them with ${__P(name)}
            host: 127.0.0.1    # the system under test
            port: 8080
          data:
            users.csv: split   # each record is used by one worker only

        """

    private static let users = """
        user,password
        ada,one
        ben,two
        cleo,three
        dan,four

        """

    private static let plan = """
        <?xml version="1.0" encoding="UTF-8"?>
        <jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2">
          <hashTree>
            <TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="first">
              <stringProp name="TestPlan.comments">4 threads, 5 loops, one page: 20 samples.</stringProp>
            </TestPlan>
            <hashTree>
              <ConfigTestElement guiclass="HttpDefaultsGui" testclass="ConfigTestElement" testname="target">
                <elementProp name="HTTPsampler.Arguments" elementType="Arguments">
                  <collectionProp name="Arguments.arguments"/>
                </elementProp>
                <stringProp name="HTTPSampler.protocol">http</stringProp>
                <stringProp name="HTTPSampler.domain">${__P(host,127.0.0.1)}</stringProp>
                <stringProp name="HTTPSampler.port">${__P(port,8080)}</stringProp>
                <stringProp name="HTTPSampler.connect_timeout">5000</stringProp>
                <stringProp name="HTTPSampler.response_timeout">10000</stringProp>
              </ConfigTestElement>
              <hashTree/>
              <CSVDataSet guiclass="TestBeanGUI" testclass="CSVDataSet" testname="users">
                <stringProp name="filename">data/users.csv</stringProp>
                <stringProp name="fileEncoding">UTF-8</stringProp>
                <stringProp name="variableNames"></stringProp>
                <boolProp name="ignoreFirstLine">false</boolProp>
                <stringProp name="delimiter">,</stringProp>
                <boolProp name="quotedData">true</boolProp>
                <boolProp name="recycle">true</boolProp>
                <boolProp name="stopThread">false</boolProp>
                <stringProp name="shareMode">shareMode.all</stringProp>
              </CSVDataSet>
              <hashTree/>
              <ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="visitors">
                <stringProp name="ThreadGroup.num_threads">${__P(threads,4)}</stringProp>
                <stringProp name="ThreadGroup.ramp_time">0</stringProp>
                <boolProp name="ThreadGroup.same_user_on_next_iteration">true</boolProp>
                <stringProp name="ThreadGroup.on_sample_error">continue</stringProp>
                <elementProp name="ThreadGroup.main_controller" elementType="LoopController" guiclass="LoopControlPanel" testclass="LoopController">
                  <stringProp name="LoopController.loops">${__P(loops,5)}</stringProp>
                  <boolProp name="LoopController.continue_forever">false</boolProp>
                </elementProp>
              </ThreadGroup>
              <hashTree>
                <HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="home">
                  <stringProp name="HTTPSampler.path">/?user=${user}</stringProp>
                  <stringProp name="HTTPSampler.method">GET</stringProp>
                  <boolProp name="HTTPSampler.follow_redirects">true</boolProp>
                  <boolProp name="HTTPSampler.use_keepalive">true</boolProp>
                  <elementProp name="HTTPsampler.Arguments" elementType="Arguments">
                    <collectionProp name="Arguments.arguments"/>
                  </elementProp>
                </HTTPSamplerProxy>
                <hashTree/>
              </hashTree>
            </hashTree>
          </hashTree>
        </jmeterTestPlan>

        """
}
