// The programs that a node needs: Java, its keytool, JMeter.
import Fleet
import FoundationEssentials
import JMeter

/// Checks of programs.
struct ToolChecks: Sendable {
    let context: Context
    let environment: Environment

    func findings() async -> [Finding] {
        await java() + [jmeter()]
    }

    private func java() async -> [Finding] {
        let runtime: JavaRuntime
        do throws(JMeterError) {
            runtime = try JavaRuntime.find(
                javaHome: environment.jmeter.javaHome ?? context.variables["JAVA_HOME"],
                path: context.variables["PATH"] ?? "/usr/bin:/bin")
        } catch {
            return [.bad("java", error)]
        }
        do {
            let text = try await JavaCheck.version(
                of: runtime.executable, environment: context.variables)
            let major = JavaRuntime.version(from: "java version \"\(text)\"")?.major ?? 0
            guard major >= JavaRuntime.minimumMajorVersion else {
                let fix = "apt-get install default-jre-headless, or set JAVA_HOME to a newer one"
                return [.bad("java", "\(text) is too old (\(runtime.executable))", fix: fix)]
            }
            return [.good("java", "\(text) (\(runtime.executable))"), keytool(beside: runtime)]
        } catch let error as any UserFacing {
            return [.bad("java", error)]
        } catch {
            return [.bad("java", "\(error)", fix: nil)]
        }
    }

    /// `remote` mode makes a key for each fleet with it.
    private func keytool(beside java: JavaRuntime) -> Finding {
        let folder = java.executable.split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(folder)/keytool"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            return .bad(
                "keytool", "there is none at \(path)",
                fix: "install a whole Java: apt-get install default-jre-headless")
        }
        return .good("keytool", path)
    }

    private func jmeter() -> Finding {
        do throws(JMeterError) {
            let found = try JMeterSearch(context).find(environment.jmeter)
            return .good("jmeter", "\(found.version) (\(found.home))")
        } catch {
            return .bad("jmeter", error)
        }
    }
}
