// SPDX-License-Identifier: BSL-1.0
// Clocks, memory and the one-line report of a benchmark program.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

inline double wall_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double cpu_now() {
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

inline long peak_rss_kb() {
    long kb = 0;
    if (std::FILE* file = std::fopen("/proc/self/status", "r")) {
        char line[256];
        while (std::fgets(line, sizeof line, file)) {
            if (std::sscanf(line, "VmHWM: %ld", &kb) == 1) break;
        }
        std::fclose(file);
    }
    return kb;
}

inline long current_rss_kb() {
    long total = 0;
    long resident = 0;
    if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%ld %ld", &total, &resident) != 2) resident = 0;
        std::fclose(file);
    }
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

[[noreturn]] inline void die(const char* what, long got, long wanted) {
    std::fprintf(stderr, "FAILED %s: got %ld, wanted %ld\n", what, got, wanted);
    std::exit(3);
}

inline void check(const char* what, long got, long wanted) {
    if (got != wanted) die(what, got, wanted);
}

struct context {
    std::string workload;
    long n = 0;
    long operations = 0;  // n when left 0
    bool use_cpu = false;
    double wall = 0;
    double cpu = 0;
    std::string notes;
    double wall_begin = 0;
    double cpu_begin = 0;

    void start() {
        cpu_begin = cpu_now();
        wall_begin = wall_now();
    }
    void stop() {
        wall += wall_now() - wall_begin;
        cpu += cpu_now() - cpu_begin;
    }
    void note(const char* key, double value) {
        char text[96];
        std::snprintf(text, sizeof text, " %s=%.3f", key, value);
        notes += text;
    }
};

struct workload {
    const char* name;
    void (*run)(context&);
    long n;
    bool use_cpu = false;
};

inline int run_main(int argc, char** argv, const char* contestant, const std::vector<workload>& workloads) {
    if (argc < 2 || std::string_view(argv[1]) == "--list") {
        for (const auto& item : workloads) std::puts(item.name);
        return 0;
    }
    for (const auto& item : workloads) {
        if (std::string_view(argv[1]) != item.name) continue;
        context c;
        c.workload = item.name;
        c.n = argc > 2 ? std::atol(argv[2]) : item.n;
        c.use_cpu = item.use_cpu;
        item.run(c);
        const double seconds = c.use_cpu ? c.cpu : c.wall;
        const long operations = c.operations ? c.operations : c.n;
        const double count = static_cast<double>(operations);
        std::printf("%s %s %ld %.6f %.0f %.1f %ld cpu_s=%.3f wall_s=%.3f%s\n", item.name, contestant, operations, seconds,
                    count / seconds, seconds * 1e9 / count, peak_rss_kb(), c.cpu, c.wall, c.notes.c_str());
        return 0;
    }
    std::printf("%s %s n/a\n", argv[1], contestant);
    return 0;
}

}  // namespace bench
