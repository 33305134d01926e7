// Whole numbers dealt out: in proportion, or one after another like cards. Either way the shares
// add up to the total, whatever it is.

/// Shares of a total in proportion to weights.
enum Dealing {
    /// Shares by the largest remainders (Hamilton's method), of equal ones the first.
    ///
    /// A weight of 0 gets nothing; if all are 0, all count alike. Nobody gets more than its quota rounded up. So a share of executions that a group of
    /// threads can make all together can be made by each worker's threads, too.
    static func whole<Number: BinaryInteger>(_ total: Number, by weights: [Number]) -> [Number] {
        let sum = weights.reduce(0, +)
        guard sum > 0 else { return whole(total, by: weights.map { _ in 1 }) }
        let quotas = weights.map { (total * $0).quotientAndRemainder(dividingBy: sum) }
        var shares = quotas.map(\.quotient)
        let left = Int(total - shares.reduce(0, +))
        let order = quotas.indices.sorted {
            quotas[$0].remainder != quotas[$1].remainder
                ? quotas[$0].remainder > quotas[$1].remainder : $0 < $1
        }
        for worker in order.prefix(left) { shares[worker] += 1 }
        return shares
    }
}

/// Cards dealt in turns: card `n` goes to worker `(first + n) mod workers`.
struct Turns {
    /// Who gets the first card.
    let first: Int
    /// The number of workers.
    let workers: Int

    /// A worker's place in the turns, from 0.
    func place(of worker: Int) -> Int { (worker - first + workers) % workers }

    /// How many of the first `count` cards a worker gets.
    func share(of count: Int, worker: Int) -> Int {
        let place = place(of: worker)
        return count > place ? (count - place - 1) / workers + 1 : 0
    }

    /// How many of the cards in `range` a worker gets.
    func share(of range: Range<Int>, worker: Int) -> Int {
        share(of: range.upperBound, worker: worker) - share(of: range.lowerBound, worker: worker)
    }

    /// The turns after `count` cards.
    func after(_ count: Int) -> Turns { Turns(first: (first + count) % workers, workers: workers) }
}
