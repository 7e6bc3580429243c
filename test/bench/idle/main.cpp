// SPDX-License-Identifier: BSL-1.0
// What ten thousand idle connections cost an echo server, and the two hundred that are busy.
//
// usage: brio_bench_idle [IDLE [ACTIVE [TRIPS]]]
//
// The server runs in a process of its own. Round trips of the active connections are timed without the idle ones and with
// them, in turns; prints memory of the server per connection, and latencies. Exits with 1 when the 99th percentile with
// the idle ones is more than twice that without in the best of three rounds.
#include <brio/brio.hpp>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using brio::awaitable;
using brio::stream;
using clock_type = std::chrono::steady_clock;

awaitable<> echo(stream peer) {
    while (true) {
        const std::string bytes = co_await peer.read(4096);
        if (bytes.empty()) co_return;
        co_await peer.write(bytes);
    }
}

awaitable<> serve(int tell) {
    brio::server_options options;
    options.backlog(1024);
    brio::server server = co_await brio::start_server(echo, "127.0.0.1", 0, options);
    const std::uint16_t port = server.port();
    if (::write(tell, &port, sizeof port) != sizeof port) std::abort();
    co_await server.serve_forever();
}

class server_process {
public:
    server_process() {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) std::abort();
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::close(ends[0]);
            brio::run(serve(ends[1]));
            ::_exit(0);
        }
        ::close(ends[1]);
        if (::read(ends[0], &port_, sizeof port_) != sizeof port_) std::abort();
        ::close(ends[0]);
    }
    server_process(const server_process&) = delete;
    server_process& operator=(const server_process&) = delete;
    ~server_process() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] double resident_bytes() const {
        long all = 0;
        long resident = 0;
        const std::string path = "/proc/" + std::to_string(pid_) + "/statm";
        if (std::FILE* file = std::fopen(path.c_str(), "r")) {
            if (std::fscanf(file, "%ld %ld", &all, &resident) != 2) resident = 0;
            std::fclose(file);
        }
        return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
    }

private:
    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
};

awaitable<> connect_some(std::uint16_t port, std::size_t count, std::vector<stream>& opened) {
    for (std::size_t i = 0; i < count; ++i) {
        stream peer = co_await brio::open_connection("127.0.0.1", port);
        co_await peer.write("!");  // so that the server has surely accepted it and waits for more
        co_await peer.read_exactly(1);
        opened.push_back(std::move(peer));
    }
}

awaitable<> trips(stream& peer, long count, std::vector<double>& took) {
    const std::string message(64, 'x');
    for (long i = 0; i < count; ++i) {
        const auto begin = clock_type::now();
        co_await peer.write(message);
        co_await peer.read_exactly(message.size());
        took.push_back(std::chrono::duration<double, std::micro>(clock_type::now() - begin).count());
    }
}

struct latency {
    double median = 0;
    double p99 = 0;
};

awaitable<latency> measure(std::vector<stream>& active, long count) {
    std::vector<double> took;
    std::vector<awaitable<>> all;
    for (stream& peer : active) all.push_back(trips(peer, count, took));
    co_await brio::gather(std::move(all));
    std::sort(took.begin(), took.end());
    co_return latency{took[took.size() / 2], took[took.size() * 99 / 100]};
}

awaitable<int> compare(std::uint16_t port, const server_process& server, std::size_t idle_count, std::size_t active_count, long count) {
    double best = 0;
    std::vector<stream> active;
    co_await connect_some(port, active_count, active);
    co_await measure(active, count);  // warms up
    for (int round = 0; round < 3 && (round == 0 || best > 2); ++round) {
        const latency alone = co_await measure(active, count);
        const double before = server.resident_bytes();
        std::vector<stream> idle;
        co_await connect_some(port, idle_count, idle);
        const double each = (server.resident_bytes() - before) / static_cast<double>(idle_count);
        const latency beside = co_await measure(active, count);
        const double ratio = beside.p99 / alone.p99;
        std::printf("%zu active alone: median %.0f us, p99 %.0f us; beside %zu idle: median %.0f us, p99 %.0f us (%.2f); "
                    "%.0f bytes of the server a connection\n",
                    active_count, alone.median, alone.p99, idle_count, beside.median, beside.p99, ratio, each);
        best = round == 0 ? ratio : std::min(best, ratio);
    }
    co_return best > 2 ? 1 : 0;
}

std::size_t number(int argc, char** argv, int at, std::size_t otherwise) {
    return argc > at ? static_cast<std::size_t>(std::atol(argv[at])) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t idle = number(argc, argv, 1, 10000);
    const std::size_t active = number(argc, argv, 2, 200);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < idle + active + 100) {
        std::fprintf(stderr, "needs %zu descriptors, the limit here is %lu: raise it (ulimit -Hn) or ask for fewer connections\n",
                     idle + active + 100, static_cast<unsigned long>(files.rlim_cur));
        return 77;
    }
    const server_process server;
    return brio::run(compare(server.port(), server, idle, active, static_cast<long>(number(argc, argv, 3, 200))));
}
