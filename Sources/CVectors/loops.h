// The loops, once for each instruction set: `NAME` is its name and the ending of theirs, and
// COMPRESSES is defined where the processor can move chosen bytes of a vector to its front.

#define JOIN2(name, ending) name##_##ending
#define JOIN(name, ending) JOIN2(name, ending)
#define NAMED(name) JOIN(name, NAME)
#define TEXT2(name) #name
#define TEXT(name) TEXT2(name)

static void NAMED(find)(
    const uint8_t *bytes, size_t blocks, uint8_t delimiter, struct lf_masks masks) {
    for (size_t index = 0; index < blocks; index++) {
        bytes64 block;
        memcpy(&block, bytes + 64 * index, 64);
        bits64 delimiters = __builtin_convertvector(block == delimiter, bits64);
        bits64 ends = __builtin_convertvector((block == '\n') | (block == '\r'), bits64);
        bits64 quotes = __builtin_convertvector(block == '"', bits64);
        masks.delimiters[index] = __builtin_bit_cast(uint64_t, delimiters);
        masks.line_ends[index] = __builtin_bit_cast(uint64_t, ends);
        masks.quotes[index] = __builtin_bit_cast(uint64_t, quotes);
    }
}

#if defined(COMPRESSES)
/// Writes the offsets of the set bits, sixteen at a time; returns where the next ones go.
static inline uint32_t *NAMED(write)(uint64_t bits, uint32_t base, uint32_t *next) {
    static const uint8_t numbers[64] __attribute__((aligned(64))) = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    uint32_t *end = next + __builtin_popcountll(bits);
    __m512i places = _mm512_maskz_compress_epi8(bits, _mm512_load_si512(numbers));
    __m512i bases = _mm512_set1_epi32((int)base);
    for (;;) {
        __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(places));
        _mm512_storeu_si512(next, _mm512_add_epi32(wide, bases));
        next += 16;
        if (next >= end) return end;
        places = _mm512_alignr_epi64(places, places, 2);
    }
}
#else
/// Writes the offsets of the set bits: ten of them in any case, which spares a branch that
/// could not be foretold, then the others. Returns where the next ones go.
static inline uint32_t *NAMED(write)(uint64_t bits, uint32_t base, uint32_t *next) {
    uint32_t *end = next + __builtin_popcountll(bits);
    for (int index = 0; index < 10; index++) {
        // The highest bit is for the compiler: without any the result would be undefined.
        uint32_t offset = base + (uint32_t)__builtin_ctzll(bits | 1ull << 63);
        // Keeps the compiler from counting zeros in vectors, which takes several times as long.
        __asm__("" : "+r"(offset));
        *next++ = offset;
        bits &= bits - 1;
    }
    while (bits) {
        *next++ = base + (uint32_t)__builtin_ctzll(bits);
        bits &= bits - 1;
    }
    return end;
}
#endif

static struct lf_counts NAMED(list)(
    struct lf_masks masks, size_t blocks, uint32_t *separators, uint32_t *line_ends) {
    uint32_t *separator = separators, *line_end = line_ends;
    for (size_t index = 0; index < blocks; index++) {
        uint32_t base = (uint32_t)(64 * index);
        uint64_t ends = masks.line_ends[index];
        separator = NAMED(write)(masks.delimiters[index] | ends, base, separator);
        // Most rows are longer than a block: one offset written in any case, others rarely.
        *line_end = base + (uint32_t)__builtin_ctzll(ends | 1ull << 63);
        line_end += ends != 0;
        for (ends &= ends - 1; ends; ends &= ends - 1)
            *line_end++ = base + (uint32_t)__builtin_ctzll(ends);
    }
    return (struct lf_counts){(size_t)(separator - separators), (size_t)(line_end - line_ends)};
}

static uint64_t NAMED(read)(uint64_t *rows, size_t count, size_t stride, uint64_t *faults) {
    uint64_t any = 0;
    for (size_t row = 0; row < count; row++, rows += stride) {
        bytes64 digits;
        memcpy(&digits, rows, 64);
        // A byte above 9 either has one of its high bits itself or gets one by adding 6.
        words8 odd = (words8)((digits + 6) | digits) & 0xF0F0F0F0F0F0F0F0u;
        faults[row] = __builtin_reduce_or(odd);
        any |= faults[row];
        // Pairs of digits: the first one times 10 and the second.
        shorts32 pairs = ((shorts32)digits & 0xFF) * 10 + ((shorts32)digits >> 8);
        // Fours: both products at once in half words, which every instruction set has.
        singles16 fours = (singles16)(pairs * (shorts32)((singles16){} + 0x00010064u));
        fours = (fours + (fours >> 16)) & 0xFFFF;
        words8 values = ((words8)fours & 0xFFFFFFFFu) * 10000 + ((words8)fours >> 32);
        memcpy(rows, &values, 64);
    }
    return any;
}

static const struct lf_loops NAMED(loops) = {
    TEXT(NAME), NAMED(find), NAMED(list), NAMED(read),
};

#undef JOIN2
#undef JOIN
#undef NAMED
#undef TEXT2
#undef TEXT
#undef COMPRESSES
#undef NAME
