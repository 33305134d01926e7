// The ways to start JMeter: alone, as a server, as the client of servers.
//
// `java` is started directly, never through bin/jmeter, which doesn't hand signals on. Properties
// go into a file, never on the command line, where other users of the machine could read them.

/// A process to start, and the properties file it needs.
package struct JMeterLaunch: Equatable, Sendable {
    /// The program, an absolute path.
    package let executable: String
    /// Its arguments, without the program's name.
    package let arguments: [String]
    /// The folder to start it in: relative names of data files in the plan count from there.
    package let workingFolder: String
    /// Where the properties file is expected, relative to ``workingFolder``.
    package let propertiesPath: String
    /// Its text; write it with mode 0600, for it can hold secrets.
    package let propertiesText: String
}

/// The Java virtual machine of a JMeter.
package struct JMeterMachine: Equatable, Sendable {
    /// The `java` to start.
    package let java: JavaRuntime
    /// The JMeter to run in it.
    package let installation: JMeterInstallation
    /// Its heap in MiB, used from the start; more than the machine's memory makes Java fail.
    package let heapMebibytes: Int
    /// More options for Java, such as `-Dhttps.protocols=TLSv1.3`; seen by all users.
    package let options: [String]

    /// Describes a Java virtual machine; JMeter's own default heap is 1024 MiB.
    package init(
        java: JavaRuntime, installation: JMeterInstallation, heapMebibytes: Int = 1024,
        options: [String] = []
    ) {
        self.java = java
        self.installation = installation
        self.heapMebibytes = heapMebibytes
        self.options = options
    }

    /// The arguments up to `-jar`: as bin/jmeter gives them, but for what becomes of a full heap.
    ///
    /// JMeter's script would write a heap dump and let the run "finish" with dead threads; here
    /// Java ends with exit code 3.
    func arguments(hostname: String?, collections: String? = nil) -> [String] {
        let packages = [
            "java.desktop/sun.awt", "java.desktop/sun.swing", "java.desktop/javax.swing.text.html",
            "java.desktop/java.awt", "java.desktop/java.awt.font", "java.base/java.lang",
            "java.base/java.lang.invoke", "java.base/java.lang.reflect", "java.base/java.util",
            "java.base/java.text", "java.desktop/sun.awt.X11", "java.desktop/sun.awt.shell",
        ]
        return packages.map { "--add-opens=\($0)=ALL-UNNAMED" } + [
            "-server", "-Xms\(heapMebibytes)m", "-Xmx\(heapMebibytes)m",
            "-XX:MaxMetaspaceSize=256m",
            "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=100", "-XX:G1ReservePercent=20",
            "-XX:+ExitOnOutOfMemoryError", "-XX:-HeapDumpOnOutOfMemoryError",
            "-Djava.security.egd=file:/dev/urandom", "-Djava.awt.headless=true",
            "-Duser.language=en", "-Duser.region=EN",
        ] + (hostname.map { ["-Djava.rmi.server.hostname=\($0)"] } ?? [])
            + (collections.map(GCLog.options) ?? []) + options + [
                "-jar", "\(installation.home)/bin/ApacheJMeter.jar",
            ]
    }
}

/// The files of one JMeter, relative to its folder.
package struct JMeterFiles: Equatable, Sendable {
    /// The folder to start JMeter in, absolute; the plan and its data files are there.
    package let folder: String
    /// The plan.
    package let plan: String
    /// Where samples go; must not exist, or JMeter appends to it without a header.
    package let samples: String
    /// JMeter's log.
    package let log: String
    /// The properties file.
    package let properties: String
    /// Where Java writes down its garbage collections, for ``GCLog``; nil for nowhere.
    package let collections: String?

    /// Names the files; `folder` must be absolute.
    package init(
        folder: String, plan: String = "plan.jmx", samples: String = "samples.jtl",
        log: String = "jmeter.log", properties: String = "run.properties",
        collections: String? = nil
    ) {
        self.folder = folder
        self.plan = plan
        self.samples = samples
        self.log = log
        self.properties = properties
        self.collections = collections
    }
}

/// Which worker a JMeter is of how many.
package struct WorkerPlace: Equatable, Sendable {
    /// From 0.
    package let index: Int
    /// The number of workers.
    package let count: Int

    /// Names a place; `index` is from 0.
    package init(index: Int, count: Int) {
        self.index = index
        self.count = count
    }

    /// Plans can use these to tell workers apart: `${__P(loadfleet.worker.index)}`.
    var properties: [(name: String, value: String)] {
        [("loadfleet.worker.index", "\(index)"), ("loadfleet.worker.count", "\(count)")]
    }
}

extension JMeterLaunch {
    /// A JMeter that runs a plan by itself.
    ///
    /// It listens on the loopback for ``StopCommand``s, on the first free port of `stopPorts`.
    package static func standalone(
        _ machine: JMeterMachine, files: JMeterFiles, run: RunProperties, place: WorkerPlace,
        stopPorts: ClosedRange<Int> = 4445...4545
    ) -> JMeterLaunch {
        launch(
            machine, files, hostname: nil,
            ["-n", "-t", files.plan, "-l", files.samples],
            run.text(adding: place.properties + ports(stopPorts)))
    }

    /// A JMeter server of `remote` mode, for one run: it ends after its test.
    ///
    /// `shares` are the worker's of ``PropertySharedPlan/properties``.
    package static func server(
        _ machine: JMeterMachine, files: JMeterFiles, run: RunProperties, place: WorkerPlace,
        shares: [String: String], remote: RemoteSettings, port: Int, enginePort: Int
    ) -> JMeterLaunch {
        let shares = shares.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        let own: [(name: String, value: String)] = [
            ("server_port", "\(port)"), ("server.rmi.port", "\(port)"),
            ("server.rmi.localport", "\(enginePort)"), ("server.exitaftertest", "true"),
        ]
        return launch(
            machine, files, hostname: remote.hostname, ["-s"],
            run.text(adding: place.properties + shares + own + remote.properties))
    }

    /// The JMeter client of `remote` mode, driving `servers`, each `host:port`.
    ///
    /// Its own ports are any free ones: with TLS on, JMeter opens one more listener for each
    /// server, and with `client.rmi.localport` set two servers want the same port. The client
    /// then starts nothing and exits 0.
    package static func client(
        _ machine: JMeterMachine, files: JMeterFiles, run: RunProperties, servers: [String],
        remote: RemoteSettings, stopPorts: ClosedRange<Int> = 4445...4545
    ) -> JMeterLaunch {
        var own: [(name: String, value: String)] = [
            ("client.rmi.localport", "0"), ("client.continue_on_fail", "false"),
            ("client.tries", "1"), ("loadfleet.worker.count", "\(servers.count)"),
        ]
        // JMeter's default is 100 samples or a minute: slow runs would look frozen. Bigger batches
        // bring half as many samples again through the client.
        for (name, value) in [("num_sample_threshold", "1000"), ("time_threshold", "1000")]
        where run.values[name] == nil {
            own.append((name, value))
        }
        return launch(
            machine, files, hostname: remote.hostname,
            ["-n", "-t", files.plan, "-R", servers.joined(separator: ","), "-l", files.samples],
            run.text(adding: own + remote.properties + ports(stopPorts)))
    }

    /// A JMeter that makes its dashboard of samples in `folder`, which must not be there yet.
    ///
    /// `folder` is relative to the files' folder, where JMeter puts its drafts, too.
    package static func dashboard(
        _ machine: JMeterMachine, files: JMeterFiles, into folder: String
    ) -> JMeterLaunch {
        launch(
            machine, files, hostname: nil, ["-g", files.samples, "-o", folder],
            PropertiesText.write([("jmeter.reportgenerator.temp_dir", "drafts")]))
    }

    private static func launch(
        _ machine: JMeterMachine, _ files: JMeterFiles, hostname: String?, _ arguments: [String],
        _ properties: String
    ) -> JMeterLaunch {
        JMeterLaunch(
            executable: machine.java.executable,
            arguments: machine.arguments(hostname: hostname, collections: files.collections)
                + arguments
                + ["-j", files.log, "-q", files.properties],
            workingFolder: files.folder, propertiesPath: files.properties,
            propertiesText: properties)
    }

    private static func ports(_ range: ClosedRange<Int>) -> [(name: String, value: String)] {
        [
            ("jmeterengine.nongui.port", "\(range.lowerBound)"),
            ("jmeterengine.nongui.maxport", "\(range.upperBound)"),
        ]
    }
}
