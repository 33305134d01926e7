// The boot script: small, without secrets, good bash, and doing what it says when it is run.

import Foundation
import LoadfleetTesting
import Store
import Testing

@testable import Fleet

@Suite struct UserDataTests {
    private static func userData(role: Role = .worker, sha256: String? = nil) -> UserData {
        let zeros = sha256 ?? String(repeating: "0", count: 64)
        return UserData(
            role: role, fleet: "shop", region: "eu-central-1", architecture: "x86-64",
            store: "s3://bucket/it's here", objectsURL: "https://bucket.s3.amazonaws.com/prefix",
            logGroup: "/loadfleet/100%", leaseEndsAt: Date() + 7_200, writtenAt: Date(),
            software: Software(
                program: .init(key: StoreKey(unchecked: "software/p"), sha256: zeros),
                jmeter: .init(key: StoreKey(unchecked: "software/j"), sha256: zeros)),
            variables: ["AWS_ENDPOINT_URL": "http://10.0.0.1:80"])
    }

    @Test func `the first thing it does is to arm its end`() throws {
        let lines = try Self.userData().script().split(separator: "\n")
        #expect(lines[0] == "#!/bin/bash")
        #expect(lines[1] == "shutdown -h +120 'loadfleet: the lease is over'")
    }

    @Test(arguments: [Role.worker, .controller])
    func `it is small and good bash`(role: Role) throws {
        let script = try Self.userData(role: role).script()
        #expect(script.utf8.count < 8_192)
        #expect(try Bash.run(["-n", "-c", script]).status == 0)
        #expect(script.contains("\"s3://bucket/it's here\""))
        #expect(script.contains("\"/loadfleet/100%%\""))
    }

    @Test func `a line break has no way into it`() {
        var data = Self.userData()
        data.logGroup = "a\nrm -rf /"
        #expect(throws: FleetError.self) { try data.script() }
    }

    /// Runs the script with stand-ins for everything that reaches the machine or the network.
    private static func boot(
        _ change: (inout UserData) -> Void = { _ in }, stubs: [String: String] = [:],
        script: (UserData) throws -> String = { try $0.script() }
    ) throws -> (log: String, output: String, files: TemporaryFolder) {
        let folder = try TemporaryFolder()
        let jmeter = folder.path + "/jmeter.tgz"
        try folder.write("source/apache-jmeter/bin/jmeter", "jmeter")
        try folder.write("program", "#!/bin/bash\necho 1.0\n")
        _ = try Bash.run([
            "-c", "tar -czf \(jmeter) -C \(folder.path)/source apache-jmeter",
        ])
        let hash = { (path: String) in
            try Bash.run(["-c", "sha256sum \(path) | cut -c1-64"]).output
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        var data = userData()
        data.software = Software(
            program: .init(
                key: StoreKey(unchecked: "program"), sha256: try hash(folder.path + "/program")),
            jmeter: .init(key: StoreKey(unchecked: "jmeter.tgz"), sha256: try hash(jmeter)))
        change(&data)
        let note = "echo \"${0##*/} $*\" >>\(folder.path)/log"
        let curl = """
            last="${@: -1}"
            case "$last" in
              */api/token) echo token ;;
              */security-credentials/) echo role ;;
              */security-credentials/role)
                echo '{ "AccessKeyId" : "AKIA", "SecretAccessKey" : "canary/+=", "Token" : "t==" }' ;;
              */done) cat >>\(folder.path)/config ;;
              *) cat >>\(folder.path)/config
                 while [ "$1" != --output ]; do shift; done
                 cp \(folder.path)/"${last##*/}" "$2" ;;
            esac
            """
        var all = [
            "shutdown": note, "systemctl": note, "systemd-run": note, "sysctl": note,
            "curl": "\(note)\n\(curl)", "java": "true", "sleep": "true",
        ]
        for (name, body) in stubs { all[name] = body }
        for (name, body) in all {
            try folder.write("bin/\(name)", "#!/bin/bash\n\(body)\n")
        }
        _ = try Bash.run(["-c", "chmod +x \(folder.path)/bin/*"])
        // The machine's folders become the test's, and so does the path.
        var script = try script(data)
        for place in ["/opt/loadfleet", "/etc/", "/var/lib/loadfleet", "/usr/lib/jvm"] {
            script = script.replacingOccurrences(of: place, with: folder.path + place)
        }
        script = script.replacingOccurrences(
            of: "PATH=/usr/local/sbin", with: "PATH=\(folder.path)/bin:/usr/local/sbin")
        _ = try Bash.run([
            "-c", "mkdir -p \(folder.path)/etc/sysctl.d \(folder.path)/etc/systemd/system",
        ])
        try folder.write("user-data", script)
        let run = try Bash.run([
            "-c", "PATH=\(folder.path)/bin:$PATH bash \(folder.path)/user-data 2>&1",
        ])
        let log = try String(contentsOfFile: folder.path + "/log", encoding: .utf8)
        return (log, run.output, folder)
    }

    @Test func `it makes a machine a node`() throws {
        let (log, output, folder) = try Self.boot()
        #expect(output.contains("loadfleet: the agent is started"), "\(output)")
        #expect(log.hasPrefix("shutdown -h +120"))
        #expect(log.contains("systemd-run --quiet --unit=loadfleet-lease --on-active=7"))
        #expect(log.contains("systemctl enable --now loadfleet.service"))
        #expect(
            FileManager.default.fileExists(
                atPath: folder.path + "/opt/loadfleet/jmeter/bin/jmeter"))
        let unit = try String(
            contentsOfFile: folder.path + "/etc/systemd/system/loadfleet.service", encoding: .utf8)
        #expect(unit.contains("\"agent\" \"worker\" \"--store\" \"s3://bucket/it's here\""))
        #expect(unit.contains("LimitNOFILE=1048576"))
        #expect(unit.contains("Restart=on-failure"))
    }

    @Test func `no secret is an argument or in the unit`() throws {
        let (log, output, folder) = try Self.boot()
        #expect(!log.contains("canary"))
        #expect(!output.contains("canary"))
        let unit = try String(
            contentsOfFile: folder.path + "/etc/systemd/system/loadfleet.service", encoding: .utf8)
        #expect(!unit.contains("canary"))
        let config = try String(contentsOfFile: folder.path + "/config", encoding: .utf8)
        #expect(config.contains("user = \"AKIA:canary/+=\""))
        #expect(config.contains("header = \"x-amz-security-token: t==\""))
    }

    @Test func `what is not the right program ends the machine`() throws {
        let (log, output, _) = try Self.boot { data in
            data.software = Self.userData(sha256: String(repeating: "a", count: 64)).software
            data.software = Software(
                program: .init(
                    key: StoreKey(unchecked: "program"), sha256: String(repeating: "a", count: 64)),
                jmeter: data.software.jmeter)
        }
        #expect(output.contains("program can't be fetched whole"))
        #expect(log.hasSuffix("shutdown -h now\n"))
    }

    @Test func `a lease that is over ends it at once`() throws {
        let (log, _, _) = try Self.boot { $0.leaseEndsAt = Date() - 10 }
        #expect(log.hasSuffix("shutdown -h now\n"))
    }

    @Test func `the wrong processor is refused clearly`() throws {
        let (log, output, _) = try Self.boot { $0.architecture = "arm64" }
        #expect(output.contains("it is x86_64, and the fleet is aarch64"))
        #expect(log.hasSuffix("shutdown -h now\n"))
    }

    @Test func `an instance for an image installs the same, and says so without a secret`() throws {
        let (log, output, folder) = try Self.boot(script: { data in
            try data.imageScript(telling: StoreKey(unchecked: "fleets/image-1/nodes/image/done"))
        })
        #expect(output.contains("loadfleet: the image can be made"), "\(output)")
        #expect(log.hasPrefix("shutdown -h +120"))
        let last = try #require(log.split(separator: "\n").last)
        #expect(last.hasPrefix("curl ") && last.contains("-X PUT"))
        #expect(
            last.hasSuffix("https://bucket.s3.amazonaws.com/prefix/fleets/image-1/nodes/image/done")
        )
        #expect(!log.contains("systemctl"))
        #expect(!(log + output).contains("canary"))
        #expect(
            FileManager.default.fileExists(
                atPath: folder.path + "/opt/loadfleet/jmeter/bin/jmeter"))
    }

    /// Bash, the real one.
    enum Bash {
        static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/bash")
            process.arguments = arguments
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: data, as: UTF8.self))
        }
    }
}
