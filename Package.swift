// swift-tools-version: 6.2
// The rooms of the house and who may import whom; `docs/architecture.md` says why, and
// `utility/check-imports` holds this file and every import against its table.
import PackageDescription

/// Warnings are errors where it counts, in `make test` and in CI.
///
/// A compiler flag for all would reach the dependencies, too, whose warnings are not ours to fix.
let strict: [SwiftSetting] =
    Context.environment["LOADFLEET_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

let settings: [SwiftSetting] =
    strict + [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]

/// A room: a target of ours with the house's settings.
func room(
    _ name: String, imports: [Target.Dependency] = [], also others: [SwiftSetting] = [],
    holding files: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: imports, resources: files, swiftSettings: settings + others)
}

/// The tests of one room, or of the whole product.
func tests(
    _ name: String, of rooms: [Target.Dependency], excluding others: [String] = []
) -> Target {
    .testTarget(name: name, dependencies: rooms, exclude: others, swiftSettings: settings)
}

let package = Package(
    name: "loadfleet",
    products: [
        .executable(name: "loadfleet", targets: ["loadfleet"]),
        .library(name: "JTL", targets: ["JTL"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .executableTarget(
            name: "loadfleet", dependencies: ["LoadfleetCLI"], swiftSettings: settings),
        .executableTarget(
            name: "AWSBenchmark", dependencies: ["AWS", "CurlHTTP", "SigV4"],
            path: "Benchmarks/AWSBenchmark", swiftSettings: settings),
        .executableTarget(
            name: "LinkBenchmark", dependencies: ["Node", "Store"],
            path: "Benchmarks/LinkBenchmark", swiftSettings: settings),
        .executableTarget(
            name: "Summary", dependencies: ["JTL"], path: "Examples/Summary",
            swiftSettings: settings),
        room(
            "LoadfleetCLI",
            imports: [
                "Fleet", "Runs", "Node", "Export", "Store", "JMeter", "Results", "JTL", "Machine",
                "AWS", "CurlHTTP", "HTTP", "Units",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        room(
            "Fleet", imports: ["Store", "AWS", "Machine", "Units", "CLibYAML"],
            holding: [.embedInCode("Foundation/foundation.yaml")]),
        room("Runs", imports: ["Store", "JMeter", "Results", "JTL", "Compression", "Units"]),
        room(
            "Node",
            imports: [
                "Store", "JMeter", "Results", "JTL", "Machine", "Compression", "Units", "COpenSSL",
            ]),
        room("Export", imports: ["Results", "JTL", "Compression", "AWS", "HTTP"]),
        room("Store", imports: ["AWS"]),
        room("JMeter", imports: ["CLibXML2", "CZlib"]),
        room(
            "Results", imports: ["JTL", "Compression", "Units"],
            holding: ["page.css", "charts.js", "time.js", "page.js"].map {
                .embedInCode("Reports/HTML/\($0)")
            }),
        room("JTL", imports: ["CVectors"]),
        room("Compression", imports: ["CZstd", "CZlib"]),
        room("Machine", imports: ["CMachine"]),
        room("AWS", imports: ["SigV4", "HTTP", "CLibXML2"]),
        // What reaches C says at each place that memory safety is up to us there.
        room("CurlHTTP", imports: ["HTTP", "CCurl"], also: [.strictMemorySafety()]),
        room("SigV4", imports: ["HTTP", "COpenSSL"], also: [.strictMemorySafety()]),
        room("HTTP", also: [.strictMemorySafety()]),
        room("Units"),
        room(
            "LoadfleetTesting",
            imports: ["Store", "Machine", "AWS", "CurlHTTP", "SigV4", "HTTP"]),
        .target(name: "CMachine"),
        .target(name: "CVectors"),
        .systemLibrary(
            name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(
            name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        tests("JTLTests", of: ["JTL", "CVectors"]),
        tests("ResultsTests", of: ["Results", "JTL", "Compression"], excluding: ["Reference"]),
        tests("JMeterTests", of: ["JMeter", "JTL"]),
        tests("UnitsTests", of: ["Units"]),
        tests("HTTPTests", of: ["HTTP"]),
        tests("SigV4Tests", of: ["SigV4", "HTTP", "Machine"]),
        tests("CurlHTTPTests", of: ["CurlHTTP", "HTTP", "LoadfleetTesting"]),
        tests("StoreTests", of: ["Store", "AWS", "LoadfleetTesting"]),
        tests("MachineTests", of: ["Machine"]),
        tests("AWSTests", of: ["AWS", "SigV4", "HTTP", "CurlHTTP", "LoadfleetTesting"]),
        tests(
            "FleetTests",
            of: ["LoadfleetTesting", "Fleet", "AWS", "SigV4", "HTTP", "Store", "Units"]),
        tests(
            "NodeTests",
            of: ["Node", "Store", "JMeter", "JTL", "Compression", "LoadfleetTesting"]),
        tests(
            "RunsTests", of: ["Runs", "Store", "JTL", "Results", "LoadfleetTesting"]),
        tests(
            "ExportTests",
            of: [
                "Export", "Results", "JTL", "AWS", "HTTP", "CurlHTTP", "Machine",
                "LoadfleetTesting",
            ]),
        tests(
            "LoadfleetCLITests",
            of: [
                "LoadfleetCLI", "Node", "Store", "Machine", "AWS", "HTTP", "SigV4",
                "LoadfleetTesting",
            ], excluding: ["Pictures"]),
        tests(
            "EndToEndTests",
            of: ["AWS", "Machine", "Store", "Compression", "LoadfleetTesting"]),
    ]
)
