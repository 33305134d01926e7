// Finding JMeter and Java on a machine.
import Foundation
import JMeter
import Testing

/// The JMeter that downloads/get-jmeter has fetched; nil where it hasn't run.
let fetchedJMeter: JMeterInstallation? = {
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try? JMeterInstallation.find(home: nil, candidates: ["\(root)/downloads"])
}()

/// The Java of this machine; nil where there is none.
let installedJava: JavaRuntime? = try? JavaRuntime.find(
    javaHome: nil, path: "/usr/bin:/usr/local/bin")

struct InstallationTests {
    @Test func `A folder without JMeter is an error with a way out`() throws {
        let scratch = try Scratch()
        for error in [
            fault { _ = try JMeterInstallation.find(home: scratch.path, candidates: []) },
            fault { _ = try JMeterInstallation.find(home: nil, candidates: [scratch.path]) },
        ] {
            #expect(error?.cause == .installation)
            #expect(error?.hint?.contains("get-jmeter") == true)
        }
        let debian = fault {
            _ = try JMeterInstallation.find(home: "/usr/share/jmeter", candidates: [])
        }
        #expect(debian?.message.contains("Debian") == true)
    }

    @Test(.enabled(if: fetchedJMeter != nil)) func `Version and classes are read without Java`()
        throws
    {
        let jmeter = try #require(fetchedJMeter)
        #expect(jmeter.version.hasPrefix("5."))
        let names: Set = [
            "ThreadGroup", "CSVDataSet", "org.apache.jmeter.threads.ThreadGroup", "hashTree",
            "kg.apc.jmeter.threads.UltimateThreadGroup", "NoSuchThing",
        ]
        #expect(
            try jmeter.missingClasses(among: names) == [
                "kg.apc.jmeter.threads.UltimateThreadGroup", "NoSuchThing",
            ])
    }

    @Test(.enabled(if: fetchedJMeter != nil))
    func `A class the installation lacks is an error with its line`() throws {
        let jmeter = try #require(fetchedJMeter)
        let plan = try PlanText.read(
            PlanText.plan(
                PlanText.group("g", threads: "1")
                    + PlanText.element("kg.apc.jmeter.timers.VariableThroughputTimer", "t", "")))
        let error = fault { try plan.check(against: jmeter) }
        #expect(error?.cause == .unknownClass)
        #expect(
            error?.message.contains("no class kg.apc.jmeter.timers.VariableThroughputTimer") == true
        )
        #expect(error?.line == 20)
        #expect(error?.hint?.contains("\(jmeter.home)/lib/ext") == true)
    }

    @Test(.enabled(if: fetchedJMeter != nil)) func `The plans that JMeter ships are read and pass`()
        throws
    {
        let jmeter = try #require(fetchedJMeter)
        let folders = ["bin/templates", "bin/examples"].map { "\(jmeter.home)/\($0)" }
        var count = 0
        for folder in folders {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder)
            where name.hasSuffix(".jmx") {
                let plan = try Plan(contentsOf: "\(folder)/\(name)")
                try plan.check(against: jmeter)
                let each = ShareOut(workers: 3, perWorker: true)
                #expect(try !plan.shared(each, worker: 1).bytes.isEmpty)
                count += 1
            }
        }
        #expect(count > 5)
    }

    @Test func `Java is taken from JAVA_HOME, else from the path, and its version is read`() throws
    {
        let scratch = try Scratch()
        let java = try scratch.write("jre/bin/java", "#!/bin/sh\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: java)
        let home = scratch.path + "/jre"
        #expect(try JavaRuntime.find(javaHome: home, path: "").executable == java)
        #expect(
            try JavaRuntime.find(javaHome: nil, path: "/nowhere:\(home)/bin").executable == java)
        #expect(fault { _ = try JavaRuntime.find(javaHome: "/nowhere", path: "") }?.cause == .java)
        #expect(fault { _ = try JavaRuntime.find(javaHome: nil, path: "/nowhere") }?.cause == .java)
        #expect(JavaRuntime.version(from: "openjdk version \"17.0.15\" 2025-04-15\n")?.major == 17)
        #expect(JavaRuntime.version(from: "java version \"1.8.0_402\"")?.major == 8)
        #expect(JavaRuntime.version(from: "no such file") == nil)
    }
}
