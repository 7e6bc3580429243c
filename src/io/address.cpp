// SPDX-License-Identifier: BSL-1.0
// Socket addresses: text, order and the system's form.
#include <brio/io/address.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <stdexcept>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace brio::inline v0 {

namespace {

constexpr std::size_t path_offset = offsetof(sockaddr_un, sun_path);
constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

// The bytes are read and written as the system's structures by copies: they have no such type.
template <class T>
T view(const std::byte* bytes) noexcept {
    T made{};
    std::memcpy(&made, bytes, sizeof made);
    return made;
}

bool read_number(std::string_view text, std::uint32_t most, std::uint32_t& value) noexcept {
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    return ec == std::errc() && end == text.data() + text.size() && value <= most && !text.empty();
}

// An interface by number or by name.
bool read_scope(std::string_view text, std::uint32_t& scope) {
    if (read_number(text, UINT32_MAX, scope)) return true;
    scope = ::if_nametoindex(std::string(text).c_str());
    return scope != 0;
}

bool read_v4(std::string_view host, std::uint16_t port, sockaddr_in& made) {
    made.sin_family = AF_INET;
    made.sin_port = htons(port);
    return ::inet_pton(AF_INET, std::string(host).c_str(), &made.sin_addr) == 1;
}

bool read_v6(std::string_view host, std::uint16_t port, sockaddr_in6& made) {
    made.sin6_family = AF_INET6;
    made.sin6_port = htons(port);
    const std::size_t mark = host.find('%');
    if (mark != host.npos && !read_scope(host.substr(mark + 1), made.sin6_scope_id)) return false;
    return ::inet_pton(AF_INET6, std::string(host.substr(0, mark)).c_str(), &made.sin6_addr) == 1;
}

[[noreturn]] void fail_parse(std::string_view text) {
    throw std::invalid_argument("'" + std::string(text) + "' is no socket address: write 127.0.0.1:80, [::1]:80 or unix:/path");
}

// The smallest size of what the family's structure must hold.
std::size_t least_size(int family) noexcept {
    switch (family) {
        case AF_INET: return sizeof(sockaddr_in);
        case AF_INET6: return sizeof(sockaddr_in6);
        default: return sizeof(sa_family_t);
    }
}

}  // namespace

std::optional<address> address::in_digits(std::string_view host, std::uint16_t port) {
    address made;
    if (host.find('\0') != host.npos) return std::nullopt;  // the system's functions would read up to it
    if (sockaddr_in v4{}; read_v4(host, port, v4)) {
        made.family_ = address_family::ipv4;
        made.size_ = sizeof v4;
        std::memcpy(made.bytes_, &v4, sizeof v4);
        return made;
    }
    if (sockaddr_in6 v6{}; read_v6(host, port, v6)) {
        made.family_ = address_family::ipv6;
        made.size_ = sizeof v6;
        std::memcpy(made.bytes_, &v6, sizeof v6);
        return made;
    }
    return std::nullopt;
}

address::address(std::string_view host, std::uint16_t port) {
    const std::optional<address> read = in_digits(host, port);
    if (!read) throw std::invalid_argument("'" + std::string(host) + "' is no IP address in digits: look names up with getaddrinfo");
    *this = *read;
}

address address::unix_path(std::string_view path) {
    if (path.empty()) throw std::invalid_argument("the path of a Unix socket is empty");
    const bool is_abstract = path.front() == '@' || path.front() == '\0';
    if (!is_abstract && path.find('\0') != path.npos) {
        throw std::invalid_argument("the path of a Unix socket holds a NUL: '" + std::string(path.data()) + "' and more");
    }
    if (path.size() > longest_path) {
        throw std::invalid_argument("the path of a Unix socket has " + std::to_string(path.size()) + " bytes, at most " +
                                    std::to_string(longest_path) + " are possible: '" + std::string(path) + "'");
    }
    sockaddr_un native{};
    native.sun_family = AF_UNIX;
    std::memcpy(native.sun_path, path.data(), path.size());
    if (is_abstract) native.sun_path[0] = '\0';
    address made;
    made.family_ = address_family::unix_socket;
    made.size_ = static_cast<std::uint8_t>(path_offset + path.size() + (is_abstract ? 0 : 1));
    std::memcpy(made.bytes_, &native, made.size_);
    return made;
}

address address::parse(std::string_view text) {
    constexpr std::string_view unix_mark = "unix:";
    if (text.starts_with(unix_mark) && text.size() > unix_mark.size()) return unix_path(text.substr(unix_mark.size()));
    const std::size_t colon = text.rfind(':');
    std::uint32_t port = 0;
    if (colon == text.npos || !read_number(text.substr(colon + 1), UINT16_MAX, port)) fail_parse(text);
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (bracketed != (host.find(':') != host.npos)) fail_parse(text);
    try {
        return address(host, static_cast<std::uint16_t>(port));
    } catch (const std::invalid_argument&) {
        fail_parse(text);
    }
}

address address::from_native(const sockaddr* data, std::size_t size) {
    address made;
    if (data == nullptr || size < sizeof(sa_family_t)) return made;
    sa_family_t family = AF_UNSPEC;
    std::memcpy(&family, reinterpret_cast<const std::byte*>(data) + offsetof(sockaddr, sa_family), sizeof family);
    if (family == AF_UNSPEC) return made;
    if (size > sizeof made.bytes_ || size < least_size(family)) {
        throw std::invalid_argument("a socket address of family " + std::to_string(family) + " cannot have " +
                                    std::to_string(size) + " bytes");
    }
    if (family == AF_INET) {
        size = sizeof(sockaddr_in);
        made.family_ = address_family::ipv4;
    } else if (family == AF_INET6) {
        size = sizeof(sockaddr_in6);
        made.family_ = address_family::ipv6;
    } else {
        made.family_ = family == AF_UNIX ? address_family::unix_socket : address_family::other;
    }
    std::memcpy(made.bytes_, data, size);
    made.size_ = static_cast<std::uint8_t>(size);
    return made;
}

std::string address::host() const {
    char text[INET6_ADDRSTRLEN] = "";
    if (family_ == address_family::ipv4) {
        const auto v4 = view<sockaddr_in>(bytes_);
        return ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    }
    if (family_ != address_family::ipv6) return {};
    const auto v6 = view<sockaddr_in6>(bytes_);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    return v6.sin6_scope_id == 0 ? std::string(text) : std::string(text) + "%" + std::to_string(v6.sin6_scope_id);
}

std::uint16_t address::port() const noexcept {
    if (!is_ip()) return 0;
    static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
    return ntohs(view<in_port_t>(bytes_ + offsetof(sockaddr_in, sin_port)));
}

address address::with_port(std::uint16_t port) const {
    if (!is_ip()) throw std::invalid_argument("only an IP address has a port: " + to_string());
    address made = *this;
    const in_port_t number = htons(port);
    std::memcpy(made.bytes_ + offsetof(sockaddr_in, sin_port), &number, sizeof number);
    return made;
}

std::uint32_t address::scope_id() const noexcept {
    return family_ == address_family::ipv6 ? view<sockaddr_in6>(bytes_).sin6_scope_id : 0;
}

std::string address::path() const {
    if (!is_unix() || size_ <= path_offset) return {};
    std::string text(reinterpret_cast<const char*>(bytes_) + path_offset, size_ - path_offset);
    if (text.front() != '\0') text.resize(std::min(text.size(), text.find('\0')));
    return text;
}

bool address::is_loopback() const noexcept {
    if (family_ == address_family::ipv4) return bytes_[offsetof(sockaddr_in, sin_addr)] == std::byte{127};
    if (family_ != address_family::ipv6) return false;
    const auto v6 = view<sockaddr_in6>(bytes_);
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) || (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && v6.sin6_addr.s6_addr[12] == 127);
}

bool address::is_multicast() const noexcept {
    if (family_ == address_family::ipv4) return IN_MULTICAST(ntohl(view<sockaddr_in>(bytes_).sin_addr.s_addr));
    return family_ == address_family::ipv6 && bytes_[offsetof(sockaddr_in6, sin6_addr)] == std::byte{0xff};
}

bool address::is_unspecified() const noexcept {
    const std::string_view bytes = key();
    return is_ip() && std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

std::string address::to_string() const {
    switch (family_) {
        case address_family::none: return "(no address)";
        case address_family::ipv4: return host() + ":" + std::to_string(port());
        case address_family::ipv6: return "[" + host() + "]:" + std::to_string(port());
        case address_family::other: return "(address of family " + std::to_string(view<sockaddr>(bytes_).sa_family) + ")";
        case address_family::unix_socket: break;
    }
    std::string name = path();
    std::replace(name.begin(), name.end(), '\0', '@');
    return name.empty() ? "(unnamed Unix socket)" : "unix:" + name;
}

const sockaddr* address::data() const noexcept { return empty() ? nullptr : reinterpret_cast<const sockaddr*>(bytes_); }

std::string_view address::key() const noexcept {
    const char* const bytes = reinterpret_cast<const char*>(bytes_);
    switch (family_) {
        case address_family::none: return {};
        case address_family::ipv4: return {bytes + offsetof(sockaddr_in, sin_addr), sizeof(in_addr)};
        case address_family::ipv6: return {bytes + offsetof(sockaddr_in6, sin6_addr), sizeof(in6_addr)};
        case address_family::unix_socket: break;
        case address_family::other: return {bytes, size_};
    }
    if (size_ <= path_offset) return {};
    const std::string_view name(bytes + path_offset, size_ - path_offset);
    return name.front() == '\0' ? name : name.substr(0, name.find('\0'));
}

std::size_t address::hash() const noexcept {
    return std::hash<std::string_view>()(key()) * 31 + port() + scope_id() * 65537U + static_cast<std::size_t>(family_);
}

std::strong_ordering address::operator<=>(const address& other) const noexcept {
    if (const auto order = family_ <=> other.family_; order != 0) return order;
    if (const auto order = key() <=> other.key(); order != 0) return order;
    if (const auto order = scope_id() <=> other.scope_id(); order != 0) return order;
    return port() <=> other.port();
}

std::ostream& operator<<(std::ostream& out, const address& a) { return out << a.to_string(); }

}  // namespace brio::inline v0
