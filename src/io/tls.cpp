// SPDX-License-Identifier: BSL-1.0
// The TLS engine: bytes through OpenSSL.
#include "io/tls.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <utility>

namespace brio::inline v0::detail {

namespace {

// So much is encrypted before the next look at whether it can be sent: some records at once, for one system call.
constexpr std::size_t most_per_write = 64 * 1024;

int engine_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

boost::system::error_code tls_code(unsigned long code) noexcept {
    return {static_cast<int>(code), boost::asio::error::get_ssl_category()};
}

}  // namespace

bool is_truncation(const boost::system::error_code& ec) noexcept { return ec == boost::asio::ssl::error::stream_truncated; }

bool is_tls_error(const boost::system::error_code& ec) noexcept {
    return ec.category() == boost::asio::error::get_ssl_category() || ec.category() == boost::asio::ssl::error::get_stream_category();
}

tls_engine::tls_engine(boost::asio::io_context& context, std::unique_ptr<transport> lower, tls_setup setup)
    : context_(context), lower_(std::move(lower)), setup_(std::move(setup)) {
    setup_.context->complete();
    ssl_.reset(SSL_new(setup_.context->native()));
    BIO* const bio = ssl_ ? BIO_new(method()) : nullptr;
    if (!bio) throw std::bad_alloc();
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(native(), bio, bio);
    SSL_set_ex_data(native(), engine_index(), this);
    if (setup_.context->server) {
        SSL_set_accept_state(native());
    } else {
        prepare_client();
    }
}

tls_engine::~tls_engine() {
    // Without this OpenSSL takes the connection for broken and forgets the session.
    SSL_set_shutdown(native(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

int tls_engine::keep_session(SSL* connection, SSL_SESSION* session) {
    auto* const self = static_cast<tls_engine*>(SSL_get_ex_data(connection, engine_index()));
    if (!self || !self->setup_.context->resumption || self->setup_.session_key.empty() || !SSL_SESSION_is_resumable(session)) return 0;
    self->setup_.context->remember(self->setup_.session_key, session);
    return 1;  // the reference is ours now
}

// OpenSSL's side of the two buffers.

const BIO_METHOD* tls_engine::method() {
    static const BIO_METHOD* const one = [] {
        BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "brio transport");
        BIO_meth_set_read_ex(made, &take_input);
        BIO_meth_set_write_ex(made, &give_output);
        BIO_meth_set_ctrl(made, [](BIO* bio, int command, long, void*) -> long {
            const auto* const self = static_cast<tls_engine*>(BIO_get_data(bio));
            if (command == BIO_CTRL_FLUSH) return 1;
            return command == BIO_CTRL_EOF && self->in_.empty() && self->lower_error_ == boost::asio::error::eof ? 1 : 0;
        });
        return made;
    }();
    return one;
}

// No exception may leave these two: OpenSSL is C.
int tls_engine::take_input(BIO* bio, char* data, std::size_t size, std::size_t* taken) {
    auto& self = *static_cast<tls_engine*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (self.in_.empty() && !self.lower_error_ && !self.lower_is_dry_ && !self.fetching_ && self.lower_) self.look_below();
    *taken = std::min(size, self.in_.size());
    self.in_.take(data, *taken);
    if (*taken > 0) return 1;
    if (!self.lower_error_) BIO_set_retry_read(bio);
    return 0;
}

void tls_engine::look_below() noexcept {
    try {
        io_result step;
        char* const room = in_.room(0);
        const std::size_t asked = in_.room_size();
        const bool done = lower_->try_read(room, asked, step);
        lower_is_dry_ = !done || step.bytes < asked;
        if (step.bytes > 0) in_.filled(step.bytes);
        if (done && step.ec) lower_error_ = step.ec;
    } catch (const std::bad_alloc&) {
        lower_error_ = boost::asio::error::no_memory;
    }
}

// Everything is taken: how much that may be is limited by how much is given to OpenSSL.
int tls_engine::give_output(BIO* bio, const char* data, std::size_t size, std::size_t* given) {
    auto& self = *static_cast<tls_engine*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    try {
        self.out_.append(std::string_view(data, size));
    } catch (const std::bad_alloc&) {
        self.write_end_ = boost::asio::error::no_memory;
        return 0;
    }
    *given = size;
    return 1;
}

// After a call that did not succeed: no error when it is only a matter of more bytes.
boost::system::error_code tls_engine::why(int result) noexcept {
    switch (SSL_get_error(native(), result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE: return {};
        case SSL_ERROR_ZERO_RETURN: return boost::asio::error::eof;
        default: break;
    }
    const unsigned long code = ERR_peek_error();
    ERR_clear_error();
    if (lower_error_ && lower_error_ != boost::asio::error::eof) return lower_error_;
    if (code != 0 && ERR_GET_REASON(code) != SSL_R_UNEXPECTED_EOF_WHILE_READING) return tls_code(code);
    if (lower_error_ != boost::asio::error::eof) return write_end_ ? write_end_ : tls_code(code);
    if (established_ && setup_.accept_truncation) return boost::asio::error::eof;
    return boost::asio::ssl::error::stream_truncated;
}

// Below: sending.

void tls_engine::flush() noexcept {
    if (flushing_ || !lower_) return;
    try {
        while (!out_.empty()) {
            const std::string_view front = out_.front();
            io_result step;
            if (lower_->try_write(front, step)) {
                if (step.ec) {
                    write_end_ = step.ec;
                    out_.clear();
                    break;
                }
                out_.sent(step.bytes);
                if (step.bytes == front.size()) continue;
            }
            flushing_ = true;
            add_ref();
            lower_->start_write(out_.front(), io_handler(flush_target_));
            return;
        }
    } catch (const std::bad_alloc&) {
        write_end_ = boost::asio::error::no_memory;
    }
}

void tls_engine::flushed(const boost::system::error_code& ec, std::size_t bytes) noexcept {
    flushing_ = false;
    out_.sent(bytes);
    if (ec && ec != boost::asio::error::operation_aborted) {
        write_end_ = ec;
        out_.clear();
    }
    flush();  // an aborted one was a reader's that has left
    if (writer_ && std::exchange(writer_leaves_, false)) {
        finish(writer_, boost::asio::error::operation_aborted);
    } else if (writer_ && !flushing_) {
        io_result step;
        if (write(write_data_, step)) finish(writer_, step.ec, step.bytes);
    }
    if (goodbye_) step_goodbye();
    release();
}

bool tls_engine::write(std::string_view data, io_result& result) noexcept {
    if (flushing_) return false;
    result = io_result{write_end_, 0};
    if (write_end_) return true;
    while (!data.empty() && result.bytes < most_per_write) {
        ERR_clear_error();
        std::size_t n = 0;
        const int done = SSL_write_ex(native(), data.data(), data.size(), &n);
        if (done != 1) {
            write_end_ = why(done);
            // Nothing that we allow makes a write wait for the peer.
            if (!write_end_) write_end_ = boost::asio::ssl::error::unexpected_result;
            result.ec = write_end_;
            break;
        }
        result.bytes += n;
        data.remove_prefix(n);
    }
    flush();
    return true;
}

void tls_engine::start_write(std::string_view data, io_handler handler) {
    io_result step;
    if (write(data, step)) return post(std::move(handler), step);
    write_data_ = data;
    writer_.emplace(std::move(handler));
}

// Below: receiving.

bool tls_engine::read(void* data, std::size_t size, io_result& result) noexcept {
    std::size_t got = 0;
    while (got < size && !read_end_) {
        ERR_clear_error();
        std::size_t n = 0;
        const int done = SSL_read_ex(native(), static_cast<char*>(data) + got, size - got, &n);
        got += n;
        if (done == 1) continue;
        read_end_ = why(done);
        break;
    }
    if (!out_.empty()) flush();  // an answer to an update of keys, an alert
    if (got == 0 && !read_end_ && size > 0) return false;
    result = io_result{{}, got};
    if (got == 0) result.ec = read_end_;
    return true;
}

void tls_engine::start_read(void* data, std::size_t size, io_handler handler) {
    io_result step;
    const bool was_dry = std::exchange(lower_is_dry_, true);  // Asio looks by itself
    const bool done = read(data, size, step);
    lower_is_dry_ = was_dry;
    if (done) return post(std::move(handler), step);
    if (reader_) {  // who read before: nobody may wait for ever
        io_handler before = std::move(*reader_);
        post(std::move(before), io_result{boost::asio::error::operation_aborted, 0});
    }
    reader_leaves_ = false;
    read_data_ = data;
    read_size_ = size;
    reader_.emplace(std::move(handler));
    fetch();
    if (fetching_) return;
    io_handler unserved = std::move(*reader_);
    reader_.reset();
    post(std::move(unserved), io_result{lower_error_, 0});
}

void tls_engine::fetch() noexcept {
    if (fetching_ || !lower_) return;
    try {
        char* const room = in_.room(0);
        fetch_size_ = in_.room_size();
        fetching_ = true;
        add_ref();
        lower_->start_read(room, fetch_size_, io_handler(fetch_target_));
    } catch (const std::bad_alloc&) {
        fetching_ = false;
        lower_error_ = boost::asio::error::no_memory;
    }
}

void tls_engine::fetched(const boost::system::error_code& ec, std::size_t bytes) noexcept {
    fetching_ = false;
    lower_is_dry_ = bytes < fetch_size_;
    if (bytes > 0) in_.filled(bytes);
    if (ec && ec != boost::asio::error::operation_aborted) lower_error_ = ec;
    go_on_reading(ec);
    release();
}

void tls_engine::go_on_reading(const boost::system::error_code& ec) noexcept {
    if (handshake_) {
        if (std::exchange(reader_leaves_, false)) return finish(handshake_, boost::asio::error::operation_aborted);
        return step_handshake();
    }
    if (reader_) {
        io_result step;
        if (read(read_data_, read_size_, step)) {
            reader_leaves_ = false;
            finish(reader_, step.ec, step.bytes);
        } else if (std::exchange(reader_leaves_, false) || !lower_) {
            finish(reader_, ec ? ec : boost::system::error_code(boost::asio::error::operation_aborted));
        } else {
            fetch();
            if (!fetching_) finish(reader_, lower_error_);
        }
    }
    if (goodbye_) step_goodbye();
}

// Handshake and goodbye.

void tls_engine::start_handshake(io_handler handler) {
    handshake_.emplace(std::move(handler));
    boost::asio::post(context_, [self = ref<tls_engine>(this)] {
        if (self->handshake_ && !self->fetching_) self->go_on_reading({});
    });
}

void tls_engine::step_handshake() noexcept {
    ERR_clear_error();
    lower_is_dry_ = true;  // Asio looks by itself
    const int done = SSL_do_handshake(native());
    boost::system::error_code ec;
    if (done == 1) {
        established_ = true;
    } else {
        ec = why(done);
        verdict_ = SSL_get_verify_result(native());
    }
    flush();
    if (done != 1 && !ec && write_end_) ec = write_end_;
    if (done == 1 || ec) return finish(handshake_, ec);
    if (!lower_) return finish(handshake_, boost::asio::error::operation_aborted);
    fetch();
    if (!fetching_) finish(handshake_, boost::asio::error::no_memory);
}

void tls_engine::start_goodbye(io_handler handler) {
    goodbye_.emplace(std::move(handler));
    boost::asio::post(context_, [self = ref<tls_engine>(this)] { self->step_goodbye(); });
}

// Ours is sent, then the peer's is waited for: who closes while bytes are still coming resets the connection, and the peer
// loses what it has not read yet.
void tls_engine::step_goodbye() noexcept {
    if (!goodbye_ || reader_) return;
    if (!lower_ || write_end_) return finish(goodbye_, write_end_);
    if (!goodbye_sent_) {
        goodbye_sent_ = true;
        ERR_clear_error();
        SSL_shutdown(native());
        ERR_clear_error();
        flush();
    }
    if (flushing_) return;
    if (write_end_) return finish(goodbye_, write_end_);
    if (!std::exchange(lower_told_, true) && lower_->can_write_eof()) {
        if (lower_->write_eof()) return finish_goodbye();
    }
    std::array<char, 4096> unwanted;
    io_result step;
    for (int i = 0; i < 64 && read(unwanted.data(), unwanted.size(), step); ++i) {
        if (step.ec) return finish_goodbye();
    }
    fetch();
    if (!fetching_) finish_goodbye();
}

void tls_engine::finish_goodbye() noexcept {
    if (!lower_ || !lower_->has_goodbye()) return finish(goodbye_, {});
    io_handler handler = std::move(*goodbye_);
    goodbye_.reset();
    try {
        lower_->start_goodbye(std::move(handler));
    } catch (const std::bad_alloc&) {  // the handler has been dropped, which ends the wait as well
    }
}

void tls_engine::finish(std::optional<io_handler>& handler, const boost::system::error_code& ec, std::size_t bytes) noexcept {
    io_handler taken = std::move(*handler);
    handler.reset();
    taken(ec, bytes);
}

void tls_engine::post(io_handler handler, const io_result& result) {
    boost::asio::post(context_, [h = std::move(handler), result]() mutable { h(result.ec, result.bytes); });
}

void tls_engine::cancel() noexcept {
    if (!lower_) return;
    reader_leaves_ = reader_.has_value() || handshake_.has_value();
    writer_leaves_ = writer_.has_value();
    lower_->cancel();
}

void tls_engine::close() noexcept {
    if (!lower_) return;
    reader_leaves_ = reader_.has_value() || handshake_.has_value();
    writer_leaves_ = writer_.has_value();
    if (!write_end_) write_end_ = boost::asio::error::operation_aborted;
    if (!flushing_) out_.clear();
    lower_->close();
}

bool tls_engine::is_quiet() noexcept {
    if (read_end_) return false;
    ERR_clear_error();
    lower_is_dry_ = false;
    char probe = 0;
    std::size_t n = 0;
    const int done = SSL_peek_ex(native(), &probe, 1, &n);
    if (done == 1) return false;
    read_end_ = why(done);
    return !read_end_;
}

tls_transport::~tls_transport() { engine_->detach(); }

std::exception_ptr tls_transport::explain_failure(const boost::system::error_code& ec, const std::string& what) const {
    return is_tls_error(ec) ? std::make_exception_ptr(engine_->explain(ec)) : transport::explain_failure(ec, what);
}

}  // namespace brio::inline v0::detail
