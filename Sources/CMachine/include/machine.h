// What Swift cannot say itself about starting a process: fork is unavailable to it, and
// posix_spawn has no way to bind the child's life to its parent's.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/// How `lf_spawn` starts a program. Strings and arrays are borrowed for the call.
struct lf_spawn_request {
    const char *executable;
    char *const *arguments;
    char *const *environment;
    const char *directory;
    int standard_input;
    int standard_output;
    int standard_error;
    bool new_session;
    /// The signal the kernel sends the child when the calling *thread* ends; 0 for none.
    int parent_death_signal;
};

/// Starts a program; returns its pid, or a negated errno if it could not be started.
pid_t lf_spawn(const struct lf_spawn_request *request);

/// What is freed goes back to the system, instead of being kept for later.
void lf_return_freed_memory(void);

/// From now on, a signal that would end this process has `sequence` written to `descriptor` first;
/// then it ends the process as it would have. The sequence is kept, not copied.
void lf_guard_terminal(int descriptor, const char *sequence);

/// Signals do again what they did; the guard may be set again at any time.
void lf_release_terminal(void);
