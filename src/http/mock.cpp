// SPDX-License-Identifier: BSL-1.0
// What a mock is told, and what becomes of its replies.
#include <brio/http/mock.hpp>

#include "http/mock_transport.hpp"
#include "http/response_writer.hpp"

#include <brio/http/error.hpp>

#include <algorithm>
#include <utility>

namespace brio::inline v0::http {

mock_request::mock_request(std::string method, http::url url, http::headers headers, std::string body)
    : method_(std::move(method)), url_(std::move(url)), headers_(std::move(headers)), body_(std::move(body)) {}

mock_reply::mock_reply(unsigned status, std::string body) : body_(std::move(body)), status_(status) {
    if (status < 200 || status > 999) throw invalid_request("a mock cannot reply with the status " + std::to_string(status));
}
mock_reply mock_reply::raw(std::string bytes) {
    mock_reply reply(200, std::move(bytes));
    reply.status_ = 0;
    return reply;
}
mock_reply mock_reply::never() {
    mock_reply reply;
    reply.never_ = true;
    return reply;
}
mock_reply& mock_reply::header(std::string_view name, std::string_view value) {
    fields_.add(name, value);
    return *this;
}
mock_reply& mock_reply::delay(duration time) {
    delay_ = time;
    return *this;
}
mock_reply& mock_reply::pieces(std::size_t bytes, duration pause) {
    piece_ = bytes;
    pause_ = pause;
    return *this;
}
mock_reply& mock_reply::cut(std::size_t bytes) {
    cut_ = bytes;
    close_ = true;
    return *this;
}
mock_reply& mock_reply::close() {
    close_ = true;
    return *this;
}
mock_reply& mock_reply::reset() {
    close_ = reset_ = true;
    return *this;
}

mock::mock(handler answer) : state_(std::make_shared<detail::mock_state>(std::move(answer))) {}
mock::mock(const mock&) noexcept = default;
mock& mock::operator=(const mock&) noexcept = default;
mock::~mock() = default;

const std::vector<mock_request>& mock::requests() const noexcept { return state_->requests; }
std::size_t mock::connections() const noexcept { return state_->connections; }
void mock::refuse_connections(bool on) { state_->refuses = on; }

namespace detail {

std::unique_ptr<brio::detail::transport> mock_state::connect(const std::shared_ptr<mock_state>& self, const http::url& target) {
    if (refuses) throw connect_error(phase::connect, "cannot connect to " + std::string(target.authority()) + ": the mock refuses");
    auto made = std::make_unique<mock_transport>(self, std::string(target.origin()));
    ++connections;
    return made;
}

mock_state::delivery mock_state::deliver(const mock_request& request) {
    const mock_reply reply = answer(request);
    delivery out{std::string(), reply.piece_, reply.delay_, reply.pause_, reply.close_, reply.reset_};
    if (reply.never_) return out;
    if (reply.status_ == 0) {
        out.bytes = reply.body_;
    } else {
        response_spec spec{.status = reply.status_, .fields = reply.fields_};
        spec.body = body_plan::sized(reply.body_.size());
        spec.head_request = request.method() == "HEAD";
        spec.keep_alive = !reply.close_;
        if (write_response_head(out.bytes, spec).send_body) out.bytes += reply.body_;
    }
    out.bytes.resize(std::min(out.bytes.size(), reply.cut_));
    return out;
}

} // namespace detail

} // namespace brio::inline v0::http
