// TLS for JMeter's remote mode.
//
// All JMeters of a fleet share one keystore with one self-signed key: each shows it and trusts
// nothing else, so whoever hasn't the file can neither drive a server nor read samples.

/// What JMeter's servers and their client need to know of each other.
package struct RemoteSettings: Equatable, Sendable {
    /// This node's own address, as the others reach it.
    ///
    /// It must be stated: a host name that resolves to 127.x, as Debian's does, makes a JMeter
    /// server refuse to start. Stating 127.0.0.1 itself works, for a fleet on one machine.
    package let hostname: String
    /// The keystore's path, absolute; PKCS #12.
    package let keystore: String
    /// Its password.
    package let password: String

    /// Describes one node's side of remote mode.
    package init(hostname: String, keystore: String, password: String) {
        self.hostname = hostname
        self.keystore = keystore
        self.password = password
    }

    var properties: [(name: String, value: String)] {
        let stores = ["keystore", "truststore"].flatMap { store in
            [
                (name: "server.rmi.ssl.\(store).file", value: keystore),
                (name: "server.rmi.ssl.\(store).type", value: "PKCS12"),
                (name: "server.rmi.ssl.\(store).password", value: password),
            ]
        }
        return [("server.rmi.ssl.disable", "false"), ("server.rmi.ssl.keystore.alias", "rmi")]
            + stores
    }

    /// The program beside `java` that makes keystores, and its arguments.
    ///
    /// The password is read from `passwordFile`, so that it never stands on a command line. A
    /// fleet's keystore is made once, and valid for `days`.
    package static func keytool(
        _ java: JavaRuntime, keystore: String, passwordFile: String, days: Int
    ) -> (executable: String, arguments: [String]) {
        let folder = java.executable.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast()
        return (
            folder.joined(separator: "/") + "/keytool",
            [
                "-genkeypair", "-keyalg", "RSA", "-keysize", "2048", "-alias", "rmi", "-dname",
                "CN=loadfleet", "-validity", "\(days + 1)", "-storetype", "PKCS12", "-keystore",
                keystore, "-storepass:file", passwordFile,
                // A node whose clock is behind must not take it for one of tomorrow.
                "-startdate", "-1d",
            ]
        )
    }
}
