// A jar's manifest, which says what version it is of.
// (https://docs.oracle.com/en/java/javase/17/docs/specs/jar/jar.html#jar-manifest)

/// The main section of `META-INF/MANIFEST.MF`.
struct JarManifest {
    private let lines: [Substring]

    /// Nil when `path` is no jar, or its manifest can't be read.
    init?(path: String) {
        guard let jar = JarDirectory(path: path),
            let bytes = jar.contents(of: "META-INF/MANIFEST.MF")
        else { return nil }
        lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    }

    /// The value of an attribute; nil when it is absent.
    func value(of name: String) -> String? {
        lines.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
    }
}
