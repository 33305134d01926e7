// The three loops of the bulk reader that gain from wide vectors. They are C because Swift compiles
// a module for one instruction set, while C compiles each function for several, of which the best
// one is chosen at run time. `loops.h` holds every loop once, in vector types for any processor.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Where the bytes of interest are: a bit for each byte, the first one lowest, 64 bytes a word.
struct lf_masks {
    uint64_t *delimiters;
    uint64_t *line_ends;
    uint64_t *quotes;
};

/// How many offsets were listed.
struct lf_counts {
    size_t separators;
    size_t line_ends;
};

/// The loops, compiled for one instruction set.
struct lf_loops {
    /// Its name, for people.
    const char *name;

    /// Sets the masks of `blocks` blocks of 64 bytes.
    void (*find)(const uint8_t *bytes, size_t blocks, uint8_t delimiter, struct lf_masks masks);

    /// Lists the offsets of delimiters and line ends together, and those of line ends alone.
    ///
    /// Writes beyond the last offset: each list needs room for 64 more.
    struct lf_counts (*list)(
        struct lf_masks masks, size_t blocks, uint32_t *separators, uint32_t *line_ends);

    /// Makes numbers of digits in place, eight words of eight digits a row, `stride` words apart.
    ///
    /// A digit is a byte of its value; the first one is lowest, and there are zeros before it.
    /// `faults[row]` becomes 0 where all of the row's bytes are digits.
    /// - Returns: 0 where all rows are free of faults.
    uint64_t (*read)(uint64_t *rows, size_t count, size_t stride, uint64_t *faults);
};

/// The loops for the simplest instruction set (0), for the next better one (1) and so on; null
/// where this processor has no more.
const struct lf_loops *_Nullable lf_loops_of_level(size_t level);

/// Asks for the cache lines of something that will be needed soon.
static inline void lf_prefetch(const void *start, size_t size) {
    for (size_t offset = 0; offset < size; offset += 64)
        __builtin_prefetch((const char *)start + offset, 1);
}

#pragma clang assume_nonnull end
