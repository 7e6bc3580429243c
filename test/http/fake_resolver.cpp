// SPDX-License-Identifier: BSL-1.0
// getaddrinfo and getnameinfo, defined in the test program.
#include "http/fake_resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>

namespace http_test::fake_resolver {

namespace {

struct entry {
    std::vector<std::string> addresses;
    int code = 0;
    std::chrono::milliseconds delay{};
};

struct book {
    std::mutex mutex;
    std::map<std::string, entry> names;
    std::map<std::string, entry> prefixes;
    std::map<std::string, std::size_t> asked;
    std::map<std::string, entry> reverse;
    std::string service;
    std::size_t total = 0;
};

book& the_book() {
    static book* const one = new book;  // a look-up may outlast main
    return *one;
}

entry look_up(const std::string& name, const char* service) {
    book& b = the_book();
    const std::lock_guard lock(b.mutex);
    b.service = service ? service : "";
    ++b.asked[name];
    ++b.total;
    if (const auto found = b.names.find(name); found != b.names.end()) return found->second;
    for (const auto& [prefix, value] : b.prefixes) {
        if (name.compare(0, prefix.size(), prefix) == 0) return value;
    }
    entry unknown;
    unknown.code = EAI_NONAME;
    return unknown;
}

// EAI_NONAME when the address has no name.
entry reverse_of(const std::string& digits) {
    const std::lock_guard lock(the_book().mutex);
    const auto found = the_book().reverse.find(digits);
    entry unknown;
    unknown.code = EAI_NONAME;
    return found == the_book().reverse.end() ? unknown : found->second;
}

addrinfo* make(const std::string& address, const char* service) {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_in);
    const auto port = static_cast<std::uint16_t>(std::atoi(service ? service : "0"));
    if (auto* v4 = reinterpret_cast<sockaddr_in*>(&storage); ::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
    } else {
        auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
        ::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        size = sizeof(sockaddr_in6);
    }
    auto* const item = new addrinfo{};
    item->ai_family = storage.ss_family;
    item->ai_socktype = SOCK_STREAM;
    item->ai_addrlen = size;
    item->ai_addr = reinterpret_cast<sockaddr*>(new sockaddr_storage(storage));
    return item;
}

}  // namespace

void add(const std::string& name, std::vector<std::string> addresses, std::chrono::milliseconds delay) {
    const std::lock_guard lock(the_book().mutex);
    the_book().names[name] = entry{std::move(addresses), 0, delay};
}
void fail(const std::string& name, int code, std::chrono::milliseconds delay) {
    const std::lock_guard lock(the_book().mutex);
    the_book().names[name] = entry{{}, code, delay};
}
void add_prefix(const std::string& prefix, std::vector<std::string> addresses) {
    const std::lock_guard lock(the_book().mutex);
    the_book().prefixes[prefix] = entry{std::move(addresses), 0, {}};
}
std::size_t calls(const std::string& name) {
    const std::lock_guard lock(the_book().mutex);
    return name.empty() ? the_book().total : the_book().asked[name];
}
std::string last_service() {
    const std::lock_guard lock(the_book().mutex);
    return the_book().service;
}
void add_reverse(const std::string& digits, const std::string& name, std::chrono::milliseconds delay) {
    const std::lock_guard lock(the_book().mutex);
    the_book().reverse[digits] = entry{{name}, 0, delay};
}
void reset() {
    book& b = the_book();
    const std::lock_guard lock(b.mutex);
    b.names.clear();
    b.prefixes.clear();
    b.asked.clear();
    b.reverse.clear();
    b.service.clear();
    b.total = 0;
}

}  // namespace http_test::fake_resolver

extern "C" {

__attribute__((visibility("default"))) int getaddrinfo(const char* name, const char* service, const addrinfo*, addrinfo** list) {
    const auto found = http_test::fake_resolver::look_up(name ? name : "", service);
    std::this_thread::sleep_for(found.delay);
    *list = nullptr;
    if (found.code != 0) return found.code;
    addrinfo** end = list;
    for (const std::string& address : found.addresses) {
        *end = http_test::fake_resolver::make(address, service);
        end = &(*end)->ai_next;
    }
    return 0;
}

__attribute__((visibility("default"))) int getnameinfo(const sockaddr* address, socklen_t, char* host, socklen_t host_size, char* service,
                                                       socklen_t service_size, int flags) {
    char digits[INET6_ADDRSTRLEN] = "";
    const auto* const v4 = reinterpret_cast<const sockaddr_in*>(address);
    ::inet_ntop(AF_INET, &v4->sin_addr, digits, sizeof digits);
    std::snprintf(service, service_size, "%d", ntohs(v4->sin_port));
    const auto found = http_test::fake_resolver::reverse_of(digits);
    std::this_thread::sleep_for(found.delay);
    if (found.code != 0 && (flags & NI_NAMEREQD) != 0) return found.code;
    const bool named = found.code == 0 && (flags & NI_NUMERICHOST) == 0;
    std::snprintf(host, host_size, "%s", named ? found.addresses.front().c_str() : digits);
    return 0;
}

__attribute__((visibility("default"))) void freeaddrinfo(addrinfo* list) {
    while (list) {
        addrinfo* const next = list->ai_next;
        delete reinterpret_cast<sockaddr_storage*>(list->ai_addr);
        delete list;
        list = next;
    }
}
}
