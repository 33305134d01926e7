/* Writes a realistic JTL of JMeter 5.6: the same arguments always give the same bytes.
 *
 *   generate-jtl ROWS [LABELS [SEED]] > FILE
 *
 * Popularity of labels follows Zipf, elapsed times are log-normal with a long tail, one row in a
 * hundred fails: with plain messages, quoted commas, doubled quotes, and line ends inside quotes
 * with what looks like columns behind them. One label in ten is a transaction controller, whose
 * message is always quoted; one holds a comma, one doubled quotes. About 150 bytes a row. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state;

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t next(void) {
    uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static double fraction(void) { return (double)(next() >> 11) * 0x1.0p-53; }

static unsigned below(unsigned limit) { return (unsigned)(fraction() * limit); }

static double normal(void) {
    return sqrt(-2 * log(1 - fraction())) * cos(6.283185307179586 * fraction());
}

enum { SLOTS = 1 << 16 };

/* Which label each of many equally likely slots means. */
static unsigned slots[SLOTS];

static void choose_labels(unsigned labels) {
    double sum = 0;
    for (unsigned label = 0; label < labels; label++) sum += pow(label + 1, -0.9);
    double reached = pow(1, -0.9) / sum;
    unsigned label = 0;
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        while (label + 1 < labels && (slot + 0.5) / SLOTS > reached)
            reached += pow(++label + 1, -0.9) / sum;
        slots[slot] = label;
    }
}

static int is_transaction(unsigned label) { return label % 10 == 9; }

static void write_label(unsigned label) {
    static const char *const verbs[] = {"GET", "GET", "GET", "POST", "PUT", "DELETE"};
    if (label == 16) printf("\"Search, filtered\"");
    else if (label == 31) printf("\"Validate \"\"voucher\"\" code\"");
    else if (is_transaction(label)) printf("TX Scenario %u end to end", label);
    else printf("%s /api/v1/resource-%u", verbs[label % 6], label);
}

static void write_code(unsigned label, int kind) {
    if (is_transaction(label))
        printf("%s,\"Number of samples in transaction : %u, number of failing samples : %d\"",
               kind < 0 ? "200" : "500", 2 + label % 5, kind >= 0);
    else if (kind < 0) printf(label % 5 == 0 && below(4) == 0 ? "304,Not Modified" : "200,OK");
    else if (kind < 4) printf("500,Internal Server Error");
    else if (kind < 7) printf("200,OK");
    else if (kind < 8) printf("502,Bad Gateway");
    else if (kind < 9)
        printf("Non HTTP response code: org.apache.http.NoHttpResponseException,"
               "Non HTTP response message: shop.example.com:443 failed to respond");
    else
        printf("Non HTTP response code: org.apache.http.conn.ConnectTimeoutException,"
               "\"Non HTTP response message: Connect to shop.example.com:443 "
               "[shop.example.com/10.0.0.12, shop.example.com/10.0.0.13] failed: timed out\"");
}

static void write_failure(unsigned label, int kind, unsigned elapsed) {
    if (is_transaction(label)) return;
    if (kind == 4 || kind == 5)
        printf("\"Test failed: text expected to contain /\"\"status\"\":\"\"ok\"\"/\"");
    else if (kind == 6)
        printf("\"Value expected to be 'OK'\nbody: {\"\"order\"\":%u,\n \"\"a\"\":1}\n\n,,\"",
               below(1000000));
    else if (kind == 7)
        printf("\"The operation lasted too long: It took %u milliseconds, but should not have "
               "lasted longer than 1,000 milliseconds.\"", elapsed);
}

int main(int count, char **words) {
    if (count < 2) {
        fprintf(stderr, "usage: generate-jtl ROWS [LABELS [SEED]]\n");
        return 2;
    }
    uint64_t rows = strtoull(words[1], NULL, 10);
    unsigned labels = count > 2 ? (unsigned)strtoul(words[2], NULL, 10) : 40;
    state = count > 3 ? strtoull(words[3], NULL, 10) : 42;
    if (labels == 0) labels = 1;
    choose_labels(labels < SLOTS ? labels : SLOTS);
    setvbuf(stdout, NULL, _IOFBF, 1 << 20);
    puts("timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,"
         "failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect");
    const uint64_t begin = 1767225600000u, duration = 3600000u;
    for (uint64_t row = 0; row < rows; row++) {
        unsigned label = slots[below(SLOTS)];
        double time = exp(log(15 + label * 37 % 400) + (0.35 + label % 40 / 100.0) * normal());
        if (is_transaction(label)) time *= 4;
        if (below(128) == 0) time *= pow(1 - fraction(), -0.6);
        unsigned elapsed = time > 120000 ? 60000 + below(60000) : (unsigned)time;
        int kind = below(100) == 0 ? (int)below(10) : -1;
        if (kind == 9) elapsed = 20000 + below(30);
        uint64_t end = begin + (uint64_t)((double)row / rows * duration) + below(200);
        uint64_t start = end - elapsed < begin ? begin + below(1000) : end - elapsed;
        unsigned thread = 1 + (unsigned)(row % 500);
        printf("%llu,%u,", (unsigned long long)start, elapsed);
        write_label(label);
        putchar(',');
        write_code(label, kind);
        int transaction = is_transaction(label);
        printf(",Shoppers 1-%u,%s,%s,", thread, transaction ? "" : "text",
               kind < 0 ? "true" : "false");
        if (kind >= 0) write_failure(label, kind, elapsed);
        printf(",%u,%u,%u,%u,", 300 + below(16384) + label % 1000 * 137, 180 + below(60), thread,
               200 + below(300));
        if (transaction) printf("null,0,0,0\n");
        else
            printf("https://shop.example.com/api/v1/resource-%u?page=%u,%u,0,%u\n", label,
                   10000000 + below(80000000), elapsed - elapsed / 7,
                   below(16) == 0 ? 1 + below(9) : 0);
    }
    return 0;
}
