#include "machine.h"

#include <malloc.h>

void lf_return_freed_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 1 << 15);
    mallopt(M_TRIM_THRESHOLD, 1 << 16);
}
