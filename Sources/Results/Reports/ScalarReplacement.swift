extension String {
    /// The text with some of its scalars replaced.
    ///
    /// What formats reserve must be looked for by scalars: as characters, a quote with an accent
    /// behind it is no quote, and CR LF is neither of the two.
    package func replacing(scalars replacements: [Unicode.Scalar: String]) -> String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if let replacement = replacements[scalar] {
                result += replacement.unicodeScalars
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}
