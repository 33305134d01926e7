// The schedule language of JMeter's Open Model Thread Group: `rate(10/sec) random_arrivals(1 min)
// pause(5 s) even_arrivals(1 min) rate(600 per hour)`, as JMeter 5.6's manual and parser have it.
//
// Each stretch of arrivals starts a whole number of iterations: its length times the mean of the
// rates at its two ends, cut to a whole number. So dividing the rates would lose up to one
// iteration for each worker and stretch; where it would, each worker's rates are made anew.

/// A schedule that has been understood.
struct OpenModelSchedule {
    /// A worker's part of a schedule.
    struct Share {
        let text: String
        let arrivals: Int
    }

    /// A rate as written, and in arrivals per second.
    private struct Rate {
        var number: ExactDecimal
        var unit: String
        var perSecond: Double { number.double / OpenModelScanner.seconds(unit) }
        static let zero = Rate(number: .zero, unit: "sec")
    }

    /// One stretch of time in which iterations start.
    private struct Stretch {
        /// As written, as in `random_arrivals(1 min)`.
        let text: String
        let seconds: Double
        let begin: Rate
        var end: Rate

        /// The iterations started, computed as JMeter does.
        var arrivals: Int { Self.arrivals(begin.perSecond, end.perSecond, seconds) }

        static func arrivals(_ begin: Double, _ end: Double, _ seconds: Double) -> Int {
            Int(exactly: ((begin + end) / 2 * seconds).rounded(.down)) ?? 0
        }
    }

    private enum Part {
        case stretch(Int)
        case pause(String)
    }

    private let text: String
    private let scanned: [OpenModelScanner.Step]
    private var stretches: [Stretch] = []
    private var parts: [Part] = []
    /// A schedule that is only a number: so many iterations, for trying a plan out.
    private let trial: Int?

    /// All iterations that the schedule starts.
    var arrivals: Int { trial ?? stretchArrivals.reduce(0, +) }

    /// How long it lasts, pauses included; a trial counts as the second in which it starts.
    var seconds: Double {
        trial != nil
            ? 1
            : scanned.reduce(0) { sum, step in
                switch step.kind {
                case .arrivals(let seconds), .pause(let seconds): sum + seconds
                case .rate: sum
                }
            }
    }

    /// The iterations that each stretch of arrivals starts.
    var stretchArrivals: [Int] { stretches.map(\.arrivals) }

    /// Reads a schedule; nil when JMeter would not understand it.
    init?(_ text: String) {
        self.text = text
        trial = Int(text).flatMap { $0 >= 0 ? $0 : nil }
        guard trial == nil else {
            scanned = []
            return
        }
        guard let steps = OpenModelScanner.steps(of: text) else { return nil }
        scanned = steps
        guard follow(steps) else { return nil }
    }

    /// Works out the rates at the ends of each stretch; false for a rate beyond reckoning.
    private mutating func follow(_ steps: [OpenModelScanner.Step]) -> Bool {
        var rate = Rate.zero
        // The first rate after a stretch is the one at its end.
        var isEndOpen = false
        for step in steps {
            switch step.kind {
            case .rate(let number, let unit):
                guard let number = ExactDecimal(number) else { return false }
                rate = Rate(number: number, unit: unit)
                if isEndOpen { stretches[stretches.count - 1].end = rate }
                isEndOpen = false
            case .arrivals(let seconds):
                parts.append(.stretch(stretches.count))
                stretches.append(
                    Stretch(
                        text: String(text[step.range]), seconds: seconds, begin: rate, end: rate))
                isEndOpen = true
            case .pause:
                parts.append(.pause(String(text[step.range])))
                isEndOpen = false
            }
        }
        return stretches.allSatisfy {
            ($0.begin.perSecond + $0.end.perSecond) / 2 * $0.seconds < Double(Int32.max)
        }
    }

    // MARK: - Sharing

    /// The part of each worker; arrivals are dealt in turns, over the whole schedule.
    func shares(by turns: Turns) -> [Share] {
        let workers = 0..<turns.workers
        if let trial {
            return workers.map {
                let share = turns.share(of: trial, worker: $0)
                return Share(text: "\(share)", arrivals: share)
            }
        }
        let divided = self.divided(by: turns.workers)
        if divided.allSatisfy({ $0.arrivals * turns.workers == arrivals }),
            let texts = OpenModelSchedule(divided[0].text),
            zip(texts.stretches, stretches).allSatisfy({
                $0.arrivals * turns.workers == $1.arrivals
            })
        {
            return divided
        }
        return workers.map { worker in
            var first = 0
            let counts = stretches.map { stretch in
                let cards = first..<first + stretch.arrivals
                first = cards.upperBound
                return turns.share(of: cards, worker: worker)
            }
            return made(with: counts)
        }
    }

    /// The schedule as written with each rate divided, the same for all.
    private func divided(by workers: Int) -> [Share] {
        var result = ""
        var position = text.startIndex
        for step in scanned {
            guard case .rate(let number, _) = step.kind, let range = step.number,
                let rate = ExactDecimal(number)
            else { continue }
            result += text[position..<range.lowerBound]
            result += rate.times(1, over: workers, roundingUp: true).text
            position = range.upperBound
        }
        result += text[position...]
        let arrivals = OpenModelSchedule(result)?.arrivals ?? 0
        return (0..<workers).map { _ in Share(text: result, arrivals: arrivals) }
    }

    /// A schedule of the same stretches and pauses, with so many arrivals in each stretch.
    private func made(with counts: [Int]) -> Share {
        var words: [String] = []
        for part in parts {
            switch part {
            case .pause(let text): words.append(text)
            case .stretch(let index):
                let (begin, end) = Self.rates(of: stretches[index], for: counts[index])
                words += [
                    "rate(\(begin.number.text)/\(begin.unit))", stretches[index].text,
                    "rate(\(end.number.text)/\(end.unit))",
                ]
            }
        }
        return Share(text: words.joined(separator: " "), arrivals: counts.reduce(0, +))
    }

    /// The rates that give `count` arrivals, in the relation that the plan's have.
    private static func rates(of stretch: Stretch, for count: Int) -> (Rate, Rate) {
        guard count > 0 else {
            return (
                Rate(number: .zero, unit: stretch.begin.unit),
                Rate(number: .zero, unit: stretch.end.unit)
            )
        }
        func scaled(_ numerator: Int, _ denominator: Int) -> (begin: Rate, end: Rate) {
            var (begin, end) = (stretch.begin, stretch.end)
            begin.number = begin.number.times(numerator, over: denominator, roundingUp: true)
            end.number = end.number.times(numerator, over: denominator, roundingUp: true)
            return (begin, end)
        }
        // In proportion; a thousandth of an arrival keeps JMeter's binary fractions from falling
        // short of the whole number.
        let near = scaled(count * 1000 + 1, stretch.arrivals * 1000)
        if Stretch.arrivals(near.begin.perSecond, near.end.perSecond, stretch.seconds) == count {
            return near
        }
        let mean = (stretch.begin.perSecond + stretch.end.perSecond) / 2 * stretch.seconds
        return scaled(count * 1000 + 1, Int((mean * 1000).rounded(.up)))
    }
}
