import Glibc
import JTL

let path = CommandLine.arguments.last ?? ""
let file = open(path, O_RDONLY)
var statistics = Statistics()
try SegmentedReader(ReaderOptions(source: path), threads: 2)
    .read(size: Int(lseek(file, 0, SEEK_END)), into: &statistics) { offset, buffer in
        max(0, pread(file, buffer.baseAddress, buffer.count, off_t(offset)))
    }
for label in statistics.labels {
    print(label.label, label.all.samples, Distribution(label.all.elapsed).percentile(95) ?? 0)
}
