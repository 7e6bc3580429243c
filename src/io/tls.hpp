// SPDX-License-Identifier: BSL-1.0
// TLS as a transport over a transport: over sockets, pipes, and over TLS.
#pragma once

#include "io/input_buffer.hpp"
#include "io/output_queue.hpp"
#include "io/tls_context_state.hpp"
#include "io/transport.hpp"

#include <brio/core/config.hpp>
#include <brio/detail/ref.hpp>
#include <brio/io/error.hpp>
#include <brio/io/tls_options.hpp>

#include <boost/asio/io_context.hpp>

#include <openssl/ssl.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::detail {

/// What one connection is told.
class tls_setup {
public:
    std::shared_ptr<tls_context_state> context;
    std::string server_name;  // of a client: what the certificate must name; empty: nothing
    std::string session_key;  // of a client: whose sessions can be continued; empty: nobody's
    std::string peer;         // for people
    bool accept_truncation = false;
};

/// OpenSSL between two buffers: what has come for it and what it wants to send. Asio's ssl::stream is not used, since an
/// operation of it that was cancelled leaves it in a state in which nothing is certain; here everything that has come stays, and
/// any wait can be given up at any time.
///
/// Counted: what is under way in the transport below holds it.
class BRIO_API tls_engine {
public:
    tls_engine(boost::asio::io_context& context, std::unique_ptr<transport> lower, tls_setup setup);
    tls_engine(const tls_engine&) = delete;
    tls_engine& operator=(const tls_engine&) = delete;

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

    /// Bytes that were read from the transport before TLS began.
    void feed(std::string_view ahead) { in_.append(ahead); }
    void start_handshake(io_handler handler);
    /// ... what has come and what can be had from below without waiting.
    bool try_read(void* data, std::size_t size, io_result& result) noexcept {
        lower_is_dry_ = false;
        return read(data, size, result);
    }
    bool read(void* data, std::size_t size, io_result& result) noexcept;
    bool write(std::string_view data, io_result& result) noexcept;
    void start_read(void* data, std::size_t size, io_handler handler);
    void start_write(std::string_view data, io_handler handler);
    void start_goodbye(io_handler handler);
    void cancel() noexcept;
    void close() noexcept;
    /// The transport below goes now, whatever is under way.
    void detach() noexcept {
        lower_.reset();
        read_size_ = 0;  // the memory may be gone
    }
    [[nodiscard]] bool was_emptied() const noexcept { return lower_is_dry_ && !read_end_ && in_.empty() && lower_ && lower_->was_emptied(); }
    [[nodiscard]] bool is_quiet() noexcept;

    [[nodiscard]] bool is_established() const noexcept { return established_; }
    [[nodiscard]] transport* lower() const noexcept { return lower_.get(); }
    [[nodiscard]] SSL* native() const noexcept { return ssl_.get(); }
    [[nodiscard]] const std::string& asked_name() const noexcept { return setup_.server_name; }
    [[nodiscard]] tls_error explain(const boost::system::error_code& ec) const;

    /// For OpenSSL: a session that can be continued.
    static int keep_session(SSL* connection, SSL_SESSION* session);

private:
    class lower_target final : public io_target {
    public:
        using done = void (tls_engine::*)(const boost::system::error_code&, std::size_t) noexcept;
        lower_target(tls_engine& of, done call) noexcept : engine_(of), call_(call) {}
        void completed(const boost::system::error_code& ec, std::size_t bytes) noexcept override { (engine_.*call_)(ec, bytes); }
        void dropped() noexcept override { engine_.release(); }

    private:
        tls_engine& engine_;
        done call_;
    };
    struct free_connection {
        void operator()(SSL* one) const noexcept { SSL_free(one); }
    };

    ~tls_engine();
    void prepare_client();
    static const BIO_METHOD* method();
    static int take_input(BIO* bio, char* data, std::size_t size, std::size_t* taken);
    static int give_output(BIO* bio, const char* data, std::size_t size, std::size_t* given);

    void look_below() noexcept;
    boost::system::error_code why(int result) noexcept;
    void flush() noexcept;
    void flushed(const boost::system::error_code& ec, std::size_t bytes) noexcept;
    void fetch() noexcept;
    void fetched(const boost::system::error_code& ec, std::size_t bytes) noexcept;
    void go_on_reading(const boost::system::error_code& ec) noexcept;
    void step_handshake() noexcept;
    void step_goodbye() noexcept;
    void finish_goodbye() noexcept;
    void finish(std::optional<io_handler>& handler, const boost::system::error_code& ec, std::size_t bytes = 0) noexcept;
    void post(io_handler handler, const io_result& result);

    std::uint32_t refs_ = 0;
    boost::asio::io_context& context_;
    std::unique_ptr<transport> lower_;
    tls_setup setup_;
    std::unique_ptr<SSL, free_connection> ssl_;
    input_buffer in_;
    output_queue out_;
    lower_target fetch_target_{*this, &tls_engine::fetched};
    lower_target flush_target_{*this, &tls_engine::flushed};
    std::optional<io_handler> handshake_;
    std::optional<io_handler> goodbye_;
    std::optional<io_handler> reader_;
    std::optional<io_handler> writer_;
    void* read_data_ = nullptr;
    std::size_t read_size_ = 0;
    std::string_view write_data_;
    std::size_t fetch_size_ = 0;
    bool fetching_ = false;
    bool flushing_ = false;
    bool lower_is_dry_ = false;  // the last read of it gave less than it was asked for
    bool reader_leaves_ = false;
    bool writer_leaves_ = false;
    bool established_ = false;
    bool goodbye_sent_ = false;
    bool lower_told_ = false;  // that nothing more comes from us
    boost::system::error_code lower_error_;
    boost::system::error_code read_end_;
    boost::system::error_code write_end_;
    long verdict_ = 0;
};

class handshake_operation;

class BRIO_API tls_transport final : public transport {
public:
    tls_transport(boost::asio::io_context& context, std::unique_ptr<transport> lower, tls_setup setup)
        : engine_(new tls_engine(context, std::move(lower), std::move(setup))) {}
    ~tls_transport() override;

    void feed(std::string_view ahead) { engine_->feed(ahead); }
    /// Why the handshake failed with `ec`, or a read or write later.
    [[nodiscard]] tls_error explain(const boost::system::error_code& ec) const { return engine_->explain(ec); }
    [[nodiscard]] tls_info info() const;
    [[nodiscard]] std::string_view alpn() const noexcept;

    bool try_read(void* data, std::size_t size, io_result& result) noexcept override { return engine_->try_read(data, size, result); }
    bool try_write(std::string_view data, io_result& result) noexcept override { return engine_->write(data, result); }
    void start_read(void* data, std::size_t size, io_handler handler) override {
        engine_->start_read(data, size, std::move(handler));
    }
    void start_write(std::string_view data, io_handler handler) override { engine_->start_write(data, std::move(handler)); }
    void cancel() noexcept override { engine_->cancel(); }
    void close() noexcept override { engine_->close(); }
    [[nodiscard]] bool was_emptied() const noexcept override { return engine_->was_emptied(); }
    [[nodiscard]] bool is_quiet() noexcept override { return engine_->is_quiet(); }
    [[nodiscard]] int native_handle() noexcept override { return engine_->lower()->native_handle(); }
    [[nodiscard]] bool has_goodbye() const noexcept override { return engine_->is_established(); }
    void start_goodbye(io_handler handler) override { engine_->start_goodbye(std::move(handler)); }
    [[nodiscard]] std::exception_ptr explain_failure(const boost::system::error_code& ec, const std::string& what) const override;

private:
    friend class handshake_operation;
    ref<tls_engine> engine_;
};

/// Awaits the handshake.
class BRIO_API handshake_operation final : public io_operation {
public:
    handshake_operation(tls_transport& over, time_point deadline) noexcept : io_operation(deadline), target_(over.engine_) {}
    static bool ready() noexcept { return false; }
    [[nodiscard]] const char* describe() const noexcept override { return "a TLS handshake"; }

private:
    void start() override { target_->start_handshake(handler()); }
    void abort() noexcept override { target_->cancel(); }
    ref<tls_engine> target_;  // the transport may go with the loop before the task does
};

/// The peer ended the stream without TLS's goodbye.
[[nodiscard]] BRIO_API bool is_truncation(const boost::system::error_code& ec) noexcept;
/// An error of TLS itself, not of what is below it.
[[nodiscard]] BRIO_API bool is_tls_error(const boost::system::error_code& ec) noexcept;

}  // namespace brio::inline v0::detail
