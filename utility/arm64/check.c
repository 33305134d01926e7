// Reads files by both readers of the arm64 build; see utility/check-arm64.
#include <stdio.h>
#include <stdlib.h>

int lf_check(const unsigned char *bytes, long count, long chunk, long *samples);

static unsigned char *contents(const char *path, long *count) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    *count = ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*count + 1);
    if (bytes && fread(bytes, 1, *count, file) != (size_t)*count) bytes = NULL;
    fclose(file);
    return bytes;
}

int main(int count, char **paths) {
    const long chunks[] = {1 << 20, 4096, 77};
    int failures = 0;
    long total = 0;
    for (int i = 1; i < count; i++) {
        long size, samples = 0;
        unsigned char *bytes = contents(paths[i], &size);
        int agrees = bytes != NULL;
        for (int chunk = 0; agrees && chunk < 3; chunk++)
            agrees = lf_check(bytes, size, chunks[chunk], &samples) == 0;
        if (!agrees) printf("the readers disagree about %s\n", paths[i]);
        failures += !agrees;
        total += samples;
        free(bytes);
    }
    printf("%d files, %ld samples, %d disagreements\n", count - 1, total, failures);
    return failures > 0;
}
