internal import JMeter

struct RMIKeystore { var path: String; var password: String }
struct KeytoolCommand {
    var executable: String; var arguments: [String]
    static func makeKey(java: String, keystore: String, passwordFile: String) -> KeytoolCommand { fatalError() }
}
enum StopMessage { static let shutdown = "Shutdown"; static let stopNow = "StopTestNow" }
enum JMeterConsole {
    enum Meaning { case stopPort(Int), endOfRun, complaint(String), other }
    static func meaning(of line: String) -> Meaning { .other }
    static func diagnosis(ofLog path: String) -> String? { nil }
}
extension RunPart { var jmeter: JMeterInstallation { context.installation } }
extension JMeterLaunch {
    static func standalone(_: JMeterInstallation, plan: String, samples: String, worker: Int, of: Int) throws -> JMeterLaunch { fatalError() }
    static func server(_: JMeterInstallation, keystore: RMIKeystore, address: String, ports: [Int], properties: [String: String], worker: Int, of: Int) throws -> JMeterLaunch { fatalError() }
    static func client(_: JMeterInstallation, plan: String, samples: String, keystore: RMIKeystore, address: String, ports: [Int], servers: [String]) throws -> JMeterLaunch { fatalError() }
}
extension SharedPlan { var statedThreads: Int? { nil } }
extension PropertySharedPlan { var statedThreads: Int? { nil }; func statedThreads(of: Int) -> Int? { nil } }
extension DataFile { func writeShare(worker: Int, of: Int, to: String) throws {} }
