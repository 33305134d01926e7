// The figures in the HTML report's page as JSON: `summary` as in `summary.json`, and beside it what
// the charts draw. Lists instead of objects, one a figure, so that an hour of seconds stays small.

private import Glibc
internal import JTL

/// The data of a page.
struct PageData {
    let summary: Summary
    let timeline: Timeline?
    let marks: [ReportFacts.Mark]

    /// How many marks the charts show.
    static let markLimit = 50
    /// The percentiles of the curves.
    private static let percentiles: [Double] = [
        0, 1, 5, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 96, 97, 98, 99, 99.25,
        99.5, 99.75, 99.9, 99.95, 99.99, 99.999, 100,
    ]
    /// How many labels have a curve.
    private static let curveLimit = 200
    /// How many response codes have an area of their own.
    private static let codeLimit = 6

    /// The JSON, in which nothing ends a script or begins markup.
    func text() throws -> String {
        let members = [
            "\"summary\":\(try summary.json(indented: false))", "\"time\":\(time)",
            "\"percentiles\":\(list(Self.percentiles))", "\"curves\":[\(curves)]",
            "\"bins\":[\(bins)]", "\"marks\":[\(marked)]",
        ]
        return Self.escaped("{\(members.joined(separator: ","))}")
    }

    /// JSON that is safe within a script element: what is not stands in texts only.
    static func escaped(_ json: String) -> String {
        var result = ""
        result.reserveCapacity(json.utf8.count)
        // Nearly all of it is safe, and copied as it is.
        var rest = json[...]
        while let place = rest.utf8.firstIndex(where: isDoubtful) {
            result += rest[..<place]
            let scalar = rest.unicodeScalars[place]
            rest = rest[rest.unicodeScalars.index(after: place)...]
            if isUnsafe(scalar) {
                for unit in String(scalar).utf16 { result += unicodeEscape(unit) }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + rest
    }

    private static func unicodeEscape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Whether a byte may begin what is unsafe.
    private static func isDoubtful(_ byte: UInt8) -> Bool {
        byte >= 0x7F || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">")
            || byte == UInt8(ascii: "&")
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        // Of ASCII only what was doubtful comes here.
        if scalar.isASCII { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned: return true
        default: return false
        }
    }

    // MARK: - Over time

    private var time: String {
        guard let timeline else { return "null" }
        let slots = timeline.slots
        let whole: [(String, String)] = [
            ("samples", list(slots) { "\($0.samples)" }),
            ("errors", list(slots) { "\($0.errors)" }),
            ("p50", list(slots) { number($0.p50) }), ("p95", list(slots) { number($0.p95) }),
            ("p99", list(slots) { number($0.p99) }),
            ("elapsed", list(slots) { number($0.elapsedSum) }),
            ("latency", list(slots) { number($0.latencySum) }),
            ("connect", list(slots) { number($0.connectSum) }),
            ("threads", list(slots) { "\($0.threads)" }), ("workers", list(workers(timeline))),
        ]
        let head =
            "\"start\":\(timeline.start(of: 0)),\"first\":\(timeline.firstSecond),"
            + "\"last\":\(timeline.lastSecond),\"width\":\(timeline.secondsPerSlot),"
            + "\"slots\":\(slots.count)"
        let lists = whole.map { "\"\($0.0)\":\($0.1)" }
        return "{\(head),\(lists.joined(separator: ",")),\"codes\":[\(codes(timeline))]}"
    }

    /// How many sources of samples were between their first and their last one.
    private func workers(_ timeline: Timeline) -> [Int] {
        let origin = timeline.start(of: 0)
        let slot = { (second: Int64) in Int((second - origin) / timeline.secondsPerSlot) }
        var changes = [Int](repeating: 0, count: timeline.slots.count + 1)
        // Without time stamps a source has no first sample.
        for source in timeline.sources where source.first <= source.last {
            changes[slot(source.first)] += 1
            changes[slot(source.last) + 1] -= 1
        }
        var active = 0
        return changes.dropLast().map { change in
            active += change
            return active
        }
    }

    /// What happened, with the seconds since 1970 at which it did.
    private var marked: String {
        marks.prefix(Self.markLimit).map { mark in
            let text = DisplayText.fit(DisplayText.visible(mark.text), columns: 160)
            return "{\"at\":\(number(Double(mark.atMs) / 1000)),"
                + "\"kind\":\"\(mark.kind.rawValue)\",\"text\":\(quoted(text))}"
        }.joined(separator: ",")
    }

    /// The most frequent codes, and all others as one.
    private func codes(_ timeline: Timeline) -> String {
        var sums = [Int](repeating: 0, count: timeline.codes.count)
        for slot in timeline.slots { for entry in slot.codes { sums[entry.code] += entry.times } }
        let order = sums.indices.sorted {
            sums[$0] != sums[$1] ? sums[$0] > sums[$1] : timeline.codes[$0] < timeline.codes[$1]
        }
        let shown = order.prefix(Self.codeLimit)
        var rows = [[Int]](
            repeating: [Int](repeating: 0, count: timeline.slots.count), count: shown.count + 1)
        var places = [Int](repeating: shown.count, count: sums.count)
        for (place, code) in shown.enumerated() { places[code] = place }
        for (index, slot) in timeline.slots.enumerated() {
            for entry in slot.codes { rows[places[entry.code]][index] += entry.times }
        }
        let names = shown.map { Self.name(ofCode: timeline.codes[$0]) } + ["other"]
        let used = order.count > shown.count ? rows.count : shown.count
        return (0..<used).map { place in
            "{\"code\":\(quoted(names[place])),\"times\":\(list(rows[place]))}"
        }.joined(separator: ",")
    }

    static func name(ofCode code: String) -> String {
        code.isEmpty ? "no code" : DisplayText.fit(DisplayText.visible(code), columns: 40)
    }

    // MARK: - Of the whole run

    private var curves: String {
        let rows = [summary.total] + summary.labels.prefix(Self.curveLimit)
        return rows.compactMap { row in
            guard row.samples > 0, let distribution = row.distribution else { return nil }
            let values = Self.percentiles.map {
                number(distribution.percentile($0, summary.percentileMethod))
            }
            let name = DisplayText.fit(DisplayText.visible(row.label), columns: 80)
            return "{\"name\":\(quoted(name)),\"values\":[\(values.joined(separator: ","))]}"
        }.joined(separator: ",")
    }

    /// Counts between edges that lie evenly on a logarithmic axis: `[from, to, samples]`, the
    /// upper edge excluded.
    private var bins: String {
        guard let distribution = summary.total.distribution else { return "" }
        var bins: [(from: Int64, to: Int64, times: Int)] = []
        for (value, times) in distribution.values {
            if let last = bins.last, value < last.to {
                bins[bins.count - 1].times += times
            } else {
                let edges = Self.edges(around: value)
                bins.append((edges.from, edges.to, times))
            }
        }
        return bins.map { "[\($0.from),\($0.to),\($0.times)]" }.joined(separator: ",")
    }

    /// The edges, 24 a power of ten, between which a value lies.
    private static func edges(around value: Int64) -> (from: Int64, to: Int64) {
        guard value >= 1 else { return (min(value, 0), 1) }
        guard value < 1 << 53 else { return (1 << 53, .max) }
        let edge = { (step: Int) in Int64(pow(10, Double(step) / 24).rounded(.up)) }
        var step = Int(log10(Double(value)) * 24)
        while edge(step) > value { step -= 1 }
        while edge(step + 1) <= value { step += 1 }
        return (edge(step), edge(step + 1))
    }

    // MARK: - JSON

    private func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "null" }
        // "12.0" says no more than "12".
        return Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    /// Int128 writes itself much more slowly than Int does.
    private func number(_ value: Int128) -> String {
        Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private func list(_ values: [Double]) -> String { list(values) { number($0) } }

    private func list(_ values: [Int]) -> String { list(values) { "\($0)" } }

    private func list<Element>(_ elements: [Element], _ text: (Element) -> String) -> String {
        var list = "["
        for element in elements {
            if list.utf8.count > 1 { list += "," }
            list += text(element)
        }
        return list + "]"
    }

    /// A text without control characters as JSON.
    private func quoted(_ text: String) -> String {
        "\"" + text.replacing(scalars: ["\\": "\\\\", "\"": "\\\""]) + "\""
    }
}
