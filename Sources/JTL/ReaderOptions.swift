// What a reader may be told about a file; everything has a good default, because a JTL's first
// line says almost all of it.

/// What a caller knows about a JTL beyond its bytes.
public struct ReaderOptions: Sendable {
    /// The name under which unusable lines are reported, usually the file's path.
    public var source: String

    /// The byte between fields; nil guesses it from the first line.
    public var delimiter: UInt8?

    /// How the `timeStamp` column is written.
    public var timestamps: TimestampFormat

    /// By how many milliseconds the clock behind the time stamps of a CSV file was ahead; it is taken
    /// off each of them.
    package var clockOffset: Int64 = 0

    /// No record has more bytes than this; JMeter's longest field is a failure message.
    var recordLimit = 16 << 20

    /// Options for a file of the given name, all else left to the first line.
    public init(
        source: String = "input", delimiter: UInt8? = nil, timestamps: TimestampFormat = .automatic
    ) {
        self.source = source
        self.delimiter = delimiter
        self.timestamps = timestamps
    }
}
