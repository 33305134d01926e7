// Another time of day for one process and its children: a library that stands before the C library's
// clocks. The clocks that only ever rise are left alone, as they are where a clock is set.
import Foundation
import Machine
import Testing

/// A library that changes the time of day.
struct WrongClock {
    private let library: String

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <sys/time.h>
        #include <time.h>

        static long ahead(void) { return atol(getenv("WRONG_CLOCK_SECONDS") ?: "0"); }

        int clock_gettime(clockid_t clock, struct timespec *time) {
            int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
            int code = real(clock, time);
            if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
                time->tv_sec += ahead();
            return code;
        }

        int gettimeofday(struct timeval *time, void *zone) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            time->tv_sec = now.tv_sec;
            time->tv_usec = now.tv_nsec / 1000;
            return 0;
        }

        time_t time(time_t *result) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (result) *result = now.tv_sec;
            return now.tv_sec;
        }

        """

    /// Compiles the library into a bench's folder, by the compiler that SwiftPM needs as well.
    init(_ bench: Bench) async throws {
        library = bench.folder + "/wrong-clock.so"
        let source = try bench.write(Self.source, to: "wrong-clock.c")
        let run = try await CapturedRun.of(
            ProcessRequest(
                "/usr/bin/env", ["clang", "-shared", "-fPIC", "-O1", "-o", library, source],
                environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"]),
            limit: .seconds(60))
        try #require(run.end == .exited(0), "\(run.output)")
    }

    /// The variables of a process whose clock is so many seconds ahead.
    func variables(ahead seconds: Int) -> [String: String] {
        ["LD_PRELOAD": library, "WRONG_CLOCK_SECONDS": "\(seconds)"]
    }
}
