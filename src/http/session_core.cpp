// SPDX-License-Identifier: BSL-1.0
// State of a session.
#include "http/session_core.hpp"

#include "http/options_access.hpp"
#include "http/proxy_rules.hpp"
#include "http/ws_connection.hpp"

#include <brio/compose/wait_for.hpp>
#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/version.hpp>
#include <brio/detail/services.hpp>
#include <brio/http/error.hpp>
#include <brio/io/error.hpp>

#include <algorithm>
#include <atomic>
#include <set>
#include <vector>

#include <pthread.h>

namespace brio::inline v0::http::detail {

namespace {

using access = options_access;

tls_context context_of(const session_options& o, bool shows_certificate = true) {
    if (access::tls(o)) return *access::tls(o);
    try {
        tls_context made = tls_context::client();
        made.alpn(std::vector<std::string>(1, "http/1.1"));
        if (!access::ca_file(o).empty()) made.ca_file(access::ca_file(o));
        if (!access::extra_ca_file(o).empty()) made.extra_ca_file(access::extra_ca_file(o));
        if (shows_certificate && !access::certificate_file(o).empty()) made.certificate(access::certificate_file(o), access::key_file(o));
        if (!access::verify(o)) made.verify(false);
        return made;
    } catch (const brio::tls_error& e) {
        throw tls_error(e.what(), e.reason());
    }
}

// How often this process and those before it have forked since the first call.
unsigned forks() noexcept {
    static std::atomic<unsigned> count{0};
    [[maybe_unused]] static const int registered = ::pthread_atfork(nullptr, nullptr, [] { ++count; });
    return count;
}

// Loading the system's authorities takes milliseconds: plain sessions do without, until they need it.
bool must_check_now(const session_options& o) {
    return !access::ca_file(o).empty() || !access::extra_ca_file(o).empty() ||
           !access::certificate_file(o).empty() || !access::verify(o);
}

std::exception_ptr session_end() noexcept {
    try {
        return std::make_exception_ptr(session_closed("the session of this WebSocket was closed"));
    } catch (...) {
        return std::current_exception();
    }
}

} // namespace

/// The sessions of a loop: those that outlive it lose their connections before it goes.
class session_core::registry final : public brio::detail::loop_service {
public:
    static const char key;
    explicit registry(loop&) noexcept {}
    // The tasks of the loop have gone, its io_context goes next.
    ~registry() override {
        for (session_core* const member : members) member->forget_loop();
    }

    void shutdown() noexcept override {
        for (session_core* const member : members) member->detach();
    }

    std::set<session_core*> members;
};

const char session_core::registry::key = 0;

session_core::session_core(session_options given)
    : defaults(std::move(given)), cookies(access::cookies(defaults)) {
    if (const std::string& text = access::base_url(defaults); !text.empty()) {
        base.emplace(text);
        if (base->path().back() != '/') {
            throw invalid_url("the base URL '" + base->str() +
                              "' must end with '/': its last part would be lost");
        }
    }
    if (access::rate(defaults) > 0) rate.emplace(access::rate(defaults), access::rate_period(defaults));
    if (const auto& path = access::netrc(defaults)) logins = load_netrc(*path);
    if (access::tls(defaults) && (access::tls(defaults)->is_server() || must_check_now(defaults))) {
        throw invalid_request("session_options.tls() needs a context for clients, and no ca_file, extra_ca_file, client_certificate or verify beside it");
    }
    if (must_check_now(defaults)) tls_.emplace(context_of(defaults));
}

const tls_context& session_core::tls() {
    if (!tls_) tls_.emplace(context_of(defaults));
    return *tls_;
}

const tls_context& session_core::proxy_tls() {
    if (access::certificate_file(defaults).empty()) return tls();
    if (!proxy_tls_) proxy_tls_.emplace(context_of(defaults, false));
    return *proxy_tls_;
}

const std::shared_ptr<mock_state>& session_core::mocked() const noexcept { return access::mocked(defaults); }
const http::tracer& session_core::tracer() const noexcept { return access::tracer(defaults); }
const std::vector<std::string>& session_core::pins() const noexcept { return access::pins(defaults); }

brio::detail::connect_plan session_core::connect_how() const {
    brio::detail::connect_plan plan;
    plan.keep_alive = false;  // most calls are over before it has something to say: see connection::may_be_silent
    if (const auto& local = access::local_address(defaults)) plan.local.emplace(local->data(), local->size());
    return plan;
}

const std::string& session_core::unix_socket() const noexcept { return access::unix_socket(defaults); }

const http::url* session_core::proxy_for(const http::url& target) const {
    if (!unix_socket().empty() || mocked()) return nullptr;
    const auto& rules = access::proxies(defaults);
    return rules ? rules->find(target) : nullptr;
}

std::string_view session_core::user_agent() const noexcept {
    static const std::string own = "brio/" + std::to_string(BRIO_VERSION_MAJOR) + "." + std::to_string(BRIO_VERSION_MINOR);
    const std::string& given = access::user_agent(defaults);
    return given.empty() ? own : given;
}

pool& session_core::connections() {
    if (sched_ && forks_ != forks()) {
        throw loop_error("this HTTP session was used before fork(): its connections are the parent's; make a session in the child");
    }
    if (closed_) throw session_closed("the session is closed");
    brio::detail::scheduler& running = brio::detail::scheduler::require("an HTTP request");
    if (!pool_) {
        pool_machine::limits limits;
        limits.total = access::limit(defaults);
        limits.per_host = access::limit_per_host(defaults);
        pool_ = std::make_unique<pool>(running, limits, access::keep_alive(defaults));
        sched_ = &running;
        forks_ = forks();
        loop& owner = get_running_loop();
        registry_ = &brio::detail::service_of<registry>(owner, owner.services());
        registry_->members.insert(this);
    } else if (sched_ != &running) {
        throw loop_error("this HTTP session belongs to another event loop: make one session per loop");
    }
    return *pool_;
}

session_core::~session_core() {
    if (registry_) registry_->members.erase(this);
}

void session_core::detach() noexcept {
    closed_ = true;
    pool_->detach();
}

void session_core::forget_loop() noexcept {
    registry_ = nullptr;
    pool_->destroy_connections();
}

awaitable<> session_core::sleep_until(std::chrono::steady_clock::time_point when) {
    const auto now = brio::detail::scheduler::require("an HTTP request").now();
    try {
        co_await wait_for(closing_.wait(), std::max(when - now, std::chrono::steady_clock::duration::zero()));
    } catch (const timeout_error&) {
        co_return;
    }
    throw session_closed("the session was closed while the request waited");
}

void session_core::adopt(const std::shared_ptr<ws_connection>& made) {
    if (closed_) throw session_closed("the session was closed while the WebSocket was opened");
    if (websockets_.size() == websockets_.capacity()) {
        std::erase_if(websockets_, [](const auto& one) { return one.expired(); });
        websockets_.reserve(2 * websockets_.size() + 8);  // not to look again for each one
    }
    websockets_.push_back(made);
}

void session_core::close() noexcept {
    if (closed_) return;
    closed_ = true;
    for (const task_handle& item : connecting) item.cancel("the session is closed");
    closing_.set();
    if (pool_) pool_->close();
    for (const auto& one : std::exchange(websockets_, {})) {
        if (const auto open = one.lock()) open->hang_up(ws_code::going_away, session_end());
    }
}

pool_machine::statistics session_core::stats() const noexcept {
    return pool_ ? pool_->stats() : pool_machine::statistics();
}

} // namespace brio::inline v0::http::detail
