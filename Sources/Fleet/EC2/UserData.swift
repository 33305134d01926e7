// What an instance does at its first boot: it arms its own end, fetches loadfleet and JMeter from
// the bucket, and runs the agent under systemd. Plain bash and curl, and no secret in it: what it
// may read, it reads with its instance's role.

package import FoundationEssentials
package import Store

/// A node's boot script.
package struct UserData: Sendable, Equatable {
    package var role: Role
    package var fleet: String
    package var region: String
    /// `x86-64` or `arm64`.
    package var architecture: String
    /// The store as agents open it, as in `s3://bucket/prefix`.
    package var store: String
    /// Where its objects are fetched, as in `https://bucket.s3.eu-central-1.amazonaws.com/prefix`.
    package var objectsURL: String
    package var logGroup: String?
    package var leaseEndsAt: Date
    /// When the script is written: what is left of the lease counts from here, too.
    package var writtenAt: Date
    package var software: Software
    /// Variables of the agent, such as `AWS_ENDPOINT_URL` where AWS is not AWS.
    package var variables: [String: String]

    package init(
        role: Role, fleet: String, region: String, architecture: String, store: String,
        objectsURL: String, logGroup: String?, leaseEndsAt: Date, writtenAt: Date,
        software: Software, variables: [String: String] = [:]
    ) {
        self.role = role
        self.fleet = fleet
        self.region = region
        self.architecture = architecture
        self.store = store
        self.objectsURL = objectsURL
        self.logGroup = logGroup
        self.leaseEndsAt = leaseEndsAt
        self.writtenAt = writtenAt
        self.software = software
        self.variables = variables
    }

    /// Where nodes have JMeter, and where they run Java from.
    package static let jmeterHome = "/opt/loadfleet/jmeter"
    package static let java = "/opt/loadfleet/java/bin/java"

    /// AWS's limit, in bytes before coding.
    static let limit = 16_384

    /// The script as a template carries it.
    ///
    /// - Throws: ``FleetError/impossible(_:hint:)`` when a setting can't be part of it.
    func encoded() throws(FleetError) -> String { try Self.encoded(script()) }

    static func encoded(_ text: String) throws(FleetError) -> String {
        guard text.utf8.count <= limit else {
            throw .impossible("the nodes' boot script is longer than AWS allows", hint: nil)
        }
        return Data(text.utf8).base64EncodedString()
    }

    /// The script.
    ///
    /// - Throws: ``FleetError/impossible(_:hint:)`` for a value with a line break in it.
    package func script() throws(FleetError) -> String {
        """
        \(try preparation())
        cat >/etc/systemd/system/loadfleet.service <<'UNIT'
        \(unit)
        UNIT
        systemctl daemon-reload && systemctl enable --now loadfleet.service ||
          fail "systemd does not start the agent"
        say "the agent is started"

        """
    }

    /// The part after which everything is installed, without a line break at its end.
    func preparation() throws(FleetError) -> String {
        let values =
            [fleet, region, store, objectsURL, logGroup ?? ""] + variables.flatMap { [$0, $1] }
        guard !values.contains(where: { $0.contains(where: \.isNewline) }) else {
            throw .impossible("a value for the nodes has a line break in it", hint: nil)
        }
        // Rounded up: this is the coarse one of the two, and the later one.
        let minutes = max(1, Int((leaseEndsAt.timeIntervalSince(writtenAt) / 60).rounded(.up)))
        return """
            #!/bin/bash
            shutdown -h +\(minutes) 'loadfleet: the lease is over'
            end=\(Int(leaseEndsAt.timeIntervalSince1970))
            minutes=\(minutes)
            region=\(Self.quoted(region))
            machine=\(architecture == "arm64" ? "aarch64" : "x86_64")
            objects=\(Self.quoted(objectsURL))
            program_key=\(Self.quoted(software.program.key.path))
            program_sha256=\(software.program.sha256)
            jmeter_key=\(Self.quoted(software.jmeter.key.path))
            jmeter_sha256=\(software.jmeter.sha256)
            \(Self.body)
            """
    }

    private var unit: String {
        var command = [
            "/opt/loadfleet/bin/loadfleet", "agent", role.rawValue, "--store", store, "--fleet",
            fleet,
        ]
        if let logGroup { command += ["--log-group", logGroup] }
        command += [
            "--folder", "/var/lib/loadfleet", "--jmeter-home", Self.jmeterHome, "--java", Self.java,
            "--at-end", "poweroff",
        ]
        var all = variables
        all["AWS_REGION"] = region
        let environment = all.sorted { $0.key < $1.key }
            .map { "Environment=\(Self.unitQuoted("\($0.key)=\($0.value)"))" }
        return """
            [Unit]
            Description=loadfleet's agent (\(role.rawValue))
            After=network-online.target
            StartLimitIntervalSec=0
            [Service]
            \(environment.joined(separator: "\n"))
            ExecStart=\(command.map(Self.unitQuoted).joined(separator: " "))
            WorkingDirectory=/var/lib/loadfleet
            Restart=on-failure
            RestartSec=2
            LimitNOFILE=1048576
            LimitNPROC=infinity
            TasksMax=infinity
            OOMScoreAdjust=-500
            StandardOutput=journal+console
            StandardError=journal+console
            [Install]
            WantedBy=multi-user.target
            """
    }

    /// A word of bash.
    static func quoted(_ text: String) -> String {
        "'"
            + text.split(separator: "'", omittingEmptySubsequences: false).joined(
                separator: "'\\''")
            + "'"
    }

    /// A word of a unit file.
    private static func unitQuoted(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "%": result += "%%"
            case "$": result += "$$"
            case "\"", "\\": result += "\\\(character)"
            default: result.append(character)
            }
        }
        return "\"\(result)\""
    }
}
