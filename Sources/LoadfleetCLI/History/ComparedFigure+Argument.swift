// The figures of a comparison as words of the command line.
import ArgumentParser
import Results

extension ComparedFigure: ExpressibleByArgument {
    init?(argument: String) {
        guard let figure = Self.allCases.first(where: { "\($0)" == argument }) else { return nil }
        self = figure
    }

    static var allValueStrings: [String] { allCases.map { "\($0)" } }
}
