// Whether two groups of figures differ by more than chance: Welch's t-test, for groups that need
// not spread alike (B. L. Welch, Biometrika 34, 1947).

internal import Glibc

/// Two groups of values, compared by their means.
struct WelchTest {
    /// How likely a difference as large as this is when there is none; 0…1.
    let probability: Double

    /// Nil where a group has fewer than two values.
    init?(_ first: [Double], _ second: [Double]) {
        guard first.count > 1, second.count > 1 else { return nil }
        let (a, b) = (Self.spread(first), Self.spread(second))
        let error = a.variance + b.variance
        guard error > 0 else {
            probability = a.mean == b.mean ? 1 : 0
            return
        }
        let t = (b.mean - a.mean) / error.squareRoot()
        let freedom =
            error * error
            / (a.variance * a.variance / Double(first.count - 1)
                + b.variance * b.variance / Double(second.count - 1))
        // Both tails of Student's t with so many degrees of freedom.
        probability = Self.beta(freedom / (freedom + t * t), freedom / 2, 0.5)
    }

    /// The mean of values, and the variance of that mean.
    private static func spread(_ values: [Double]) -> (mean: Double, variance: Double) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, squares / (count - 1) / count)
    }

    /// The regularized incomplete beta function I_x(a, b): its continued fraction (NIST Handbook of
    /// Mathematical Functions, 8.17.22), evaluated from the front.
    static func beta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        // Beyond this point the fraction of the mirrored function is the one that converges fast.
        guard x <= (a + 1) / (a + b + 2) else { return 1 - beta(1 - x, b, a) }
        let front = exp(
            lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
        var (above, below) = (1.0, 1 / (1 - (a + b) * x / (a + 1)))
        var fraction = below
        for step in 1...500 {
            let m = Double(step)
            let terms = [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ]
            var change = 1.0
            for term in terms {
                below = 1 / (1 + term * below)
                above = 1 + term / above
                change = above * below
                fraction *= change
            }
            if abs(change - 1) < 1e-14 { break }
        }
        return front * fraction / a
    }
}
