// The example in JTL's documentation is the program in Examples/Summary, which `make test` builds.
import FoundationEssentials
import Testing

struct ExampleTests {
    @Test func `JTL's documentation shows its example as it is compiled`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(filePath: "\(root)/\(name)")), as: UTF8.self)
        }
        let example = try text("Examples/Summary/main.swift")
        let page = try text("Sources/JTL/JTL.docc/JTL.md")
        #expect(page.contains("```swift\n\(example)```\n"))
    }
}
