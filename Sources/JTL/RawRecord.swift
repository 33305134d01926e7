// Records as they stand in their file, for those who write them into another one: fields are neither
// unquoted nor repaired, so what is not understood here is not lost either.

/// A record that holds a sample; its fields are good for the length of a call.
package struct RawRecord {
    /// The columns as the header above it names them.
    package let columns: [HeaderName]
    /// The sample's start in ms since 1970; nil where the file has no time stamps.
    package let time: Int64?
    /// Which field holds the time stamp; -1 for none.
    package let timePlace: Int
    let bytes: [UInt8]
    let fields: [Field]

    /// How many fields there are: as many as columns.
    package var count: Int { fields.count }

    /// The bytes of a field without the quotes around it; quotes within are doubled.
    package func field(_ place: Int) -> (bytes: ArraySlice<UInt8>, isQuoted: Bool) {
        let field = fields[place]
        return (bytes[field.start..<field.end], field.isQuoted)
    }
}
