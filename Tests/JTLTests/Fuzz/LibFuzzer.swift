// The functions that libFuzzer calls (https://llvm.org/docs/LibFuzzer.html). Compiled by
// utility/fuzz only: the flag it needs makes a program of its own.

#if LIBFUZZER
    import Glibc

    /// libFuzzer's own mutation, which knows what lately led to new coverage.
    @_silgen_name("LLVMFuzzerMutate")
    private func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int) -> Int

    /// One execution; how the input is read follows from its bytes, so that a file repeats it.
    @_cdecl("LLVMFuzzerTestOneInput")
    public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
        let bytes = Array(UnsafeBufferPointer(start: data, count: size))
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var random = SplitMix(state: hash)
        guard let text = FuzzCase(bytes, &random).disagreement() else { return 0 }
        // An optimized program says nothing of why it traps.
        _ = text.withCString { write(2, $0, strlen($0)) }
        preconditionFailure(text)
    }

    /// Changes an input, now as libFuzzer does, now in the ways of ``Mutator``.
    @_cdecl("LLVMFuzzerCustomMutator")
    public func mutate(
        _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int, _ seed: CUnsignedInt
    ) -> Int {
        guard seed % 2 == 0, size > 0 else { return mutateBytes(data, size, limit) }
        var bytes = Array(UnsafeBufferPointer(start: data, count: size))
        var mutator = Mutator(random: SplitMix(state: UInt64(seed)), others: [bytes])
        mutator.mutate(&bytes)
        let count = min(bytes.count, limit)
        for index in 0..<count { data[index] = bytes[index] }
        return count
    }
#endif
