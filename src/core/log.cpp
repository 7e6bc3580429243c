// SPDX-License-Identifier: BSL-1.0
// The log sink and its default on spdlog.
#include <brio/core/log.hpp>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <memory>
#include <mutex>
#include <utility>

namespace brio::inline v0 {

namespace {

struct sink_holder {
    std::recursive_mutex mutex;  // a sink may set another one
    std::shared_ptr<log_sink> sink;
};

thread_local bool inside_sink = false;

class calling_sink {
public:
    calling_sink() noexcept { inside_sink = true; }
    calling_sink(const calling_sink&) = delete;
    calling_sink& operator=(const calling_sink&) = delete;
    ~calling_sink() { inside_sink = false; }
};

sink_holder& holder() {
    static sink_holder* const instance = new sink_holder;  // never destroyed: objects may report at exit
    return *instance;
}

spdlog::level::level_enum to_spdlog(log_level level) {
    switch (level) {
        case log_level::debug: return spdlog::level::debug;
        case log_level::info: return spdlog::level::info;
        case log_level::warning: return spdlog::level::warn;
        case log_level::error: break;
    }
    return spdlog::level::err;
}

void log_by_default(log_level level, std::string_view message) {
    static spdlog::logger* const logger =
        new spdlog::logger("brio", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    logger->log(to_spdlog(level), spdlog::string_view_t(message.data(), message.size()));
}

}  // namespace

log_sink set_log_sink(log_sink sink) {
    auto next = sink ? std::make_shared<log_sink>(std::move(sink)) : nullptr;
    const std::lock_guard lock(holder().mutex);
    const auto before = std::exchange(holder().sink, std::move(next));
    return before ? *before : log_sink();
}

void log(log_level level, std::string_view message) noexcept {
    try {
        if (inside_sink) return log_by_default(level, message);
        const std::lock_guard lock(holder().mutex);
        const std::shared_ptr<log_sink> sink = holder().sink;  // it may replace itself
        if (!sink) return log_by_default(level, message);
        const calling_sink here;
        (*sink)(level, message);
    } catch (...) {  // a broken sink must not take the program with it
    }
}

}  // namespace brio::inline v0
