#include "vectors.h"

#include <string.h>

// The same 64 bytes as numbers of every width. Where a processor's vectors are narrower, the
// compiler takes several.
typedef uint8_t bytes64 __attribute__((vector_size(64)));
typedef uint16_t shorts32 __attribute__((vector_size(64)));
typedef uint32_t singles16 __attribute__((vector_size(64)));
typedef uint64_t words8 __attribute__((vector_size(64)));
typedef _Bool bits64 __attribute__((ext_vector_type(64)));

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
