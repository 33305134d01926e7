// Elapsed times of a cell of many samples as counts, 64 values to a block, for cells that are read
// again soon and written nowhere: where `GapCode` takes nanoseconds for each value, a block of which
// most values occur takes as many as one of them. A description begins with the number of blocks and
// that of single values; then come the blocks that have any counts, as the block's number, a kind,
// and by that
//   1 to 63   the places in the block of so many values that occur once
//   65 to 127 so many less 64 places, each with its count
//   128       64 counts of half a byte, those of even places the lower halves
//   129       64 counts of a byte
// and the single values, those of 16,384 ms and more and the rest of counts above 255: each with its
// count, both in four bytes. All numbers are in the processor's own order.

import CVectors

/// Counts of elapsed times below ``lf_counted``, and the values that have none.
struct BlockCounts {
    let counts: UnsafeMutablePointer<UInt16>
    /// No value that was counted is longer.
    let longest: Int
    let far: [Int64]

    /// The most bytes that a description takes, of no more than 65,535 samples.
    var room: Int { 8 + (longest / 64 + 1) * 66 + (far.count + 256) * 8 }

    /// Writes a description and leaves zeros; returns how many bytes it takes.
    @inline(never)
    func write(to target: UnsafeMutableRawPointer, _ loops: lf_loops) -> Int {
        var next = target + 8
        var blocks: UInt32 = 0
        var singles = far.map { (UInt32(truncatingIfNeeded: $0), UInt32(1)) }
        for block in 0...(longest &>> 6) {
            let values = counts + block &* 64
            let bits = loops.counted(values)
            guard bits != 0 else { continue }
            blocks += 1
            next.storeBytes(of: UInt8(truncatingIfNeeded: block), as: UInt8.self)
            next += 1
            var most: UInt16 = 0
            for place in 0..<64 { most = max(most, values[place]) }
            let few = bits.nonzeroBitCount
            if few < 32, most == 1 {
                next = writeOnes(bits, to: next)
            } else if few < 16 || few < 32 && most > 15 {
                next = writeFew(values, bits, to: next) { singles.append(($0, $1)) }
            } else if most < 16 {
                next = writeHalves(values, to: next)
            } else {
                next = writeAll(values, to: next) { singles.append(($0, $1)) }
            }
            values.update(repeating: 0, count: 64)
        }
        target.storeBytes(of: blocks, as: UInt32.self)
        target.storeBytes(of: UInt32(singles.count), toByteOffset: 4, as: UInt32.self)
        for single in singles {
            next.storeBytes(of: single.0, as: UInt32.self)
            next.storeBytes(of: single.1, toByteOffset: 4, as: UInt32.self)
            next += 8
        }
        return next - target
    }

    @inline(__always)
    private func writeOnes(
        _ bits: UInt64, to target: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        var next = target + 1
        var bits = bits
        target.storeBytes(of: UInt8(bits.nonzeroBitCount), as: UInt8.self)
        while bits != 0 {
            next.storeBytes(of: UInt8(bits.trailingZeroBitCount), as: UInt8.self)
            bits &= bits &- 1
            next += 1
        }
        return next
    }

    @inline(__always)
    private func writeHalves(
        _ values: UnsafeMutablePointer<UInt16>, to target: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        target.storeBytes(of: 128, as: UInt8.self)
        for place in 0..<32 {
            let pair = values[2 &* place] | values[2 &* place &+ 1] &<< 4
            target.storeBytes(
                of: UInt8(truncatingIfNeeded: pair), toByteOffset: 1 &+ place, as: UInt8.self)
        }
        return target + 33
    }

    @inline(__always)
    private func writeFew(
        _ values: UnsafeMutablePointer<UInt16>, _ bits: UInt64,
        to target: UnsafeMutableRawPointer, _ single: (UInt32, UInt32) -> Void
    ) -> UnsafeMutableRawPointer {
        var next = target + 1
        var bits = bits
        target.storeBytes(of: UInt8(64 + bits.nonzeroBitCount), as: UInt8.self)
        while bits != 0 {
            let place = bits.trailingZeroBitCount
            bits &= bits &- 1
            next.storeBytes(of: UInt8(truncatingIfNeeded: place), as: UInt8.self)
            next.storeBytes(of: clipped(values + place, single), toByteOffset: 1, as: UInt8.self)
            next += 2
        }
        return next
    }

    @inline(__always)
    private func writeAll(
        _ values: UnsafeMutablePointer<UInt16>, to target: UnsafeMutableRawPointer,
        _ single: (UInt32, UInt32) -> Void
    ) -> UnsafeMutableRawPointer {
        target.storeBytes(of: 129, as: UInt8.self)
        for place in 0..<64 {
            target.storeBytes(
                of: clipped(values + place, single), toByteOffset: 1 &+ place, as: UInt8.self)
        }
        return target + 65
    }

    /// As much of a count as a byte holds; the rest goes to `single`.
    @inline(__always)
    private func clipped(
        _ value: UnsafeMutablePointer<UInt16>, _ single: (UInt32, UInt32) -> Void
    ) -> UInt8 {
        if value.pointee > 255 {
            single(UInt32(value - counts), UInt32(value.pointee - 255))
        }
        return UInt8(truncatingIfNeeded: min(value.pointee, 255))
    }
}

/// Reads what ``BlockCounts`` wrote.
struct BlockReader {
    let source: UnsafeRawPointer

    /// Hands out all values with their times, in no order, some in parts and some with none.
    @inline(__always)
    func forEach(_ body: (_ value: Int64, _ times: Int) -> Void) {
        let blocks = source.loadUnaligned(as: UInt32.self)
        let singles = source.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        var next = (source + 8).assumingMemoryBound(to: UInt8.self)
        for _ in 0..<blocks {
            let first = Int64(next[0]) &* 64
            let kind = Int(next[1])
            next += 2
            if kind < 64 {
                for index in 0..<kind { body(first &+ Int64(next[index]), 1) }
                next += kind
            } else if kind < 128 {
                let few = kind &- 64
                for index in 0..<few {
                    body(first &+ Int64(next[2 &* index]), Int(next[2 &* index &+ 1]))
                }
                next += 2 &* few
            } else if kind == 128 {
                for place in 0..<32 {
                    let pair = Int(next[place])
                    body(first &+ 2 &* Int64(place), pair & 15)
                    body(first &+ 2 &* Int64(place) &+ 1, pair &>> 4)
                }
                next += 32
            } else {
                for place in 0..<64 { body(first &+ Int64(place), Int(next[place])) }
                next += 64
            }
        }
        for _ in 0..<singles {
            let raw = UnsafeRawPointer(next)
            body(
                Int64(raw.loadUnaligned(as: UInt32.self)),
                Int(raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
            next += 8
        }
    }

    /// Adds all counts below ``lf_counted`` to `near`; hands out the other values.
    ///
    /// - Returns: A number that none of those counted is above; -1 where there are none.
    @inline(never)
    func add(
        to near: UnsafeMutablePointer<Int>, far: (_ value: Int64, _ times: Int) -> Void
    ) -> Int {
        var longest: Int64 = -1
        forEach { value, times in
            guard value < lf_counted else { return far(value, times) }
            longest = max(longest, value)
            near[Int(truncatingIfNeeded: value)] &+= times
        }
        return Int(longest)
    }
}
