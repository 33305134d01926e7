// Small parts that the sections of the HTML report are put together from.

internal import JTL

extension PageSections {
    /// Text from a run, escaped and with nothing invisible in it.
    func safe(_ text: String) -> String { markupEscaped(DisplayText.visible(text)) }

    /// A table that can be scrolled where it is too wide, and reached with the keyboard for it.
    func table(
        _ titles: [String], _ rows: [String], id: String? = nil, sorts: Bool = false,
        text: Int = 1, foot: String = ""
    ) -> String {
        let name = id.map { " id=\"\($0)\"" } ?? ""
        let heads = titles.enumerated().map { index, title in
            "<th scope=\"col\"\(index > 0 && index < text ? " class=\"text\"" : "")>\(title)</th>"
        }
        return """

            <div class="scroll" tabindex="0" role="group" aria-label="Table by \(titles[0])">
            <table\(name)\(sorts ? " class=\"sortable\"" : "")>
            <thead><tr>\(heads.joined())</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>\(foot)
            </table>
            </div>
            """
    }

    /// The place of a chart, with its legend and the table beside it.
    func chart(_ id: String, _ title: String, tool: String = "") -> String {
        """
        <figure id="\(id)" class="js">
        <figcaption><h3>\(title)</h3><ul class="legend"></ul>\(tool)</figcaption>
        <div class="plot" tabindex="0" role="img" aria-label="\(title)"></div>
        <details><summary>As a table</summary><div tabindex="0" role="group" \
        aria-label="\(title), as a table"></div></details>
        </figure>
        """
    }

    var overview: String {
        """
        <h2 id="overview-title">Overview</h2>
        <div class="tools js"><button type="button" id="zoom-in">Zoom in</button>\
        <button type="button" id="zoom-out">Zoom out</button>\
        <button type="button" id="zoom-all">All</button><span id="moment"></span></div>
        <noscript><p class="note">The charts need JavaScript; all tables are here without it.</p>\
        </noscript>
        \(chart("chart-rate", "Samples a second"))
        \(chart(
            "chart-elapsed", "Elapsed time",
            tool: "<label><input type=\"checkbox\" id=\"log\"> logarithmic</label>"))
        \(chart("chart-threads", "Active threads"))
        \(hasWorkers ? chart("chart-workers", "Active workers") : "")
        \(events)
        """
    }

    /// Whether the samples are those of several workers.
    private var hasWorkers: Bool { (timeline?.sources.count { $0.samples > 0 } ?? 0) > 1 }

    var times: String {
        """
        <h2 id="times-title">Times</h2>
        <div class="pair">
        \(chart("chart-distribution", "Samples by elapsed time"))
        \(chart(
            "chart-curve", "Elapsed time by percentile",
            tool: "<label>compare with <select></select></label>"))
        \(hasTimeline ? chart("chart-scatter", "Elapsed time by active threads") : "")
        \(hasTimeline ? chart("chart-split", "Mean elapsed time, its parts") : "")
        </div>
        """
    }
}

/// Elapsed time as people say it.
enum Clock {
    /// `1:02:03`, or `2:03` within the first hour.
    static func text(seconds: Int64) -> String {
        let two = { (value: Int64) in value < 10 ? "0\(value)" : "\(value)" }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":" + two(seconds % 60)
    }
}

/// How the figures of a page are made, in words.
enum PageWords {
    static func explanation(_ summary: Summary) -> String {
        let method =
            switch summary.percentileMethod {
            case .jmeter: "jmeter: between the neighbours of place (p/100)·(n+1), as its dashboard"
            case .aggregate: "aggregate: the value at place n·p/100, as JMeter's Aggregate Report"
            case .nearest: "nearest: the smallest value that p percent do not exceed"
            }
        guard let window = summary.windowSamples else { return method + "; of all samples, exact" }
        return method + "; of the last \(window) samples of each label"
    }

    static func explanation(_ timeline: Timeline) -> String {
        let width = timeline.secondsPerSlot
        let slot = width == 1 ? "one second" : "\(width) seconds"
        return "Each point stands for \(slot). A sample belongs to the second in which it started; "
            + "a point's percentiles are those of all its samples. Active threads are added up "
            + "over the workers."
    }
}

/// The share of satisfied users (Application Performance Index, apdex.org), half of the tolerating
/// ones included.
///
/// Failed samples are frustrated however fast they were. Which times were those of failures is not
/// counted, so with failures the index is known between two bounds, which mostly are one.
struct Apdex: Equatable {
    /// JMeter's own thresholds, in ms.
    static let satisfied: Int64 = 500
    static let tolerated: Int64 = 1500

    let least: Double
    let most: Double

    /// The index of a row; nil without samples.
    init?(_ row: SummaryRow) {
        // Of a window's times nobody knows which belong to failures.
        guard let times = row.distribution, times.count > 0, times.count == row.samples else {
            return nil
        }
        let (fast, fair) = (times.count(upTo: Self.satisfied), times.count(upTo: Self.tolerated))
        let errors = min(row.errors, times.count)
        let (tolerating, slow) = (fair - fast, times.count - fair)
        // The failed ones are among the slow if they can be, and then among the tolerating.
        let leftOver = max(0, errors - slow)
        most = Self.index(
            fast - max(0, leftOver - tolerating), tolerating - min(leftOver, tolerating),
            times.count)
        // The other way round.
        let beyond = max(0, errors - fast)
        least = Self.index(
            fast - min(errors, fast), tolerating - min(beyond, tolerating), times.count)
    }

    private static func index(_ satisfied: Int, _ tolerating: Int, _ all: Int) -> Double {
        (Double(satisfied) + Double(tolerating) / 2) / Double(all)
    }

    /// Two places, as indices are given; the two bounds where they differ.
    var text: String {
        let (low, high) = (FixedPoint.text(least, places: 2), FixedPoint.text(most, places: 2))
        return low == high ? low : "\(low)–\(high)"
    }
}
