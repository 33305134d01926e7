// The loops, once for each instruction set: `NAME` is its name and the ending of theirs, and
// COMPRESSES is defined where the processor can move chosen bytes of a vector to its front.

#define JOIN2(name, ending) name##_##ending
#define JOIN(name, ending) JOIN2(name, ending)
#define NAMED(name) JOIN(name, NAME)
#define TEXT2(name) #name
#define TEXT(name) TEXT2(name)

static void NAMED(find)(
    const uint8_t *bytes, size_t blocks, uint8_t delimiter, struct lf_masks masks) {
    uint64_t quoted = 0;
    for (size_t index = 0; index < blocks; index++) {
        bytes64 block;
        memcpy(&block, bytes + 64 * index, 64);
        bits64 delimiters = __builtin_convertvector(block == delimiter, bits64);
        bits64 ends = __builtin_convertvector((block == '\n') | (block == '\r'), bits64);
        bits64 quotes = __builtin_convertvector(block == '"', bits64);
        masks.delimiters[index] = __builtin_bit_cast(uint64_t, delimiters);
        masks.line_ends[index] = __builtin_bit_cast(uint64_t, ends);
        masks.quotes[index] = __builtin_bit_cast(uint64_t, quotes);
        // Shifted in from above, so that the first of 64 blocks ends up lowest.
        quoted = quoted >> 1 | (uint64_t)(masks.quotes[index] != 0) << 63;
        if (index % 64 == 63) masks.quoted[index / 64] = quoted;
    }
    if (blocks % 64) masks.quoted[blocks / 64] = quoted >> (64 - blocks % 64);
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

/// The last eight bytes of each number's field as digits' values, those before the field zero. Of
/// the first, a time stamp of any length, `stamp` is kept; the last one is `success`.
static inline void NAMED(digits)(
    const uint8_t *bytes, const uint32_t *ends, const struct lf_columns *columns, uint64_t stamp,
    uint64_t success, words8 *digits, uint64_t *fault) {
    uint32_t lengths = 0;
    words8 found = {};
    for (int word = 0; word < 7; word++) {
        int64_t place = columns->places[word];
        uint32_t end = ends[place];
        uint32_t length = end - ends[place - 1] - 1;
        uint64_t kept = columns->present[word] & digit_masks[length & 15];
        found[word] = (load8(bytes + (int64_t)end - 8) ^ zero_digits) & (word ? kept : stamp);
        // Less one, the lengths from 1 to 8 and no others have nothing above the lowest bits.
        if (word > 0) lengths |= (length - 1) & ~7u & (uint32_t)columns->present[word];
    }
    found[7] = success;
    *digits = found;
    *fault |= lengths ? LF_ODD : 0;
}

#if defined(COMPRESSES)
/// As `digits`, all fields at once, for rows whose edges are in two vectors.
static inline void NAMED(gather)(
    const uint8_t *bytes, const uint32_t *ends, const struct lf_columns *columns, uint64_t stamp,
    uint64_t success, words8 *digits, uint64_t *fault) {
    __m512i edges = _mm512_permutex2var_epi32(
        _mm512_loadu_si512(ends - 1), _mm512_loadu_si512(columns->edges),
        _mm512_loadu_si512(ends + 15));
    __m256i end = _mm512_castsi512_si256(edges), start = _mm512_extracti64x4_epi64(edges, 1);
    // One less than the length, of which 0 to 7 are good.
    __m256i length = _mm256_sub_epi32(_mm256_sub_epi32(end, start), _mm256_set1_epi32(2));
    __mmask8 wrong = _mm256_cmpgt_epu32_mask(length, _mm256_set1_epi32(7));
    *fault |= wrong & columns->checked ? LF_ODD : 0;
    __m512i shift = _mm512_cvtepu32_epi64(_mm256_slli_epi32(length, 3));
    shift = _mm512_sub_epi64(_mm512_set1_epi64(56), shift);
    __m512i kept = _mm512_sllv_epi64(_mm512_loadu_si512(columns->present), shift);
    kept = _mm512_mask_set1_epi64(kept, 1, (int64_t)stamp);
    __m512i found =
        _mm512_i32gather_epi64(_mm256_sub_epi32(end, _mm256_set1_epi32(8)), bytes, 1);
    found = _mm512_and_si512(found ^ _mm512_set1_epi64((int64_t)zero_digits), kept);
    *digits = (words8)_mm512_mask_set1_epi64(found, 128, (int64_t)success);
}

/// Makes numbers of eight words of eight digits: of pairs of digits, of pairs of those, and so on.
static inline void NAMED(numbers)(const words8 *digits, words8 *numbers, uint64_t *fault) {
    __m512i all = (__m512i)*digits;
    *fault |= _mm512_cmpgt_epu8_mask(all, _mm512_set1_epi8(9)) ? LF_ODD : 0;
    __m512i pairs = _mm512_maddubs_epi16(all, _mm512_set1_epi16(0x010A));
    __m512i fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(0x00010064));
    __m512i high = _mm512_mul_epu32(fours, _mm512_set1_epi64(10000));
    *numbers = (words8)_mm512_add_epi64(high, _mm512_srli_epi64(fours, 32));
}
#else
/// Makes numbers of eight words of eight digits.
static inline void NAMED(numbers)(const words8 *digits, words8 *numbers, uint64_t *fault) {
    bytes64 all = (bytes64)*digits;
    // A byte above 9 either has one of its high bits itself or gets one by adding 6.
    words8 odd = (words8)((all + 6) | all) & 0xF0F0F0F0F0F0F0F0u;
    *fault |= __builtin_reduce_or(odd) ? LF_ODD : 0;
    // Pairs of digits: the first one times 10 and the second.
    shorts32 pairs = ((shorts32)all & 0xFF) * 10 + ((shorts32)all >> 8);
    // Fours: both products at once in half words, which every instruction set has.
    singles16 fours = (singles16)(pairs * (shorts32)((singles16){} + 0x00010064u));
    fours = (fours + (fours >> 16)) & 0xFFFF;
    *numbers = ((words8)fours & 0xFFFFFFFFu) * 10000 + ((words8)fours >> 32);
}
#endif

static uint64_t NAMED(read)(
    const uint8_t *bytes, const uint32_t *separators, const struct lf_columns *columns,
    struct lf_stamp stamp, uint64_t untimed, struct lf_row *rows, size_t count,
    uint64_t *faults) {
    uint64_t any = 0;
    for (size_t index = 0; index < count; index++) {
        struct lf_row *row = rows + index;
        const uint32_t *ends = separators + row->place;
        uint64_t fault = 0;
        // As the last of eight digits it comes out again as 1.
        uint64_t success = read_success(bytes, ends, columns, &fault) << 56;
        // Of a time stamp with the known head only the last five digits count.
        uint64_t kept = has_head(bytes, ends, columns, stamp, &fault) ? ~0ull << 24 : 0;
        words8 digits, numbers;
#if defined(COMPRESSES)
        if (columns->is_narrow)
            NAMED(gather)(bytes, ends, columns, kept, success, &digits, &fault);
        else
#endif
            NAMED(digits)(bytes, ends, columns, kept, success, &digits, &fault);
        NAMED(numbers)(&digits, &numbers, &fault);
        memcpy(row->words, &numbers, 64);
        row->start = stamp.base + (int64_t)numbers[0];
        row->threads = numbers[4];
        row->words[0] = 1;
        row->words[4] = untimed;
        row->code = read_code(bytes, ends, columns);
        faults[index] = fault;
        any |= fault;
    }
    return any;
}

/// Takes a label of at most 32 bytes out of the bytes around it.
static inline void NAMED(key)(const uint8_t *label, size_t length, words4 *key) {
    words4 mask;
    memcpy(key, label, 32);
    memcpy(&mask, (const uint8_t *)label_masks + 32 - length, 32);
    *key &= mask;
}

/// The place of a label among the slots.
static inline size_t NAMED(place)(const words4 *key, size_t length, struct lf_labels labels) {
    // Each half of a word times a number of its own; what is left is in the highest bits, which all
    // bits before have a part in.
    const words4 lows = {0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F};
    const words4 highs = {0x165667B1, 0xD3A2646D, 0xFD7046C5, 0xB55A4F09};
    words4 products = (*key & 0xFFFFFFFFu) * lows + (*key >> 32) * highs;
    uint64_t hash = products[0] + products[1] + products[2] + products[3] + length;
    hash = (hash ^ hash >> 32) * 0x9E3779B97F4A7C15u;
    return hash >> (64 - labels.bits);
}

static size_t NAMED(make_slot)(
    const uint8_t *label, size_t length, struct lf_labels labels, struct lf_slot *slot) {
    words4 key;
    NAMED(key)(label, length, &key);
    memcpy(slot->words, &key, 32);
    slot->length = (int32_t)length;
    return NAMED(place)(&key, length, labels);
}

static void NAMED(find_lanes)(
    const uint8_t *bytes, const uint32_t *separators, int64_t column, struct lf_labels labels,
    struct lf_row *rows, size_t count) {
    words4 key;
    // Asked for early, the slots of several rows come at once; their places wait where lanes will be.
    for (size_t index = 0; index < count && labels.is_wide; index++) {
        const uint32_t *ends = separators + rows[index].place + column;
        uint32_t start = ends[-1] + 1, length = ends[0] - start;
        if (length > 32) continue;
        NAMED(key)(bytes + start, length, &key);
        size_t place = NAMED(place)(&key, length, labels);
        rows[index].lane = (int32_t)place;
        __builtin_prefetch(labels.slots + place);
    }
    for (size_t index = 0; index < count; index++) {
        const uint32_t *ends = separators + rows[index].place + column;
        uint32_t start = ends[-1] + 1, length = ends[0] - start;
        size_t place = (size_t)rows[index].lane;
        rows[index].lane = -1;
        if (length > 32) continue;
        NAMED(key)(bytes + start, length, &key);
        if (!labels.is_wide) place = NAMED(place)(&key, length, labels);
        for (;;) {
            const struct lf_slot *slot = labels.slots + place;
            words4 other;
            memcpy(&other, slot->words, 32);
            other ^= key;
            uint64_t difference = __builtin_reduce_or(other) | ((uint32_t)slot->length ^ length);
            if (!difference) rows[index].lane = slot->lane;
            if (!difference || slot->length < 0) break;
            place = (place + 1) & ((1ull << labels.bits) - 1);
        }
    }
}

/// Adds a row to sums; returns why it needs more, if it does.
static inline uint64_t NAMED(add)(const struct lf_row *row, struct lf_sums *sums, int is_timed) {
    words8 words, more;
    memcpy(&words, sums->words, 64);
    memcpy(&more, row->words, 64);
    words += more;
    memcpy(sums->words, &words, 64);
    // Written in any case: whether a row extends them cannot be foretold.
    if (is_timed) {
        // Without signs, because a sum beyond the largest time must be defined.
        int64_t end = (int64_t)((uint64_t)row->start + row->words[1]);
        sums->first_start = row->start < sums->first_start ? row->start : sums->first_start;
        sums->last_end = end > sums->last_end ? end : sums->last_end;
    }
    sums->max_threads = row->threads > sums->max_threads ? row->threads : sums->max_threads;
    uint64_t is_first = row->code == sums->codes[0], is_second = row->code == sums->codes[1];
    sums->code_times[0] += is_first;
    sums->code_times[1] += is_second;
    return (is_first | is_second ? 0 : LF_OTHER_CODE) | row->words[7] * LF_FAILED;
}

static size_t NAMED(add_to_lanes)(
    const struct lf_row *rows, size_t count, void *lanes, size_t stride, int is_timed,
    uint32_t *rest) {
    uint32_t *next = rest;
    for (size_t index = 0; index < count; index++) {
        const struct lf_row *row = rows + index;
        if (row->lane < 0) continue;
        struct lf_sums *sums = (struct lf_sums *)((char *)lanes + stride * (size_t)row->lane);
        uint64_t why = NAMED(add)(row, sums, is_timed);
        // Listed in any case as well, and overwritten where nothing is to be done.
        *next = (uint32_t)(index * 8 | why);
        next += why != 0;
    }
    return (size_t)(next - rest);
}

static size_t NAMED(add_to_cells)(
    const struct lf_row *rows, size_t count, const struct lf_open *open, int64_t mask,
    int64_t untimed, int is_timed, uint32_t *rest) {
    uint32_t *next = rest;
    for (size_t index = 0; index < count; index++) {
        const struct lf_row *row = rows + index;
        if (row->lane < 0) continue;
        int64_t second = is_timed ? second_of(row->start) : untimed;
        const struct lf_open *place = open + (second & mask);
        struct lf_cell *cell = place->number == second ? place->cells[row->lane] : NULL;
        if (!cell || cell->sums.words[0] >= cell->capacity) {
            *next++ = (uint32_t)(index * 8 | LF_LEFT_OUT);
            continue;
        }
        cell->times[cell->sums.words[0]] = (uint32_t)row->words[1];
        uint64_t why = NAMED(add)(row, &cell->sums, is_timed);
        *next = (uint32_t)(index * 8 | why);
        next += why != 0;
    }
    return (size_t)(next - rest);
}

static size_t NAMED(add_to_seconds)(
    const struct lf_row *rows, size_t count, const uint8_t *is_wanted, int64_t start,
    uint64_t usual, struct lf_second *early, struct lf_second *late, uint32_t *rest) {
    // Both sums in registers: in memory each row would wait for the one before.
    words8 all = {}, lates = {};
    uint64_t threads = early->max_threads, late_threads = late->max_threads, longest = 0;
    uint16_t *counts = early->counts, *late_counts = late->counts;
    uint32_t *next = rest;
    for (size_t index = 0; index < count; index++) {
        const struct lf_row *row = rows + index;
        if (!is_wanted[row->lane]) continue;
        // Without signs, because the difference of any two times must be defined.
        int64_t time = (int64_t)((uint64_t)row->start - (uint64_t)start);
        uint64_t elapsed = row->words[1];
        if (((uint64_t)(time + 1000) >= 2000) | (elapsed >= lf_counted)) {
            *next++ = (uint32_t)(index * 8 | LF_LEFT_OUT);
            continue;
        }
        uint64_t kept = (uint64_t)(time >> 63);
        words8 words;
        memcpy(&words, row->words, 64);
        all += words;
        lates += words & ~((words8){} + kept);
        uint64_t early_threads = row->threads & kept;
        uint64_t more = row->threads & ~kept;
        threads = early_threads > threads ? early_threads : threads;
        late_threads = more > late_threads ? more : late_threads;
        longest = elapsed > longest ? elapsed : longest;
        (kept ? counts : late_counts)[elapsed]++;
        // Listed in any case, and overwritten where nothing is to be done.
        *next = (uint32_t)(index * 8 | LF_OTHER_CODE);
        next += row->code != usual;
    }
    words8 sum;
    memcpy(&sum, early->words, 64);
    sum += all - lates;
    memcpy(early->words, &sum, 64);
    memcpy(&sum, late->words, 64);
    sum += lates;
    memcpy(late->words, &sum, 64);
    early->max_threads = threads;
    late->max_threads = late_threads;
    early->longest = longest > early->longest ? longest : early->longest;
    late->longest = longest > late->longest ? longest : late->longest;
    return (size_t)(next - rest);
}

static uint64_t NAMED(counted)(const uint16_t *counts) {
    shorts32 low, high;
    memcpy(&low, counts, 64);
    memcpy(&high, counts + 32, 64);
    bits32 lows = __builtin_convertvector(low != 0, bits32);
    bits32 highs = __builtin_convertvector(high != 0, bits32);
    return __builtin_bit_cast(uint32_t, lows) | (uint64_t)__builtin_bit_cast(uint32_t, highs) << 32;
}

static const struct lf_loops NAMED(loops) = {
    TEXT(NAME),        NAMED(find),         NAMED(list),         NAMED(read),
    NAMED(find_lanes), NAMED(add_to_lanes), NAMED(add_to_cells), NAMED(add_to_seconds),
    NAMED(counted),    NAMED(make_slot),
};

#undef JOIN2
#undef JOIN
#undef NAMED
#undef TEXT2
#undef TEXT
#undef COMPRESSES
#undef NAME
