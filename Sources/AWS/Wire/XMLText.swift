// Writes the little XML that S3 wants to read.

internal import HTTP

/// An XML document being written.
struct XMLText {
    private static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

    private let root: String
    private var inner = ""

    /// A document with S3's namespace.
    init(root: String) { self.root = root }

    /// Adds an element with a text; an absent text adds nothing.
    mutating func add(_ name: String, _ text: String?) {
        guard let text else { return }
        inner += "<\(name)>\(Self.escaped(text))</\(name)>"
    }

    /// Adds an element with elements inside.
    mutating func add(_ name: String, _ write: (inout XMLText) -> Void) {
        inner += "<\(name)>"
        write(&self)
        inner += "</\(name)>"
    }

    /// The document.
    var bytes: [UInt8] {
        Array("<\(root) xmlns=\"\(Self.namespace)\">\(inner)</\(root)>".utf8)
    }

    /// Line ends are coded, too: a reader would turn `\r` into `\n`.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#xA;"
            case "\r": result += "&#xD;"
            case "\u{85}": result += "&#x85;"
            case "\u{2028}": result += "&#x2028;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension CallRequest {
    /// Sets an XML body; some calls want a checksum beside the hash that is signed.
    mutating func setBody(_ xml: XMLText, withChecksum: Bool = false) {
        let bytes = xml.bytes
        body = .bytes(bytes)
        headers.add("Content-Type", "application/xml")
        if withChecksum { headers.add("x-amz-checksum-crc32", CRC32.base64(of: bytes)) }
    }

    /// Sets the path to an object's.
    mutating func setKey(_ key: String) {
        path = "/" + PercentCoding.encode(key, as: .path)
    }
}
