// SPDX-License-Identifier: BSL-1.0
// The inside of a stream: a transport, what was read ahead of it, and what waits to be sent by it.
#pragma once

#include "io/input_buffer.hpp"
#include "io/output_queue.hpp"
#include "io/transport.hpp"

#include <brio/core/config.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/detail/timer_heap.hpp>
#include <brio/io/address.hpp>
#include <brio/io/stream.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace brio::inline v0::detail {

/// Shared by the stream, its operations, and what Asio has under way for it.
///
/// Reading is driven by demand: bytes are read when a task waits for them, into the buffer here. So a read that is cancelled
/// leaves everything where the next one finds it, and nothing is read ahead that nobody asked for. Writing sends at once what
/// the system takes, and keeps the rest; the pump sends it when the system takes more.
///
/// How it ends:
///   open      bytes go both ways
///   closing   close() was called: no more reading; the pump sends what is left, then comes the goodbye
///   broken    an error was met: nothing is sent any more; after a failed write what has arrived can still be read
///   closed    the descriptor is gone
class BRIO_API stream_state final : public stream_core, public list_hook, private timer_node {
public:
    stream_state(scheduler& sched, std::unique_ptr<transport> over, std::size_t limit);

    // Reading.

    /// Whether `reader` can go on without waiting. Throws when it may not read, and what the connection has failed with.
    bool begin_read(stream_reader& reader);
    void wait_read(stream_reader& reader);
    void leave_read(stream_reader& reader) noexcept;
    cancel_reply cancel_read(stream_reader& reader) noexcept;
    [[nodiscard]] input_buffer& input() noexcept { return input_; }
    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
    [[nodiscard]] bool at_end() noexcept;
    /// Throws the error that reading ends with, if there is one.
    void throw_read_error() const;

    // Writing.

    void write(std::string_view data);
    void write(std::span<const std::string_view> pieces);
    /// Whether a writer can go on without waiting. Throws when nothing more can be sent.
    bool may_write();
    void throw_write_error() const;
    void wait_write(waiter& writer);
    void write_eof();
    [[nodiscard]] bool can_write_eof() const noexcept { return transport_ && transport_->can_write_eof(); }
    /// Bytes that were given to the transport so far.
    [[nodiscard]] std::uint64_t given() const noexcept { return given_; }
    /// The owner has met an error.
    void sending_failed(const boost::system::error_code& ec) noexcept { write_failed(ec); }
    [[nodiscard]] std::size_t unsent() const noexcept { return is_over() ? 0 : output_.size(); }
    void set_marks(std::size_t high, std::size_t low);

    // Ending.

    void close() noexcept;
    void abort() noexcept;
    /// The loop goes: so does the transport.
    void loop_ended() noexcept;
    [[nodiscard]] bool is_closing() noexcept;
    /// It is over: `throw_end()` tells how, and nobody needs to wait.
    [[nodiscard]] bool is_over() const noexcept { return closed_ || broken_; }
    void throw_end() const;
    void wait_end(waiter& who);
    void leave_end(waiter& who) noexcept;

    // Becoming a TLS connection, and other things that want the transport for themselves.

    /// From now on writes throw, and reads unless these `may_read`. Throws when the stream ends, when something like this is
    /// going on already, or when somebody reads who may not.
    void lock(const stream_operation& who, bool may_read);
    void unlock() noexcept {
        owner_ = nullptr;
        owner_may_read_ = false;
    }
    /// A write of the owner's.
    void put(std::string_view data);
    /// Nothing is under way and nothing waits to be sent, or it is over.
    [[nodiscard]] bool is_settled() const noexcept { return ((!filling_ || owner_may_read_) && !pumping_) || is_over(); }
    void wait_settled(waiter& who) noexcept { settlers_.push_back(who); }
    /// Throws what there is to throw when the stream has ended meanwhile.
    void require_open(const char* what) const;
    /// ... when nothing more can be written.
    void require_sending(const char* what) const;
    [[nodiscard]] transport* over() const noexcept { return transport_.get(); }
    /// Puts another transport on top of the one that is there; what was read ahead is handed to `take`.
    template <class Make>
    auto& raise(Make make) {
        closed_ = true;  // should making it throw: then there is no transport any more
        auto made = make(std::move(transport_), input_.pending());
        auto& top = *made;
        input_.clear();
        transport_ = std::move(made);
        closed_ = false;
        may_be_more_ = true;
        return top;
    }
    void set_goodbye_limit(duration limit) noexcept { goodbye_limit_ = limit; }
    /// How long a closed stream may take to send what is left [for ever].
    void set_flush_limit(duration limit) noexcept { flush_limit_ = limit; }
    /// The host that was connected to.
    std::string host;

    [[nodiscard]] int native_handle() noexcept { return transport_ ? transport_->native_handle() : -1; }
    [[nodiscard]] const address& peer() const noexcept { return peer_; }
    [[nodiscard]] scheduler& sched() const noexcept { return sched_; }
    /// For people.
    [[nodiscard]] std::string peer_text() const;
    /// Throws invalid_state_error when the transport belongs to an operation.
    void require_no_owner(const char* what) const;
    /// The same when another task reads.
    void require_no_reader(const waiter& newcomer) const;

private:
    // Where Asio's completions come in. Each holds the state while something is under way.
    class fill_target final : public io_target {
    public:
        explicit fill_target(stream_state& of) noexcept : state_(of) {}
        void completed(const boost::system::error_code& ec, std::size_t bytes) noexcept override { state_.fill_done(ec, bytes); }
        void dropped() noexcept override { state_.fill_dropped(); }

    private:
        stream_state& state_;
    };
    class pump_target final : public io_target {
    public:
        explicit pump_target(stream_state& of) noexcept : state_(of) {}
        void completed(const boost::system::error_code& ec, std::size_t bytes) noexcept override { state_.pump_done(ec, bytes); }
        void dropped() noexcept override { state_.pump_dropped(); }

    private:
        stream_state& state_;
    };
    class watch_target final : public io_target {
    public:
        explicit watch_target(stream_state& of) noexcept : state_(of) {}
        void completed(const boost::system::error_code&, std::size_t) noexcept override { state_.watch_done(); }
        void dropped() noexcept override { state_.release(); }

    private:
        stream_state& state_;
    };
    class goodbye_target final : public io_target {
    public:
        explicit goodbye_target(stream_state& of) noexcept : state_(of) {}
        void completed(const boost::system::error_code& ec, std::size_t) noexcept override { state_.goodbye_done(ec); }
        void dropped() noexcept override { state_.release(); }

    private:
        stream_state& state_;
    };

    ~stream_state() override;
    void fire() noexcept override;

    [[nodiscard]] bool has_budget() noexcept;
    void use_budget(std::size_t bytes) noexcept;
    bool try_direct(stream_reader& reader);
    [[nodiscard]] bool is_answered(stream_reader& reader) noexcept;
    bool try_fill(stream_reader* reader);
    void start_fill(stream_reader& reader);
    void fill_done(const boost::system::error_code& ec, std::size_t bytes) noexcept;
    void fill_dropped() noexcept;
    void serve_reader() noexcept;
    void wake_settlers() noexcept;
    void read_ended(const boost::system::error_code& ec) noexcept;

    void require_writable(const char* what) const;
    void start_pump();
    void pump_on() noexcept;
    void pump_done(const boost::system::error_code& ec, std::size_t bytes) noexcept;
    void pump_dropped() noexcept;
    void write_failed(const boost::system::error_code& ec) noexcept;
    void all_sent() noexcept;
    void look_at_marks() noexcept;
    void turn() noexcept;
    void drop_write() noexcept;
    void drop_output() noexcept;

    void watch_done() noexcept;
    void say_goodbye() noexcept;
    [[nodiscard]] bool set_alarm(duration limit) noexcept;
    void stop_alarm() noexcept;
    void goodbye_done(const boost::system::error_code& ec) noexcept;
    void shut() noexcept;
    void wake_all() noexcept;
    [[noreturn]] void fail(const boost::system::error_code& ec, const char* what) const;

    scheduler& sched_;
    std::unique_ptr<transport> transport_;  // null once the loop has gone
    fill_target fill_{*this};
    pump_target pump_{*this};
    watch_target watch_{*this};
    goodbye_target goodbye_{*this};
    input_buffer input_;
    output_queue output_;
    std::size_t limit_;
    std::size_t high_;
    std::size_t low_;
    duration goodbye_limit_ = std::chrono::seconds(30);
    duration flush_limit_ = duration::max();
    std::size_t fill_size_ = 0;
    std::uint64_t budget_step_ = 0;
    std::uint64_t given_ = 0;
    std::int64_t budget_ = 0;
    std::uint32_t lost_writes_ = 0;
    bool filling_ = false;
    bool filling_direct_ = false;  // into memory of the reader's, which must wait for the end of that
    bool pumping_ = false;
    bool turn_posted_ = false;
    bool watching_ = false;    // for the reader of a pipe to go
    bool may_be_more_ = true;  // the last read was given all it had room for
    bool end_ = false;         // nothing more will be read
    bool paused_ = false;      // above the high mark, and not yet down to the low one
    bool eof_wanted_ = false;
    bool eof_sent_ = false;
    bool closing_ = false;
    bool goodbye_late_ = false;
    bool broken_ = false;
    bool closed_ = false;
    boost::system::error_code read_error_;
    boost::system::error_code write_error_;
    stream_reader* reader_ = nullptr;
    intrusive_list<waiter> writers_;
    intrusive_list<waiter> yielding_;  // writers that give way until the loop has looked at what has happened
    intrusive_list<waiter> closers_;
    intrusive_list<waiter> settlers_;
    const stream_operation* owner_ = nullptr;  // wants the transport for itself
    bool owner_may_read_ = false;              // ... all but the reading
    address peer_;
};

/// For those who make streams out of what they have: servers, subprocesses, tests.
class BRIO_API stream_access {
public:
    /// A stream over a connected transport, in the running loop.
    [[nodiscard]] static stream make(std::unique_ptr<transport> over, std::size_t limit = stream::default_limit);
    /// The inside; null when the stream is empty.
    [[nodiscard]] static stream_state* state(const stream& of) noexcept;
};

}  // namespace brio::inline v0::detail
