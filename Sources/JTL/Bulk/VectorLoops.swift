// Which of the C loops of `CVectors` to use: the best that this processor can run, or a simpler
// one, because the tests hold all of them against the slow reader.

import CVectors

/// The loops for one instruction set.
enum VectorLoops {
    /// The loops for the best instruction set up to a level; every processor has level 0.
    static func best(upTo level: Int = .max) -> lf_loops {
        var best = 0
        while best < level, lf_loops_of_level(best + 1) != nil { best += 1 }
        guard let loops = lf_loops_of_level(best) else {
            preconditionFailure("level 0 is on every processor")
        }
        return loops.pointee
    }

    /// How many levels this processor has.
    static var levels: Int { (0...).first { lf_loops_of_level($0) == nil } ?? 0 }
}
