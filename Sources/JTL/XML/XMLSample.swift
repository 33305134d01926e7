// The attributes of a sample's tag, under JMeter's names for them:
// https://jmeter.apache.org/usermanual/listeners.html#attributes

/// A sample whose end tag has not come.
struct XMLSample {
    /// Where its tag begins.
    let place: LinePosition
    /// What its first assertion with a message said.
    var failure: [UInt8]?
    /// The first attribute that is required and absent.
    private(set) var missing: String?
    private var sample = Sample()
    private var isSound = true
    private var label: [UInt8] = []
    private var code: [UInt8] = []
    private var message: [UInt8] = []
    private var thread: [UInt8] = []

    init(_ tag: XMLTag, at place: LinePosition) {
        self.place = place
        var absent = ["t", "lb", "s"]
        tag.forEachAttribute { name, value in
            absent.removeAll { $0 == name }
            switch name {
            case "ts": sample.timestamp = number(value)
            case "t": sample.elapsed = number(value)
            case "lt": sample.latency = number(value)
            case "ct": sample.connect = number(value)
            case "by": sample.bytes = number(value)
            case "sby": sample.sentBytes = number(value)
            case "na": sample.allThreads = number(value)
            case "s": sample.isSuccess = isTrue(value)
            case "lb": label = resolved(value)
            // Very old files name the code "rs".
            case "rc", "rs": code = resolved(value)
            case "rm": message = resolved(value)
            case "tn": thread = resolved(value)
            default: break
            }
        }
        missing = absent.first
    }

    private mutating func number(_ text: UnsafeBufferPointer<UInt8>) -> Int64 {
        if let number = parseLong(text) { return number }
        isSound = false
        return 0
    }

    /// Adds the sample, or returns why it could not be used.
    func record(into sink: inout some SampleSink) -> UnusableLines.Kind? {
        guard missing == nil else { return .columnCount }
        guard isSound else { return .badNumber }
        var sample = sample
        label.withUnsafeBufferPointer { label in
            code.withUnsafeBufferPointer { code in
                message.withUnsafeBufferPointer { message in
                    (failure ?? []).withUnsafeBufferPointer { failure in
                        thread.withUnsafeBufferPointer { thread in
                            sample.label = label
                            sample.responseCode = code
                            sample.responseMessage = message
                            sample.failureMessage = failure
                            sample.threadName = thread
                            sample.kind = Sample.Kind(message: message)
                            sink.record(sample)
                        }
                    }
                }
            }
        }
        return nil
    }
}
