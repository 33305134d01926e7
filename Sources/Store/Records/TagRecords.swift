// Names that people give to runs, such as `main` or `release-7`.

package import FoundationEssentials

/// The run that has a name; another run may get it later.
package struct RunTag: Record, Equatable {
    package var run: String
    package var by: String
    package var at: Date

    package init(run: String, by: String, at: Date) {
        self.run = run
        self.by = by
        self.at = at
    }
}
