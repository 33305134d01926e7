// What fuzzing has found, one test each.

import Testing

@testable import JTL

@Suite struct `Fuzzing once found` {
    @Test func `a first column like the stamps before, in a file whose next header has none`() {
        let stamp = 1_767_225_599_445
        let text = """
            timeStamp,elapsed,label,success
            \(stamp),5,before,true
            other,elapsed,label,success
            \(stamp),5,after,true

            """
        let bytes = Array(text.utf8)
        let times = SampleSelection(times: 0...Int64(stamp))
        for collecting in [StatisticsOptions(), StatisticsOptions(selection: times)] {
            let whole = Outcome.slow(bytes, collecting: collecting)
            #expect(Outcome.segmented(bytes, 1, 1000, collecting: collecting) == whole)
            #expect(Outcome.streamed(bytes, 1000, collecting: collecting) == whole)
        }
    }
}
