// What the doctor says about one thing.

/// The result of one check.
struct Finding: Sendable, Equatable {
    /// What was checked, in a word or two.
    let name: String
    /// Whether it is as it should be.
    let isGood: Bool
    /// What was found.
    let detail: String
    /// What to do; `nil` when all is well.
    let fix: String?
    /// How it was found, a line each.
    var notes: [String] = []

    static func good(_ name: String, _ detail: String) -> Finding {
        Finding(name: name, isGood: true, detail: detail, fix: nil)
    }

    static func bad(_ name: String, _ detail: String, fix: String?) -> Finding {
        Finding(name: name, isGood: false, detail: detail, fix: fix)
    }

    /// A failure in the words of the room that found it.
    static func bad(_ name: String, _ error: any UserFacing) -> Finding {
        bad(name, error.message, fix: error.hint)
    }

    var json: JSON {
        let json: JSON = [
            "check": .string(name), "ok": .bool(isGood), "detail": .string(detail),
            "fix": fix.map { .string($0) } ?? .null,
        ]
        guard !notes.isEmpty else { return json }
        return json.adding(["notes": .array(notes.map { .string($0) })])
    }
}
