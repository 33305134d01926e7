// The loops of the bulk reader that gain from wide vectors. They are C because Swift compiles
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
    /// A bit for each of those words of quotes that is not 0.
    uint64_t *quoted;
};

/// How many offsets were listed.
struct lf_counts {
    size_t separators;
    size_t line_ends;
};

/// Where a row's numbers are: the column of each of its first eight words.
struct lf_columns {
    /// By word; any column where the word has none.
    uint32_t places[8];
    /// All ones where there is such a column.
    uint64_t present[8];
    /// A bit for each word whose column must have one to eight digits.
    uint32_t checked;
    /// For wide vectors: by word the place and one more, then the place.
    uint32_t edges[16];
    /// Whether all places are below 31, so that two vectors of separators hold the row's edges.
    uint32_t is_narrow;
    /// The column that says "true" or "false".
    uint32_t success;
    /// The column of response codes, and all ones if there is one.
    uint32_t code;
    uint64_t has_code;
};

/// Gives a word its column. The first word is that of time stamps.
static inline void lf_columns_set(struct lf_columns *columns, int word, uint32_t place) {
    columns->places[word] = place;
    columns->present[word] = ~0ull;
    if (word > 0) columns->checked |= 1u << word;
    columns->edges[word] = place + 1;
    columns->edges[word + 8] = place;
    if (place >= 31) columns->is_narrow = 0;
}

/// Time stamps of 13 digits that begin like the last one, which is all but some every 100 seconds.
struct lf_stamp {
    /// The first eight digits as one word, the first byte lowest.
    uint64_t head;
    /// Milliseconds since 1970 of the head followed by zeros.
    int64_t base;
};

/// A row, as far as the loops know it: words of numbers, and where in the separators it begins.
struct lf_row {
    uint64_t words[8];
    int64_t start;
    uint64_t threads;
    /// The response code as one word: its bytes, the first one lowest, and above them how many.
    /// ``lf_long_code`` for one of more than seven.
    uint64_t code;
    int32_t place;
    int32_t lane;
};

/// Stands for a response code that is too long for a word.
static const uint64_t lf_long_code = ~1ull;

/// What rows add up to.
struct lf_sums {
    /// As the words of rows.
    uint64_t words[8];
    int64_t first_start;
    int64_t last_end;
    uint64_t max_threads;
    /// Two response codes, and how often each of them occurred.
    uint64_t codes[2];
    uint64_t code_times[2];
};

/// What the rows of one second and lane add up to, and their elapsed times as they come, in ms.
struct lf_cell {
    struct lf_sums sums;
    uint32_t *times;
    uint64_t capacity;
};

/// A second, and its cells by lane, each of which begins as `lf_cell`; null where there is none.
struct lf_open {
    int64_t number;
    void *_Nullable *_Nonnull cells;
};

/// What rows that began in one second add up to.
struct lf_second {
    /// As the words of rows.
    uint64_t words[8];
    uint64_t max_threads;
    /// No elapsed time among the counts is longer, in ms.
    uint64_t longest;
    /// How often each elapsed time below ``lf_counted`` occurred.
    uint16_t *counts;
};

/// How many elapsed times have a count.
static const uint64_t lf_counted = 1 << 14;

/// A label of at most 32 bytes as the file has it, zeros behind it, and its lane: a cache line, so
/// that no slot lies in two.
struct lf_slot {
    uint64_t words[4];
    /// How many bytes; -1 where there is no label.
    int32_t length;
    int32_t lane;
    uint64_t unused[3];
};

/// Slots by the hashes of their labels, a label that finds its slot taken in the next free one.
struct lf_labels {
    struct lf_slot *slots;
    /// As many bits as number the slots.
    uint64_t bits;
    /// Whether there are too many slots for the processor's first cache.
    uint64_t is_wide;
};

/// Why a row needs more than sums, by bits below its number.
enum {
    /// Its response code is not one that is counted with the sums.
    LF_OTHER_CODE = 1,
    LF_FAILED = 2,
    /// It began in another second or took too long, or its cell is full or not there; it was not
    /// added at all.
    LF_LEFT_OUT = 4,
};

/// What may be wrong with a row.
enum {
    /// A number is no such thing or too long, or neither "true" nor "false" is where it should be.
    LF_ODD = 1,
    /// The time stamp does not begin like the last one.
    LF_OTHER_STAMP = 2,
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

    /// Reads the numbers of rows whose places are known.
    ///
    /// The words are then: 1, elapsed, bytes, sent bytes; `untimed`, latency, connect, 1 for an
    /// error; zeros where the file has no such column. `faults[row]` becomes 0 where all is well.
    /// - Returns: All faults together.
    uint64_t (*read)(
        const uint8_t *bytes, const uint32_t *separators, const struct lf_columns *columns,
        struct lf_stamp stamp, uint64_t untimed, struct lf_row *rows, size_t count,
        uint64_t *faults);

    /// Finds the lanes of rows by their labels, which are in the given column.
    ///
    /// A row whose label is new, or longer than 32 bytes, gets the lane -1.
    void (*find_lanes)(
        const uint8_t *bytes, const uint32_t *separators, int64_t column,
        struct lf_labels labels, struct lf_row *rows, size_t count);

    /// Adds rows to their lanes, each of which begins with its sums; not those of lane -1.
    ///
    /// `rest` takes the rows that need more, as eight times their number and why.
    /// - Returns: How many those are.
    size_t (*add_to_lanes)(
        const struct lf_row *rows, size_t count, void *lanes, size_t stride, int is_timed,
        uint32_t *rest);

    /// Adds rows to the cells of their seconds and lanes; not those of lane -1.
    ///
    /// `open` has the seconds by the lowest bits of their numbers, which are in `mask`; rows without
    /// time stamps are all of the second `untimed`. `rest` is as above.
    size_t (*add_to_cells)(
        const struct lf_row *rows, size_t count, const struct lf_open *open, int64_t mask,
        int64_t untimed, int is_timed, uint32_t *rest);

    /// Adds the rows of lanes that count to two seconds, of which the later one begins at `start`.
    ///
    /// Codes are not counted: all but `usual` are among what `rest` takes.
    ///
    /// `rest` takes the rows that need more, as eight times their number and why.
    /// - Returns: How many those are.
    size_t (*add_to_seconds)(
        const struct lf_row *rows, size_t count, const uint8_t *is_wanted, int64_t start,
        uint64_t usual, struct lf_second *early, struct lf_second *late, uint32_t *rest);

    /// A bit for each of 64 counts that is not 0, the first one lowest.
    uint64_t (*counted)(const uint16_t *counts);

    /// Makes the slot of a label of at most 32 bytes, and returns the place where it belongs.
    size_t (*make_slot)(
        const uint8_t *label, size_t length, struct lf_labels labels, struct lf_slot *slot);
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
