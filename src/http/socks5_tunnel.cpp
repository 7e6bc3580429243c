// SPDX-License-Identifier: BSL-1.0
// The SOCKS 5 handshake: methods, perhaps a name and a password, the request.
#include "tunnel_machine.hpp"

#include "chars.hpp"

#include <brio/http/proxy_error.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <arpa/inet.h>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::size_t longest_name = 255;
constexpr unsigned char no_authentication = 0;
constexpr unsigned char with_password = 2;

std::string bytes(std::initializer_list<unsigned> all) {
    std::string out;
    for (const unsigned b : all) out += static_cast<char>(static_cast<unsigned char>(b));
    return out;
}

// What the reply field says (RFC 1928 section 6).
std::string meaning(unsigned reply) {
    static constexpr std::array<const char*, 9> texts{"",
                                                      "general failure",
                                                      "not allowed by its rules",
                                                      "network unreachable",
                                                      "host unreachable",
                                                      "connection refused",
                                                      "time to live expired",
                                                      "command not supported",
                                                      "address type not supported"};
    if (reply < texts.size()) return texts[reply];
    return "reply " + std::to_string(reply);
}

class socks5_tunnel final : public tunnel_machine {
public:
    socks5_tunnel(const http::url& proxy, const std::string& host, std::uint16_t port) : target_(printable(host, longest_name) + ":" + std::to_string(port)) {
        if (host.empty() || host.size() > longest_name) {
            throw invalid_request("a SOCKS 5 proxy takes host names of 1 to 255 bytes, not " + std::to_string(host.size()));
        }
        if (proxy.has_userinfo()) {
            user_ = proxy.user();
            password_ = proxy.password();
            if (user_.empty() || user_.size() > longest_name || password_.empty() || password_.size() > longest_name) {
                throw invalid_request("the user name and the password of a SOCKS 5 proxy have 1 to 255 bytes");
            }
        }
        request_ = bytes({5, 1, 0}) + address(host) + bytes({port / 256U, port % 256U});
        output_ = user_.empty() ? bytes({5, 1, no_authentication}) : bytes({5, 2, no_authentication, with_password});
    }

    std::string output() override { return std::exchange(output_, std::string()); }

    void feed(std::string_view in) override {
        input_ += in;
        while (step_ != step::done && output_.empty()) {
            const std::size_t needed = size_needed();
            if (input_.size() < needed) return;
            switch (step_) {
            case step::method:
                on_method();
                break;
            case step::password:
                if (input_[1] != 0) throw proxy_error("the SOCKS 5 proxy did not accept the user name and password in its URL");
                output_ = request_;
                step_ = step::reply;
                break;
            default:
                step_ = step::done;
            }
            input_.erase(0, needed);
        }
        if (!input_.empty()) throw proxy_error("the SOCKS 5 proxy sent bytes behind its reply");
    }

    void feed_eof() override { throw proxy_error("the SOCKS 5 proxy closed the connection during its handshake for " + target_); }
    [[nodiscard]] bool is_done() const noexcept override { return step_ == step::done; }
    [[nodiscard]] bool is_unreached() const noexcept override { return step_ == step::reply && input_.size() > 1 && byte(0) == 5 && byte(1) != 0; }

private:
    enum class step : unsigned char { method, password, reply, done };

    static std::string address(const std::string& host) {
        std::array<char, 16> binary{};
        if (::inet_pton(AF_INET, host.c_str(), binary.data()) == 1) return bytes({1}).append(binary.data(), 4);
        if (::inet_pton(AF_INET6, host.c_str(), binary.data()) == 1) return bytes({4}).append(binary.data(), 16);
        return bytes({3, static_cast<unsigned>(host.size())}) + host;
    }

    [[nodiscard]] unsigned byte(std::size_t at) const noexcept { return static_cast<unsigned char>(input_[at]); }

    // Bytes of the answer that the present step waits for, as far as that can be said; what is wrong is refused early.
    std::size_t size_needed() const {
        const unsigned version = step_ == step::password ? 1 : 5;
        if (!input_.empty() && byte(0) != version) throw proxy_error("the proxy does not speak SOCKS 5: its answer begins with " + std::to_string(byte(0)));
        if (step_ != step::reply) return 2;
        if (input_.size() > 1 && byte(1) != 0) throw proxy_error("the SOCKS 5 proxy cannot connect to " + target_ + ": " + meaning(byte(1)));
        if (input_.size() < 5) return 5;
        switch (byte(3)) {
        case 1:
            return 10;
        case 3:
            return 7 + std::size_t{byte(4)};
        case 4:
            return 22;
        default:
            throw proxy_error("the SOCKS 5 proxy replied with an address of unknown type " + std::to_string(byte(3)));
        }
    }

    void on_method() {
        const unsigned chosen = byte(1);
        if (chosen == no_authentication) {
            output_ = request_;
            step_ = step::reply;
        } else if (chosen == with_password && !user_.empty()) {
            output_ = bytes({1, static_cast<unsigned>(user_.size())}) + user_ + bytes({static_cast<unsigned>(password_.size())}) + password_;
            step_ = step::password;
        } else if (chosen == 0xFF) {
            throw proxy_error(user_.empty() ? "the SOCKS 5 proxy wants an authentication; give a user name and a password in its URL"
                                            : "the SOCKS 5 proxy accepts neither a user name with password nor none");
        } else {
            throw proxy_error("the SOCKS 5 proxy chose the authentication method " + std::to_string(chosen) + ", which was not offered");
        }
    }

    std::string target_;
    std::string user_;
    std::string password_;
    std::string request_;
    std::string output_;
    std::string input_;
    step step_ = step::method;
};

} // namespace

std::unique_ptr<tunnel_machine> make_socks5_tunnel(const http::url& proxy, const std::string& host, std::uint16_t port) {
    return std::make_unique<socks5_tunnel>(proxy, host, port);
}

} // namespace brio::inline v0::http::detail
