// Stage 1: find structure. One pass over the bytes of a record finds where its fields begin and
// end; no byte is interpreted here except delimiter, quote, CR and LF. The scanner can stop at
// any byte and go on when more have come.
//
// The grammar is that of JMeter's writer: a field is quoted if and only if it begins with a quote,
// a quote inside is doubled, and CR, LF or CRLF ends a record outside quotes.

/// Where a field lies in its record, without its quotes.
struct Field {
    var start: Int
    var end: Int
    var isQuoted: Bool
    var hasDoubledQuotes: Bool
}

/// A resumable scanner over one record at a time.
struct RecordScanner {
    /// What stage 1 has to say against a record.
    enum Ending {
        case sound, misplacedQuote, openQuote, endOfFile
    }

    private enum State {
        case fieldStart, plain, quoted, behindQuote, damaged
    }

    let delimiter: UInt8
    private(set) var fields: [Field] = []
    private(set) var ending = Ending.sound
    /// Line ends inside quotes.
    private(set) var lineEndsInside = 0
    private var state = State.fieldStart
    private var position = 0
    private var fieldStart = 0
    private var hasDoubledQuotes = false
    private var isComplete = false

    init(delimiter: UInt8) {
        self.delimiter = delimiter
        fields.reserveCapacity(32)
    }

    /// Forgets the last record if it was complete; keeps an unfinished one.
    mutating func prepare() {
        if isComplete { restart() }
    }

    mutating func restart() {
        fields.removeAll(keepingCapacity: true)
        ending = .sound
        lineEndsInside = 0
        state = .fieldStart
        position = 0
        isComplete = false
    }

    /// Goes on to the end of the record that begins at `bytes[0]`; its length without the line
    /// end, or nil if the bytes end first.
    mutating func advance(over bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        while position < bytes.count {
            switch state {
            case .fieldStart: beginField(bytes[position])
            case .plain: scanPlain(bytes)
            case .quoted: scanQuoted(bytes)
            case .behindQuote: leaveQuote(bytes[position])
            case .damaged: skipToLineEnd(bytes)
            }
            if isComplete { return position }
        }
        return nil
    }

    /// Closes the record at the end of the file.
    mutating func endOfInput(in bytes: UnsafeBufferPointer<UInt8>) -> Ending {
        switch state {
        case .fieldStart:
            fieldStart = position
            closeField(at: position, isQuoted: false)
        case .plain: closeField(at: position, isQuoted: false)
        case .quoted: ending = .openQuote
        case .behindQuote: closeField(at: position - 1, isQuoted: true)
        case .damaged: break
        }
        return ending == .sound ? .endOfFile : ending
    }
}

// MARK: - States

extension RecordScanner {
    private mutating func beginField(_ byte: UInt8) {
        hasDoubledQuotes = false
        if byte == quote {
            position += 1
            state = .quoted
        } else {
            state = .plain
        }
        fieldStart = position
    }

    private mutating func scanPlain(_ bytes: UnsafeBufferPointer<UInt8>) {
        var index = position
        let delimiter = delimiter
        while index < bytes.count {
            let byte = bytes[index]
            if byte == delimiter {
                closeField(at: index, isQuoted: false)
                position = index + 1
                state = .fieldStart
                return
            }
            // The two line ends and the quote are all below '#': one test clears most bytes.
            if byte < UInt8(ascii: "#"), byte == quote || isLineEnd(byte) {
                position = index
                if byte == quote {
                    damage()
                } else {
                    closeField(at: index, isQuoted: false)
                    isComplete = true
                }
                return
            }
            index += 1
        }
        position = index
    }

    private mutating func scanQuoted(_ bytes: UnsafeBufferPointer<UInt8>) {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == quote {
                state = .behindQuote
                return
            }
            // A CR counts, and a LF unless it completes a CRLF.
            if byte == carriageReturn {
                lineEndsInside += 1
            } else if byte == lineFeed, position < 2 || bytes[position - 2] != carriageReturn {
                lineEndsInside += 1
            }
        }
    }

    /// The byte behind a quote says whether that quote was doubled, closing or misplaced.
    private mutating func leaveQuote(_ byte: UInt8) {
        if byte == quote {
            hasDoubledQuotes = true
            position += 1
            state = .quoted
        } else if byte == delimiter {
            closeField(at: position - 1, isQuoted: true)
            position += 1
            state = .fieldStart
        } else if isLineEnd(byte) {
            closeField(at: position - 1, isQuoted: true)
            isComplete = true
        } else {
            damage()
        }
    }

    private mutating func skipToLineEnd(_ bytes: UnsafeBufferPointer<UInt8>) {
        while position < bytes.count {
            if isLineEnd(bytes[position]) {
                isComplete = true
                return
            }
            position += 1
        }
    }

    private mutating func damage() {
        ending = .misplacedQuote
        state = .damaged
    }

    private mutating func closeField(at end: Int, isQuoted: Bool) {
        fields.append(
            Field(
                start: fieldStart, end: end, isQuoted: isQuoted, hasDoubledQuotes: hasDoubledQuotes)
        )
    }
}
