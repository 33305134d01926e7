// The summary as one page: everything a person asks of a run, in a file that needs nothing else, so
// that it can be mailed, archived, and opened ten years later. Figures are in the page as text, made
// by the same code as those of the other reports; the script adds charts, and sorts tables.
//
// A page from a load test holds text from plans and servers, which is hostile until shown otherwise:
// all of it is escaped, invisible characters are made visible, and the page's policy lets it load
// nothing and send nothing.

package import JTL

/// The summary as a page of HTML.
package struct HTMLReport {
    private let summary: Summary
    private let timeline: Timeline?
    private let facts: ReportFacts

    /// A page; charts over time need `statistics` with a timeline.
    package init(_ summary: Summary, _ statistics: Statistics, _ facts: ReportFacts) {
        self.summary = summary
        self.facts = facts
        timeline = statistics.timeline(summary.percentileMethod)
    }

    /// The whole file.
    package var text: String {
        get throws {
            let sections = PageSections(summary, timeline, facts)
            let style = String(decoding: PackageResources.page_css, as: UTF8.self)
            let charts = String(decoding: PackageResources.charts_js, as: UTF8.self)
            let time = String(decoding: PackageResources.time_js, as: UTF8.self)
            let page = String(decoding: PackageResources.page_js, as: UTF8.self)
            let data = PageData(summary: summary, timeline: timeline, marks: facts.marks)
            let title = markupEscaped(DisplayText.visible(facts.title))
            let word = summary.verdict.map { "\($0.status.rawValue): " } ?? ""
            return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
                style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; \
                form-action 'none'">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="referrer" content="no-referrer">
                <title>\(word)\(title) – loadfleet</title>
                <style>
                \(style)</style>
                </head>
                <body>
                \(sections.text)
                <script type="application/json" id="data">\
                \(try data.text())</script>
                <script>
                \(charts)</script>
                <script>
                \(time)</script>
                <script>
                \(page)</script>
                </body>
                </html>

                """
        }
    }
}
