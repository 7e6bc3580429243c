// SPDX-License-Identifier: BSL-1.0
// What the classes have in common that run a server which nobody here wrote.
#pragma once

#include "child_process.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace brio_test {

/// The path of a program, in the folders of the system first, then in those of PATH. Throws std::runtime_error with
/// the name of the Debian package that brings it when there is none.
std::string program_path(const std::string& name, const std::string& package);

/// A port that nobody uses at this moment.
std::uint16_t free_port();
/// Servers can listen on ::1 here.
bool has_ipv6_loopback();
/// Somebody listens on that port of 127.0.0.1.
bool accepts(std::uint16_t port);

/// Fills in free ports, starts what `arguments` then says and waits until it accepts connections on all of them. Somebody
/// else may take one of the ports first: then the program ends at once, and others are tried. Throws std::runtime_error
/// with what the program and `log` say when it does not come up.
std::unique_ptr<child_process> start_on_free_ports(const std::vector<std::uint16_t*>& ports,
                                                   const std::function<std::vector<std::string>()>& arguments,
                                                   const std::filesystem::path& log = {});

/// Waits until the program prints `mark` and gives the number behind it. Throws std::runtime_error when it ends before.
std::uint16_t announced_port(child_process& program, const std::string& mark);

/// Some bytes, the same for the same numbers, that do not compress.
std::string noise(std::size_t size, unsigned seed = 1);
/// SHA-256 by the openssl program, 64 hexadecimal digits.
std::string sha256_of(const std::string& bytes);

} // namespace brio_test
