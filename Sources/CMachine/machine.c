// fork, set up, exec. Between fork and exec the child calls async-signal-safe functions only:
// the parent has other threads, and their locks are copied in whatever state they were.
#define _GNU_SOURCE
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void exec_child(const struct lf_spawn_request *request, pid_t parent, int report) {
    // Descriptors first: a standard stream may be given as a low number we are about to use.
    int streams[3] = {request->standard_input, request->standard_output, request->standard_error};
    for (int i = 0; i < 3; i++) {
        if ((streams[i] = fcntl(streams[i], F_DUPFD, 10)) < 0) goto failed;
    }
    if ((report = fcntl(report, F_DUPFD_CLOEXEC, 10)) < 0) _exit(127);
    for (int i = 0; i < 3; i++) {
        if (dup2(streams[i], i) < 0) goto failed;
    }
    // Nothing else of the parent's may leak into a process that can outlive it.
    syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);

    if (request->new_session && setsid() < 0) goto failed;
    if (request->directory && chdir(request->directory) < 0) goto failed;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
    if (request->parent_death_signal) {
        if (prctl(PR_SET_PDEATHSIG, request->parent_death_signal) < 0) goto failed;
        // The parent may have died before prctl took effect.
        if (getppid() != parent) _exit(127);
    }
    execve(request->executable, request->arguments, request->environment);
failed:;
    int error = errno;
    ssize_t written = write(report, &error, sizeof error);
    (void)written;
    _exit(127);
}

pid_t lf_spawn(const struct lf_spawn_request *request) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) < 0) return -errno;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) {
        int error = errno;
        close(report[0]);
        close(report[1]);
        return -error;
    }
    if (child == 0) exec_child(request, parent, report[1]);

    // The pipe closes by itself on a successful exec; otherwise it brings the reason.
    close(report[1]);
    int error = 0;
    ssize_t count;
    do {
        count = read(report[0], &error, sizeof error);
    } while (count < 0 && errno == EINTR);
    close(report[0]);
    if (count == sizeof error) {
        waitpid(child, NULL, 0);
        return -error;
    }
    return child;
}
