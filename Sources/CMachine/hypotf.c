// hypotf for glibc 2.34. Swift's library refers to it and a link on glibc 2.35 or later binds that
// to a version which Amazon Linux 2023 doesn't have, the only such symbol of the program: with it
// loadfleet would not start there. `utility/check-program` sees to it that it stays the only one.
#include <math.h>

float hypotf(float x, float y) {
    // An infinite side makes it infinite even where the other is not a number (IEEE 754, 9.2.1).
    if (isinf(x) || isinf(y)) return INFINITY;
    // The squares are exact in a double and can't overflow it.
    return (float)sqrt((double)x * x + (double)y * y);
}
