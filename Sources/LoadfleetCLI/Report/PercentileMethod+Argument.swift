// The percentile methods as words of the command line. A file of its own because a conformance
// between two public types needs both imported publicly.
public import ArgumentParser
public import JTL

extension PercentileMethod: ExpressibleByArgument {}
