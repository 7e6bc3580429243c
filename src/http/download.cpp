// SPDX-License-Identifier: BSL-1.0
// The shell of downloads.
#include "http/download.hpp"

#include "http/call.hpp"
#include "http/chars.hpp"
#include "http/crypto.hpp"
#include "http/middleware_chain.hpp"
#include "http/options_access.hpp"
#include "http/response_data.hpp"
#include "http/retry_machine.hpp"
#include "io/background.hpp"

#include <brio/detail/scheduler.hpp>
#include <brio/thread/to_thread.hpp>

#include <algorithm>
#include <utility>

namespace brio::inline v0::http {

/// The inside of `download_options`.
struct download_access {
    static options& request(download_options& o) { return o.request_; }
    static const options& request(const download_options& o) { return o.request_; }
    static const download_options::progress_function& progress(const download_options& o) { return o.progress_; }
    static const std::string& sha256(const download_options& o) { return o.sha256_; }
    static bool resume(const download_options& o) { return o.resume_; }
};

namespace detail {

namespace {

using access = options_access;

constexpr std::size_t written_at_once = 256 * 1024;
constexpr std::size_t kept_text = 4096;

response head_of(const streaming_response& answer) {
    return response(std::make_shared<response_data>(response_access::head(answer)));
}

void write_block(const std::shared_ptr<partial_file>& to, const std::string& bytes) { to->write(bytes); }
void restart_file(const std::shared_ptr<partial_file>& file, const resume_note& note) { file->restart(note); }
void commit_file(const std::shared_ptr<partial_file>& file, const std::string& sha256) { file->commit(sha256); }
void close_file(const std::shared_ptr<partial_file>& file, const std::string& rest) { file->close(rest); }

} // namespace

download::download(std::shared_ptr<session_core> core, std::string url, std::string path, download_options opts)
    : core_(std::move(core)), url_(std::move(url)), path_(std::move(path)), opts_(std::move(opts)),
      retry_(access::retry(download_access::request(opts_), access::defaults(core_->defaults))) {
    const http::url target = core_->base ? core_->base->resolve(url_) : http::url(url_);
    name_ = target.with_query(access::query(download_access::request(opts_))).with_fragment({}).str();
}

download::~download() {
    if (file_) brio::detail::run_in_background([file = std::move(file_), rest = std::move(buffer_)]() noexcept { file->close(rest); });
}

options download::request() const {
    options made = download_access::request(opts_);
    headers& fields = access::fields(made);
    fields.remove("Accept-Encoding");
    machine_->add_fields(fields);
    made.decode(false).raise_for_status(false);
    return made;
}

awaitable<> download::open() {
    const bool hashed = !download_access::sha256(opts_).empty();
    file_ = co_await to_thread(&partial_file::open, path_, download_access::resume(opts_), hashed);
    resume_note note = file_->note();
    if (note.url != name_) note = resume_note();
    note.url = name_;
    machine_.emplace(std::move(note), file_->size());
}

void download::report() const {
    if (!download_access::progress(opts_)) return;
    download_access::progress(opts_)(download_progress(written_, machine_->note().complete, resumed_from_));
}

awaitable<> download::flush() {
    const std::size_t size = buffer_.size();
    if (size == 0) co_return;
    co_await to_thread(write_block, file_, std::exchange(buffer_, std::string()));
    written_ += size;
    report();
}

awaitable<> download::receive(streaming_response& from) {
    report();
    for (;;) {
        const auto piece = co_await from.next_chunk();
        if (!piece) break;
        if (buffer_.empty()) buffer_.reserve(written_at_once);
        buffer_ += *piece;
        if (buffer_.size() >= written_at_once) co_await flush();
    }
    co_await flush();
    machine_->check_end(written_);
}

// Some words of the server's, for the error.
awaitable<std::string> download::explanation(streaming_response& from) const {
    std::string text;
    try {
        while (text.size() < kept_text) {
            const auto piece = co_await from.next_chunk();
            if (!piece) break;
            text += piece->substr(0, kept_text - text.size());
        }
    } catch (const http::error&) { // the status is what counts
    }
    co_return text;
}

// False: once more.
awaitable<bool> download::attempt() {
    streaming_response answer = co_await stream_through(core_, "GET", url_, request());
    head_.emplace(head_of(answer));
    const unsigned status = answer.status();
    if (status >= 400 && status != 416) {
        const std::string text = co_await explanation(answer);
        throw status_error(status, answer.url().str(), text);
    }
    const resume_action action = machine_->judge(status, answer.headers(), answer.url().str(), wall_time());
    if (action == resume_action::again) co_return false;
    written_ = machine_->offset();
    resumed_from_ = std::min(resumed_from_, written_);
    if (action == resume_action::done) {
        report();
        co_return true;
    }
    if (action == resume_action::restart) co_await to_thread(restart_file, file_, machine_->note());
    co_await receive(answer);
    co_return true;
}

// After an attempt that was cut off: what is there is written, and where the next one begins is known.
std::optional<std::chrono::milliseconds> download::pause_after(const std::exception_ptr& failure) {
    if (retry_.is_off() || !head_ || !is_passing(failure) || core_->is_closed()) return std::nullopt;
    const auto pause = retry_.after_connect_error(body_kind::none, random_fraction());
    if (!pause || !core_->retries.withdraw()) return std::nullopt;
    return pause;
}

awaitable<download_result> download::run() {
    co_await open();
    resumed_from_ = machine_->offset();
    for (;;) {
        std::exception_ptr failure;
        bool done = false;
        try {
            done = co_await attempt();
        } catch (http::error& e) {
            e.attach_url(name_);
            failure = std::current_exception();
        }
        if (done) break;
        if (!failure) continue;
        const auto pause = pause_after(failure);
        if (!pause) std::rethrow_exception(failure);
        co_await flush();
        resume_note note = machine_->note();
        machine_.emplace(std::move(note), written_);
        co_await core_->sleep_until(brio::detail::scheduler::require("a download").now() + *pause);
    }
    co_await to_thread(commit_file, file_, download_access::sha256(opts_));
    file_.reset();
    co_return download_result(path_, written_, resumed_from_, std::move(*head_));
}

awaitable<> download::give_up() {
    if (!file_) co_return;
    const std::shared_ptr<partial_file> file = file_;
    co_await to_thread(close_file, file, buffer_);
    file_.reset();
}

awaitable<download_result> run_download(std::shared_ptr<session_core> core, std::string url, std::string path, download_options opts) {
    download running(std::move(core), std::move(url), std::move(path), std::move(opts));
    std::exception_ptr error;
    try {
        co_return co_await running.run();
    } catch (...) {
        error = std::current_exception();
    }
    try {
        co_await running.give_up();
    } catch (const std::exception&) { // there is an error already
    }
    std::rethrow_exception(error);
}

} // namespace detail

download_progress::download_progress(std::uint64_t bytes, std::optional<std::uint64_t> of, std::uint64_t first) noexcept
    : received(bytes), total(of), resumed_from(first) {}

std::optional<unsigned> download_progress::percent() const noexcept {
    if (!total) return std::nullopt;
    if (received >= *total) return 100U;
    return static_cast<unsigned>(static_cast<double>(received) * 100.0 / static_cast<double>(*total));
}

download_options::download_options() = default;

download_options& download_options::request(options of_request) {
    request_ = std::move(of_request);
    return *this;
}
download_options& download_options::resume(bool on) {
    resume_ = on;
    return *this;
}
download_options& download_options::progress(progress_function called) {
    progress_ = std::move(called);
    return *this;
}
download_options& download_options::sha256(std::string hexadecimal) {
    for (char& c : hexadecimal) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    }
    if (hexadecimal.size() != 64 || hexadecimal.find_first_not_of("0123456789abcdef") != hexadecimal.npos) {
        throw invalid_request("a SHA-256 has 64 hexadecimal digits, not '" + detail::printable(hexadecimal) + "'");
    }
    sha256_ = std::move(hexadecimal);
    return *this;
}

download_result::download_result(std::string path, std::uint64_t size, std::uint64_t resumed_from, response head)
    : path_(std::move(path)), size_(size), resumed_from_(resumed_from), head_(std::move(head)) {}

checksum_error::checksum_error(const std::string& expected, const std::string& actual)
    : error(http::phase::body, "the download has the SHA-256 " + actual + " in place of " + expected + "; it was removed"),
      sums_(std::make_shared<const std::pair<std::string, std::string>>(expected, actual)) {}
checksum_error::~checksum_error() = default;

} // namespace brio::inline v0::http
