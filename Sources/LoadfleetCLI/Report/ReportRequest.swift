// What `loadfleet report` was asked for, checked: made from the command's options before any file
// is opened, so that a mistake in the tenth option does not cost the reading of ten files.
import FoundationEssentials
import JTL
import Results
import Runs
import Units

/// A checked request for reports.
struct ReportRequest {
    private(set) var options: SampleFiles.Options
    let gates: [Gate]
    /// How long after the first sample windows are not judged.
    let graceSeconds: Int
    private let outputs: ReportOutputs
    private let trim: Trim?
    /// How percentiles are made.
    let percentile: PercentileMethod
    /// How long followed files may stay as they are; nil for ever.
    let idleLimit: Duration?
    /// Where to write intervals.
    private let intervals: String?

    /// Checks a command; relative paths start at `directory`.
    init(_ command: ReportCommand, beside raw: RawOutputs? = nil, in directory: String) throws {
        try Self.checkFollowing(command)
        if raw != nil { try Self.checkMerging(command, in: directory) }
        percentile = command.percentile
        idleLimit = try command.untilIdle.map { text throws(QuantityError) in
            try Quantity.duration(text)
        }
        if let window = command.window, window < 1 {
            throw UsageFailure(message: "--window must be at least 1, not \(window)")
        }
        intervals = command.intervals
        graceSeconds =
            try command.grace.map { text throws(QuantityError) in
                try Quantity.duration(text).secondsRoundedUp
            } ?? 0
        let gates = try Self.gates(command)
        self.gates = gates
        trim = try command.trim.map(Trim.init)
        if trim == .ramp, command.window != nil {
            throw UsageFailure(
                message: "--trim ramp can't be used with --window",
                hint: "give --from and --to, or leave one of the two out")
        }
        let labels = command.labels.isEmpty ? nil : LabelFilter(command.labels)
        let times = try TimeWindow(from: command.from, to: command.to)
        if let threads = command.threads, !(1...1024).contains(threads) {
            throw UsageFailure(message: "--threads must be from 1 to 1024, not \(threads)")
        }
        outputs = ReportOutputs(
            command.output.outputs, in: directory, isStdoutFree: raw?.merged != "-")
        var options = SampleFiles.Options(
            statistics: StatisticsOptions(
                window: command.window,
                intervals: command.intervals != nil || trim == .ramp
                    || gates.contains(where: \.isOnWindow) || command.baseline.word != nil,
                timeline: outputs.hasPage,
                selection: SampleSelection(times: times.milliseconds, labels: labels)),
            delimiter: try command.delimiter.map(Self.delimiter),
            timestamps: try Self.timestamps(command.timestampFormat, offset: command.utcOffset))
        if let threads = command.threads { options.threads = threads }
        self.options = options
    }

    private static func gates(_ command: ReportCommand) throws -> [Gate] {
        let gates = try command.gates.map { text throws(ResultsError) in try Gate(parsing: text) }
        try command.baseline.requireWord(for: gates)
        if command.follow, let gate = gates.first(where: \.isOnWindow) {
            throw UsageFailure(
                message: "--follow can't be used with a gate on windows: '\(gate.expression)'",
                hint: "follow without it, and report once more when the run is over")
        }
        return gates
    }

    private static func checkFollowing(_ command: ReportCommand) throws(UsageFailure) {
        guard command.follow else {
            guard command.untilIdle == nil else {
                throw UsageFailure(message: "--until-idle needs --follow")
            }
            return
        }
        let others: [(name: String, isGiven: Bool)] = [
            ("standard input", command.files.contains("-")), ("--trim", command.trim != nil),
            ("--window", command.window != nil), ("--intervals", command.intervals != nil),
        ]
        if let other = others.first(where: \.isGiven) {
            throw UsageFailure(
                message: "--follow can't be used with \(other.name)",
                hint: "follow plain files, and report once more when the run is over")
        }
    }

    /// Refuses what a file of all samples can't go with.
    private static func checkMerging(_ command: ReportCommand, in directory: String) throws {
        let others: [(name: String, isGiven: Bool)] = [
            ("--follow", command.follow), ("--from", command.from != nil),
            ("--to", command.to != nil), ("--trim", command.trim != nil),
            ("--label", !command.labels.isEmpty),
        ]
        if let other = others.first(where: \.isGiven) {
            throw UsageFailure(
                message: "all samples are merged, so \(other.name) can't be used with it",
                hint: "leave \(other.name) out, and report on the merged file with it")
        }
        if let stream = try SampleFiles.firstStream(command.files, in: directory) {
            throw UsageFailure(
                message: "\(stream == "-" ? "standard input" : stream) can be read only once",
                hint: "merge files")
        }
    }

    private static func delimiter(_ text: String) throws -> UInt8 {
        if text == "tab" || text == "\\t" { return UInt8(ascii: "\t") }
        let bytes = Array(text.utf8)
        guard bytes.count == 1, bytes[0] != UInt8(ascii: "\""), !bytes[0].isAlphanumeric else {
            throw UsageFailure(
                message: "'\(text)' can't be a delimiter",
                hint: "give one ASCII character such as ';', or 'tab'")
        }
        return bytes[0]
    }

    private static func timestamps(_ pattern: String?, offset: String?) throws -> TimestampFormat {
        let seconds = try offset.map(seconds) ?? 0
        guard let pattern else {
            guard offset == nil else {
                throw UsageFailure(message: "--utc-offset needs --timestamp-format")
            }
            return .automatic
        }
        if pattern == "ms" { return .milliseconds }
        do throws(JTLError) {
            return .pattern(try TimestampPattern(pattern, offsetSeconds: seconds))
        } catch {
            throw ResultsError.samples(error)
        }
    }

    /// Seconds of an offset in the form +02:00, +0200 or +02, up to 18 hours as Java has it.
    private static func seconds(_ offset: String) throws -> Int {
        var digits = Array(offset.utf8.dropFirst())
        if digits.count == 5, digits[2] == UInt8(ascii: ":") { digits.remove(at: 2) }
        let values = digits.map { Int($0) - 0x30 }
        let isSigned = offset.hasPrefix("+") || offset.hasPrefix("-")
        guard isSigned, [2, 4].contains(values.count), values.allSatisfy((0...9).contains) else {
            throw UsageFailure(
                message: "'\(offset)' is not an offset from UTC", hint: "write it like +02:00")
        }
        let minutes = values.count == 4 ? values[2] * 10 + values[3] : 0
        let total = (values[0] * 10 + values[1]) * 60 + minutes
        guard minutes < 60, total <= 18 * 60 else {
            throw UsageFailure(
                message: "'\(offset)' is no offset from UTC that there is",
                hint: "none is beyond 18 hours")
        }
        return (offset.hasPrefix("-") ? -60 : 60) * total
    }
}

extension UInt8 {
    fileprivate var isAlphanumeric: Bool {
        let character = Character(Unicode.Scalar(self))
        return character.isLetter || character.isNumber
    }
}

// MARK: - Reading

extension ReportRequest {
    /// The same request of another run, which was at another time.
    func ofBaseline(_ run: RunFolder) -> ReportRequest {
        var request = self
        request.options.statistics.selection.times = .min ... .max
        request.options.statistics.timeline = false
        request.options.clockOffsets = run.clockOffsets
        return request
    }

    /// Reads the files; twice if a length of time is to be left out at both ends of all of it.
    func read(
        _ files: [String], in directory: String,
        progress: @escaping @Sendable (SampleFiles.Progress) -> Void
    ) throws(ResultsError) -> SampleReading {
        switch trim {
        case nil:
            SampleReading(
                statistics: try SampleFiles.read(
                    files, in: directory, options: options, progress: progress))
        case .ramp:
            try SampleFiles.readSteady(files, in: directory, options: options, progress: progress)
        case .time(let time):
            SampleReading(
                statistics: try read(files, in: directory, trimming: time, progress: progress))
        }
    }

    private func read(
        _ files: [String], in directory: String, trimming trim: Duration,
        progress: @escaping @Sendable (SampleFiles.Progress) -> Void
    ) throws(ResultsError) -> Statistics {
        if let stream = try SampleFiles.firstStream(files, in: directory) {
            throw .file(
                "\(stream == "-" ? "standard input" : stream) can't be trimmed",
                hint: "it can be read only once; trim a file")
        }
        // The first reading only finds the ends, which are those of all labels.
        var first = options
        first.statistics.intervals = false
        first.statistics.timeline = false
        first.statistics.selection.labels = nil
        let whole = try SampleFiles.read(files, in: directory, options: first, progress: progress)
        let total = whole.total
        var rest = options
        if total.samples > 0 {
            guard total.untimed < total.samples else {
                throw .file("samples without time stamps can't be trimmed", hint: nil)
            }
            let (seconds, attoseconds) = trim.components
            let cut = seconds * 1000 + attoseconds / 1_000_000_000_000_000
            let first = total.firstStart + cut
            let last = total.lastEnd - cut
            guard first <= last else {
                throw .file(
                    "--trim leaves nothing of \(total.lastEnd - total.firstStart) ms", hint: nil)
            }
            let wanted = options.statistics.selection.times
            rest.statistics.selection.times =
                max(first, wanted.lowerBound)...max(first, min(last, wanted.upperBound))
        }
        return try SampleFiles.read(files, in: directory, options: rest, progress: progress)
    }
}

// MARK: - Printing

extension ReportRequest {
    /// Writes the intervals if they were asked for.
    func writeIntervals(of statistics: Statistics) throws {
        guard let intervals, let series = statistics.intervals else { return }
        do throws(ResultsError) {
            try IntervalFiles.write(series, to: outputs.whole(intervals))
        } catch {
            // No fault of the input.
            throw CommandFailure(message: error.message, hint: error.hint)
        }
    }

    /// What is to be said about lines that could not be used.
    func unusable(_ summary: Summary) -> (warnings: [String], reasons: [String]) {
        let lines = summary.unusableLines
        guard lines.count > 0 else { return ([], []) }
        let places = lines.first.prefix(3).map { "\($0.source):\($0.line) (\($0.kind))" }
        let more = lines.count > places.count ? ", …" : ""
        let count = lines.count == 1 ? "1 line" : "\(lines.count) lines"
        let text = "\(count) could not be used: \(places.joined(separator: ", "))\(more)"
        return ([text], [text])
    }

    /// Prints all reports that were asked for.
    func print(_ judged: JudgedSamples, to output: Output) throws {
        if output.isJSON {
            let summary = try judged.summary.json(indented: false)
            try output.print(document: ["summary": .raw(summary)])
        }
        try outputs.write(judged, to: output)
    }

    /// Refuses outputs that can't be written, or would replace results or each other, before
    /// anything is read.
    func checkOutputs(against files: [String], others: [String] = []) throws {
        try outputs.check(against: files, others: [intervals].compactMap(\.self) + others)
    }
}
