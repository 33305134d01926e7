#include "vectors.h"

#include <string.h>

// The same 64 bytes as numbers of every width. Where a processor's vectors are narrower, the
// compiler takes several.
typedef uint8_t bytes64 __attribute__((vector_size(64)));
typedef uint16_t shorts32 __attribute__((vector_size(64)));
typedef uint32_t singles16 __attribute__((vector_size(64)));
typedef uint64_t words8 __attribute__((vector_size(64)));
typedef uint64_t words4 __attribute__((vector_size(32)));
typedef _Bool bits64 __attribute__((ext_vector_type(64)));
typedef _Bool bits32 __attribute__((ext_vector_type(32)));

static const uint64_t zero_digits = 0x3030303030303030u;

/// What of a word of eight bytes belongs to a number of so many digits, right-aligned.
static const uint64_t digit_masks[16] = {
    ~0ull,       ~0ull << 56, ~0ull << 48, ~0ull << 40, ~0ull << 32, ~0ull << 24,
    ~0ull << 16, ~0ull << 8,  ~0ull,       ~0ull,       ~0ull,       ~0ull,
    ~0ull,       ~0ull,       ~0ull,       ~0ull};

/// 32 bytes of ones and 32 of zeros: 32 bytes from the right place mask a label.
static const uint64_t label_masks[8] = {~0ull, ~0ull, ~0ull, ~0ull};

/// Eight bytes as one word, the first byte lowest.
static inline uint64_t load8(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

/// Whether the row says that its sample failed; a fault if it says neither that nor the contrary.
static inline uint64_t read_success(
    const uint8_t *bytes, const uint32_t *ends, const struct lf_columns *columns,
    uint64_t *fault) {
    uint32_t start = ends[(int64_t)columns->success - 1] + 1;
    uint32_t length = ends[columns->success] - start;
    uint64_t text = load8(bytes + start);
    // "true" and "false", the first letter lowest.
    int is_true = (text & 0xFFFFFFFF) == 0x65757274 && length == 4;
    int is_false = (text & 0xFFFFFFFFFF) == 0x65736C6166 && length == 5;
    *fault |= is_true | is_false ? 0 : LF_ODD;
    return !is_true;
}

/// Whether a row's time stamp has 13 digits of which the first eight are known.
static inline int has_head(
    const uint8_t *bytes, const uint32_t *ends, const struct lf_columns *columns,
    struct lf_stamp stamp, uint64_t *fault) {
    uint32_t start = ends[(int64_t)columns->places[0] - 1] + 1;
    int is_known = load8(bytes + start) == stamp.head && ends[columns->places[0]] - start == 13;
    *fault |= is_known || !columns->present[0] ? 0 : LF_OTHER_STAMP;
    return is_known;
}

/// A row's response code as one word.
static inline uint64_t read_code(
    const uint8_t *bytes, const uint32_t *ends, const struct lf_columns *columns) {
    uint32_t start = ends[(int64_t)columns->code - 1] + 1;
    uint64_t length = (ends[columns->code] - start) & columns->has_code;
    uint64_t kept = (1ull << (8 * length & 63)) - 1;
    return length < 8 ? (load8(bytes + start) & kept) | length << 56 : lf_long_code;
}

/// The second of a time in ms, rounded down.
static inline int64_t second_of(int64_t time) {
    return time >= 0 ? time / 1000 : (time + 1) / 1000 - 1;
}

#define NAME baseline
#include "loops.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Haswell (2013) and Excavator (2015) and later.
#pragma clang attribute push( \
    __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)
#define NAME avx2
#include "loops.h"
#pragma clang attribute pop

// Ice Lake (2019) and Zen 4 (2022) and later.
#pragma clang attribute push( \
    __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,avx512bw,avx512vl,avx512vbmi2"))), \
    apply_to = function)
#define NAME avx512
#define COMPRESSES
#include "loops.h"
#pragma clang attribute pop
#endif

const struct lf_loops *lf_loops_of_level(size_t level) {
    if (level == 0) return &loops_baseline;
#if defined(__x86_64__)
    int has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
        && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt")
        && __builtin_cpu_supports("popcnt");
    int has_avx512 = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512vbmi2");
    if (level == 1 && has_avx2) return &loops_avx2;
    if (level == 2 && has_avx2 && has_avx512) return &loops_avx512;
#endif
    return NULL;
}
