// Properties files: Java's format, and what a run's file holds.
@testable import JMeter
import Testing

struct PropertiesTests {
    @Test func `Any name and value survive writing and reading`() {
        let properties = [
            ("plain", "value"), ("a b:c=d", " leading and trailing "), ("#no comment", "!x"),
            ("back\\slash", "c:\\temp\nnew line\ttab\r"), ("umlaut ü", "漢字 🙂"), ("empty", ""),
        ]
        let text = PropertiesText.write(properties.map { (name: $0.0, value: $0.1) })
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        let read = PropertiesText.parse(Array(text.utf8))
        #expect(read == Dictionary(uniqueKeysWithValues: properties))
    }

    @Test func `Files are read as Java reads them`() {
        let text = """
            # comment \\
            ! comment
            a=1
            b : 2
              c   three words
            d=first \\
                second
            e=\\u00e4\\t.
            path=c\\:\\\\dir
            f
            a=4
            """
        #expect(
            PropertiesText.parse(Array(text.utf8)) == [
                "a": "4", "b": "2", "c": "three words", "d": "first second", "e": "ä\t.",
                "path": "c:\\dir", "f": "",
            ])
    }

    @Test func `A single property holds over files, and a later file over an earlier`() throws {
        let run = try RunProperties(
            files: [("a", Array("x=1\ny=1\nz=1".utf8)), ("b", Array("y=2\nz=2".utf8))],
            overrides: [("z", "3")])
        #expect(run.values == ["x": "1", "y": "2", "z": "3"])
    }

    @Test func `What would make samples unreadable is ignored with a warning`() throws {
        let run = try RunProperties(
            overrides: [("jmeter.save.saveservice.output_format", "xml"), ("threads", "5")])
        #expect(run.values == ["threads": "5"])
        #expect(
            run.notes.map(\.text) == [
                "the property jmeter.save.saveservice.output_format is ignored: loadfleet sets it itself"
            ])
        let written = PropertiesText.parse(Array(run.text(adding: [("extra", "1")]).utf8))
        #expect(written["jmeter.save.saveservice.output_format"] == "csv")
        #expect(written["jmeter.save.saveservice.autoflush"] == "true")
        #expect(written["threads"] == "5")
        #expect(written["extra"] == "1")
    }

    @Test func `Statistical samples, whose times are sums, are refused`() {
        let error = fault { _ = try RunProperties(overrides: [("mode", "Statistical")]) }
        #expect(error?.cause == .property)
        #expect(error?.hint != nil)
    }
}
