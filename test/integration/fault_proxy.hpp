// SPDX-License-Identifier: BSL-1.0
// A proxy that breaks the connections which go through it, at a chosen byte.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace brio_test {

/// What happens to the bytes on their way back from the server to the client.
class fault {
public:
    enum class kind : std::uint8_t { none, delay, dribble, reset, close, half_close, stall };

    /// Every piece arrives later by `by`.
    static fault delayed(std::chrono::milliseconds by) { return fault(kind::delay, 0, by); }
    /// Every byte comes by itself, in both directions.
    static fault dribbled() { return fault(kind::dribble, 0, {}); }
    /// After `byte` bytes the connection is reset (RST).
    static fault reset_at(std::size_t byte) { return fault(kind::reset, byte, {}); }
    /// ... ends without a word: of TLS, a truncation.
    static fault closed_at(std::size_t byte) { return fault(kind::close, byte, {}); }
    /// ... ends in the direction to the client; the other one stays open.
    static fault half_closed_at(std::size_t byte) { return fault(kind::half_close, byte, {}); }
    /// ... stays open, in silence.
    static fault stalled_at(std::size_t byte) { return fault(kind::stall, byte, {}); }
    static fault nothing() { return fault(kind::none, 0, {}); }

    kind what;
    std::size_t at;
    std::chrono::milliseconds by;

private:
    fault(kind k, std::size_t byte, std::chrono::milliseconds wait) : what(k), at(byte), by(wait) {}
};

/// Passes connections on to a port of this machine, in a process of its own.
class fault_proxy {
public:
    fault_proxy(std::uint16_t target, const fault& plan);
    fault_proxy(const fault_proxy&) = delete;
    fault_proxy& operator=(const fault_proxy&) = delete;
    ~fault_proxy();

    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    pid_t process_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace brio_test
