// How deep in the elements of a file a reader is, and the one text that matters there.

/// The place between two tags.
struct XMLNesting {
    /// Whether <testResults> has begun.
    var hasRoot = false
    /// Whether there was a sample in the file.
    var hasSamples = false
    /// How many elements are open within <testResults>; a sample is the first of them.
    var depth = 0
    /// Whether something in a sample was indented.
    var isIndented = false
    /// Whether something was damaged, and no sample has begun since.
    var isLost = false
    /// The sample whose end has not come.
    var sample: XMLSample?
    private var isInAssertion = false
    private var isInMessage = false
    private var message: [UInt8] = []

    /// So much of a failure's message is read; more of it is never shown.
    private static let messageLimit = 8 * CountedTexts.lengthLimit

    init(hasRoot: Bool = false, hasSamples: Bool = false) {
        self.hasRoot = hasRoot
        self.hasSamples = hasSamples
    }

    /// Opens an element within a sample.
    mutating func child(_ tag: XMLTag) {
        if depth == 1, tag.name == "assertionResult" { isInAssertion = true }
        if depth == 2, isInAssertion, tag.name == "failureMessage", sample?.failure == nil {
            isInMessage = true
            message = []
        }
        depth += 1
        if tag.isEmpty { close() }
    }

    mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard isInMessage else { return }
        message += bytes.prefix(Self.messageLimit - message.count)
    }

    /// Closes the innermost element.
    mutating func close() {
        depth -= 1
        if isInMessage {
            sample?.failure = resolved(message)
            isInMessage = false
        }
        if depth <= 1 { isInAssertion = false }
    }
}
