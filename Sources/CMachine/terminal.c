// A terminal that was changed must be changed back even when the process ends by a signal. What
// runs in a signal handler may call async-signal-safe functions only, which Swift can't promise.
#define _GNU_SOURCE
#include "machine.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

// All that end a process by default, but those that loadfleet takes itself (SIGINT, SIGTERM,
// SIGHUP, SIGPIPE) and those that nobody can take.
static const int numbers[] = {
    SIGQUIT, SIGILL,  SIGTRAP, SIGABRT,   SIGBUS,  SIGFPE,    SIGSEGV, SIGUSR1,
    SIGUSR2, SIGALRM, SIGXCPU, SIGVTALRM, SIGPROF, SIGSTKFLT, SIGSYS,  SIGPOLL,
};
enum { count = sizeof numbers / sizeof numbers[0] };

static struct sigaction before[count];
static atomic_bool installed;
static _Atomic(const char *) guarded_sequence;
static atomic_int guarded_descriptor;

static void restore(int number) {
    int saved = errno;
    const char *sequence = atomic_exchange(&guarded_sequence, NULL);
    if (sequence) {
        // Nobody is left who could do anything about a failure.
        ssize_t written = write(atomic_load(&guarded_descriptor), sequence, strlen(sequence));
        (void)written;
    }
    for (int i = 0; i < count; i++) {
        if (numbers[i] == number) sigaction(number, &before[i], NULL);
    }
    errno = saved;
    // Delivered when this handler returns, to whatever was there before. A fault of the program's
    // own would come again by itself, too.
    raise(number);
}

void lf_guard_terminal(int descriptor, const char *sequence) {
    atomic_store(&guarded_descriptor, descriptor);
    atomic_store(&guarded_sequence, sequence);
    if (atomic_exchange(&installed, true)) return;
    struct sigaction action = {.sa_handler = restore};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < count; i++) {
        if (sigaction(numbers[i], NULL, &before[i]) != 0) continue;
        // What is ignored does not end the process.
        if (before[i].sa_handler == SIG_IGN) continue;
        sigaction(numbers[i], &action, NULL);
    }
}

void lf_release_terminal(void) { atomic_store(&guarded_sequence, NULL); }
