// Stage 2: interpret columns. Takes the fields that stage 1 found and makes a sample of them, or
// says why they are none. Numbers are read as Java's `Long.valueOf(text.trim())` reads them, and
// only "true" in any case is success: JMeter's own reader has the same rules.

/// One row, as views into the reader's buffer; never kept.
struct Sample {
    /// What a row stands for.
    enum Kind {
        /// A request, or a result within one.
        case sampler
        /// The sum of a transaction controller's samples.
        case controller
        /// A transaction controller in which nothing ran: only its label counts.
        case emptyController
    }

    var kind = Kind.sampler
    /// Start of the sample in ms since 1970; nil where the file has no such column.
    var timestamp: Int64?
    var elapsed: Int64 = 0
    var isSuccess = false
    var label = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var responseCode = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var responseMessage = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var failureMessage = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var threadName = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var url = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var bytes: Int64 = 0
    var sentBytes: Int64 = 0
    var latency: Int64 = 0
    var connect: Int64 = 0
    var allThreads: Int64 = 0
}

/// What takes in samples.
protocol SampleSink {
    mutating func record(_ sample: Sample)
}

/// Makes samples of records, by the plan of the file's header.
struct RowInterpreter {
    private(set) var plan: ColumnPlan
    /// When the last sample started; nil where the file has no such column.
    private(set) var lastStart: Int64?
    private var timestamps: TimestampReader
    private let clockOffset: Int64
    private var numbers: [(column: Column, place: Int)] = []
    private var texts: [(column: Column, place: Int)] = []
    private var success = -1
    private var timeStamp = -1

    init(plan: ColumnPlan, _ options: ReaderOptions) {
        self.plan = plan
        timestamps = TimestampReader(format: options.timestamps)
        clockOffset = options.clockOffset
        follow(plan)
    }

    /// Adds a record to the statistics, or returns why it could not be used.
    mutating func read(
        _ record: UnsafeMutableBufferPointer<UInt8>, _ fields: [Field],
        _ ending: RecordScanner.Ending, into statistics: inout some SampleSink
    ) -> UnusableLines.Kind? {
        switch ending {
        case .openQuote: return .openQuote
        case .misplacedQuote: return .misplacedQuote
        case .sound, .endOfFile: break
        }
        if record.isEmpty { return .blankLine }
        if fields.count == plan.count, let sample = sample(record, fields) {
            statistics.record(sample)
            return nil
        }
        if adoptHeader(UnsafeBufferPointer(record), fields) { return .repeatedHeader }
        if ending == .endOfFile { return .cutLastLine }
        return fields.count == plan.count ? .badNumber : .columnCount
    }

    /// Follows the header of the next of several concatenated files.
    private mutating func adoptHeader(
        _ record: UnsafeBufferPointer<UInt8>, _ fields: [Field]
    ) -> Bool {
        let names = fields.map { field in
            HeaderName(
                text: String(decoding: record[field.start..<field.end], as: UTF8.self),
                isQuoted: field.isQuoted)
        }
        guard HeaderName.isHeader(names) else { return false }
        let next = ColumnPlan(header: names)
        if next.missing == nil, next != plan { follow(next) }
        return true
    }

    private mutating func follow(_ plan: ColumnPlan) {
        self.plan = plan
        func places(_ columns: [Column]) -> [(column: Column, place: Int)] {
            columns.map { ($0, plan[$0]) }.filter { $0.place >= 0 }
        }
        numbers = places([.elapsed, .bytes, .sentBytes, .allThreads, .latency, .connect])
        texts = places(
            [.label, .responseCode, .responseMessage, .failureMessage, .threadName, .url])
        success = plan[.success]
        timeStamp = plan[.timeStamp]
    }
}

// MARK: - Fields

extension RowInterpreter {
    /// The sample of a record with the right number of fields; nil where a number cannot be read.
    private mutating func sample(
        _ record: UnsafeMutableBufferPointer<UInt8>, _ fields: [Field]
    ) -> Sample? {
        var sample = Sample()
        if timeStamp >= 0 {
            let text = bytes(of: fields[timeStamp], in: record)
            guard let time = timestamps.read(text) else { return nil }
            sample.timestamp = time &- clockOffset
        }
        lastStart = sample.timestamp
        for (column, place) in numbers {
            guard let number = parseLong(bytes(of: fields[place], in: record)) else { return nil }
            switch column {
            case .elapsed: sample.elapsed = number
            case .bytes: sample.bytes = number
            case .sentBytes: sample.sentBytes = number
            case .allThreads: sample.allThreads = number
            case .latency: sample.latency = number
            case .connect: sample.connect = number
            // Texts, and the time stamp: `follow` does not list them among the numbers.
            case .timeStamp, .label, .responseCode, .responseMessage, .success, .failureMessage,
                .threadName, .url:
                continue
            }
        }
        sample.isSuccess = isTrue(bytes(of: fields[success], in: record))
        for (column, place) in texts {
            let text = bytes(of: fields[place], in: record)
            switch column {
            case .label: sample.label = text
            case .responseCode: sample.responseCode = text
            case .responseMessage: sample.responseMessage = text
            case .threadName: sample.threadName = text
            case .url: sample.url = text
            default: sample.failureMessage = text
            }
        }
        sample.kind = Sample.Kind(message: sample.responseMessage)
        return sample
    }

    /// The bytes of a field, with doubled quotes made single in place.
    private func bytes(
        of field: Field, in record: UnsafeMutableBufferPointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8> {
        guard field.hasDoubledQuotes else {
            return UnsafeBufferPointer(rebasing: record[field.start..<field.end])
        }
        var end = field.start
        var index = field.start
        while index < field.end {
            record[end] = record[index]
            index += record[index] == quote ? 2 : 1
            end += 1
        }
        return UnsafeBufferPointer(rebasing: record[field.start..<end])
    }
}

extension Sample.Kind {
    /// JMeter marks a transaction controller's row by nothing but its response message.
    init(message: UnsafeBufferPointer<UInt8>) {
        guard message.first == UInt8(ascii: "N"), Self.begins(message, controllerMark) else {
            self = .sampler
            return
        }
        self = Self.begins(message, emptyControllerMark) ? .emptyController : .controller
    }

    private static func begins(
        _ text: UnsafeBufferPointer<UInt8>, _ mark: StaticString
    ) -> Bool {
        let count = mark.utf8CodeUnitCount
        guard text.count >= count else { return false }
        let (text, mark) = (UnsafeRawBufferPointer(text), UnsafeRawPointer(mark.utf8Start))
        // Four bytes a step: both marks are so many times four long.
        for offset in stride(from: 0, to: count, by: 4) {
            let part = text.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            if part != mark.loadUnaligned(fromByteOffset: offset, as: UInt32.self) { return false }
        }
        return true
    }
}

private let controllerMark: StaticString = "Number of samples in transaction"
private let emptyControllerMark: StaticString = "Number of samples in transaction : 0"

/// Java's `Boolean.valueOf`: "true" in any case, nothing trimmed.
func isTrue(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count == 4 else { return false }
    // Setting bit 5 makes an ASCII letter small; no other byte becomes one of these four letters.
    return text[0] | 0x20 == UInt8(ascii: "t") && text[1] | 0x20 == UInt8(ascii: "r")
        && text[2] | 0x20 == UInt8(ascii: "u") && text[3] | 0x20 == UInt8(ascii: "e")
}

/// Java's `Long.valueOf(text.trim())`, or nil where it would throw.
func parseLong(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    var start = 0
    var end = text.count
    while start < end, text[start] <= 0x20 { start += 1 }
    while end > start, text[end - 1] <= 0x20 { end -= 1 }
    guard start < end else { return nil }
    let isNegative = text[start] == UInt8(ascii: "-")
    if isNegative || text[start] == UInt8(ascii: "+") { start += 1 }
    guard start < end else { return nil }
    // Counted downwards, because the smallest Int64 has no positive counterpart.
    var value: Int64 = 0
    for index in start..<end {
        let digit = text[index] &- UInt8(ascii: "0")
        guard digit <= 9 else { return nil }
        let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
        let (next, underflow) = tens.subtractingReportingOverflow(Int64(digit))
        guard !overflow, !underflow else { return nil }
        value = next
    }
    if isNegative { return value }
    return value == .min ? nil : -value
}
