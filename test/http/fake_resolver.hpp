// SPDX-License-Identifier: BSL-1.0
// A stand-in for getaddrinfo and getnameinfo: a test program that links fake_resolver.cpp looks no name up outside.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace http_test::fake_resolver {

/// Names are answered with these addresses (digits) from now on; unknown names with EAI_NONAME.
void add(const std::string& name, std::vector<std::string> addresses, std::chrono::milliseconds delay = {});
/// ... with this error of getaddrinfo.
void fail(const std::string& name, int code, std::chrono::milliseconds delay = {});
/// Any name that begins like this.
void add_prefix(const std::string& prefix, std::vector<std::string> addresses);
/// Look-ups of that name so far; of all names when it is empty.
std::size_t calls(const std::string& name = {});
/// The service that the last look-up asked for.
std::string last_service();
/// The name of an address (digits), for getnameinfo.
void add_reverse(const std::string& digits, const std::string& name, std::chrono::milliseconds delay = {});
void reset();

}  // namespace http_test::fake_resolver
