// What can go wrong with images of one's own.

/// An image that could not be made or removed.
package enum ImageError: Error, Sendable, Equatable {
    /// It was not made, and nothing of the attempt is left.
    case failed(reason: String)
    /// There is none of this id that loadfleet made.
    case notOurs(String, region: String)

    /// What happened, in one line.
    package var message: String {
        switch self {
        case .failed(let reason): "the image was not made, and nothing is left of it: \(reason)"
        case .notOurs(let id, let region):
            "there is no image \(id) in \(region) that loadfleet made"
        }
    }

    /// What to do about it.
    package var hint: String? {
        switch self {
        case .failed: "mend what it says, then try again"
        case .notOurs: "see those there are with: loadfleet image list"
        }
    }
}
