// SPDX-License-Identifier: BSL-1.0
// getaddrinfo and getnameinfo: names to addresses and back, without blocking the loop.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/io/address.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace brio::inline v0 {

/// A name could not be resolved; Python's `socket.gaierror`.
class BRIO_API resolve_error : public error {
public:
    resolve_error(std::string text, std::string name, int reason) : error(text), host_(std::move(name)), code_(reason) {}
    resolve_error(const resolve_error&) = default;
    resolve_error& operator=(const resolve_error&) = default;
    ~resolve_error() override;

    /// What was looked up.
    [[nodiscard]] const std::string& host() const noexcept { return host_; }
    /// The system's reason, `EAI_NONAME` for example; 0 when there is none.
    [[nodiscard]] int code() const noexcept { return code_; }

private:
    std::string host_;
    int code_;
};

/// What is looked up, and how; every setter gives the object back.
class BRIO_API resolve_options {
public:
    resolve_options() noexcept {}
    /// Only addresses of this family (default: `none`, both).
    resolve_options& family(address_family only) noexcept {
        family_ = only;
        return *this;
    }
    /// For datagrams: matters for services by name.
    resolve_options& datagram(bool on = true) noexcept {
        datagram_ = on;
        return *this;
    }
    /// An empty host stands for all interfaces, for a server, in place of the loopback.
    resolve_options& passive(bool on = true) noexcept {
        passive_ = on;
        return *this;
    }
    /// Only addresses in digits are accepted: nobody is asked.
    resolve_options& digits_only(bool on = true) noexcept {
        digits_only_ = on;
        return *this;
    }
    /// Asks anew, whatever is known.
    resolve_options& fresh(bool on = true) noexcept {
        fresh_ = on;
        return *this;
    }

    [[nodiscard]] address_family chosen_family() const noexcept { return family_; }
    [[nodiscard]] bool is_datagram() const noexcept { return datagram_; }
    [[nodiscard]] bool is_passive() const noexcept { return passive_; }
    [[nodiscard]] bool is_digits_only() const noexcept { return digits_only_; }
    [[nodiscard]] bool is_fresh() const noexcept { return fresh_; }

private:
    address_family family_ = address_family::none;
    bool datagram_ = false;
    bool passive_ = false;
    bool digits_only_ = false;
    bool fresh_ = false;
};

/// The addresses of `host`, in the order in which they should be tried; never none. Digits are not looked up, nor is
/// `localhost`, which is 127.0.0.1 and ::1. Other names are asked for on threads of the loop's, up to 8 at a time; answers
/// are kept for 10 s, failures for 1 s, and those who ask for the same name at the same time share one question.
///
/// Throws resolve_error; std::invalid_argument for a family that is neither IPv4 nor IPv6. **Cancellation** releases the
/// task at once; the question goes on for the others and for the next who asks. asyncio's `loop.getaddrinfo`.
BRIO_API awaitable<std::vector<address>> getaddrinfo(std::string host, std::uint16_t port, resolve_options options = resolve_options());
/// The same with a service's name for the port: `"https"`, or digits.
BRIO_API awaitable<std::vector<address>> getaddrinfo(std::string host, std::string service,
                                                     resolve_options options = resolve_options());

/// What an address is called.
class BRIO_API host_name {
public:
    host_name() = default;
    host_name(std::string name, std::string port) noexcept : host(std::move(name)), service(std::move(port)) {}

    std::string host;
    std::string service;
};

/// How an address is named; every setter gives the object back.
class BRIO_API name_options {
public:
    name_options() noexcept {}
    /// The host in digits: no one is asked for its name.
    name_options& digits(bool on = true) noexcept {
        digits_ = on;
        return *this;
    }
    /// The port in digits, in place of the service's name.
    name_options& port_digits(bool on = true) noexcept {
        port_digits_ = on;
        return *this;
    }
    /// A host without a name is an error, in place of its digits.
    name_options& required(bool on = true) noexcept {
        required_ = on;
        return *this;
    }
    /// The service is one of datagrams: some ports have two names.
    name_options& datagram(bool on = true) noexcept {
        datagram_ = on;
        return *this;
    }

    [[nodiscard]] bool is_digits() const noexcept { return digits_; }
    [[nodiscard]] bool is_port_digits() const noexcept { return port_digits_; }
    [[nodiscard]] bool is_required() const noexcept { return required_; }
    [[nodiscard]] bool is_datagram() const noexcept { return datagram_; }

private:
    bool digits_ = false;
    bool port_digits_ = false;
    bool required_ = false;
    bool datagram_ = false;
};

/// The names of an IPv4 or IPv6 address, asked for on the same threads; not kept. Throws resolve_error;
/// std::invalid_argument for an address that has none. **Cancellation** releases the task at once. asyncio's `loop.getnameinfo`.
BRIO_API awaitable<host_name> getnameinfo(address of, name_options options = name_options());

}  // namespace brio::inline v0
