// SPDX-License-Identifier: BSL-1.0
// Starting servers, and knowing when they are up.
#include "server_program.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace brio_test {

using namespace std::chrono_literals;

namespace {

constexpr auto patience = 20s;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool accept_all(const std::vector<std::uint16_t*>& ports) {
    for (const std::uint16_t* port : ports) {
        if (!accepts(*port)) return false;
    }
    return true;
}

[[noreturn]] void fail(const std::string& what, child_process& program) {
    throw std::runtime_error(what + "; it said: " + program.output() + program.errors());
}

} // namespace

std::string program_path(const std::string& name, const std::string& package) {
    const char* const path = std::getenv("PATH");
    std::istringstream folders(std::string("/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin:") + (path ? path : ""));
    for (std::string folder; std::getline(folders, folder, ':');) {
        std::string file = folder + "/" + name;
        if (::access(file.c_str(), X_OK) == 0) return file;
    }
    throw std::runtime_error("this test needs the program '" + name + "', which is not installed; cmake/install-deps brings it (Debian: " +
                             package + ")");
}

std::uint16_t free_port() {
    const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    ::bind(s, reinterpret_cast<const sockaddr*>(&address), size);
    ::getsockname(s, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(s);
    return ntohs(address.sin_port);
}

bool has_ipv6_loopback() {
    const int s = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0) return false;
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    const bool bound = ::bind(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(s);
    return bound;
}

bool accepts(std::uint16_t port) {
    const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool connected = ::connect(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(s);
    return connected;
}

std::unique_ptr<child_process> start_on_free_ports(const std::vector<std::uint16_t*>& ports,
                                                   const std::function<std::vector<std::string>()>& arguments,
                                                   const std::filesystem::path& log) {
    std::unique_ptr<child_process> program;
    for (int attempt = 0; attempt < 5; ++attempt) {
        // Each another one: two servers on one port would answer for each other.
        std::set<std::uint16_t> chosen;
        for (std::uint16_t* port : ports) {
            do *port = free_port();
            while (!chosen.insert(*port).second);
        }
        program = std::make_unique<child_process>(arguments());
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (program->running() && std::chrono::steady_clock::now() < deadline) {
            if (accept_all(ports)) return program;
            std::this_thread::sleep_for(2ms);
        }
    }
    const std::string logged = !log.empty() && std::filesystem::exists(log) ? read_file(log) : "";
    fail(arguments().front() + " does not start: " + logged, *program);
}

std::uint16_t announced_port(child_process& program, const std::string& mark) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (bool running = true; running && std::chrono::steady_clock::now() < deadline;) {
        running = program.running();
        const std::string text = program.output();
        const std::size_t at = text.find(mark);
        if (at != text.npos) {
            const std::size_t begin = at + mark.size();
            const std::size_t end = text.find_first_not_of("0123456789", begin);
            if (end != text.npos && end > begin) return static_cast<std::uint16_t>(std::stoi(text.substr(begin, end - begin)));
        }
        std::this_thread::sleep_for(2ms);
    }
    fail("a server has not said '" + mark + "'", program);
}

std::string noise(std::size_t size, unsigned seed) {
    std::mt19937 numbers(seed);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(numbers());
    return bytes;
}

std::string sha256_of(const std::string& bytes) {
    const temp_folder folder;
    write_file(folder / "bytes", bytes);
    return run_program({program_path("openssl", "openssl"), "dgst", "-sha256", "-r", folder / "bytes"}).substr(0, 64);
}

} // namespace brio_test
