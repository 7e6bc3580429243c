// SPDX-License-Identifier: BSL-1.0
// fetch without a URL.
#include "demo.hpp"

#include "sink.hpp"

#include <brio/http/server.hpp>

#include <charconv>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fetch {

namespace http = brio::http;

namespace {

constexpr std::size_t pages = 1000;

// Each page has its own text and its own length, from a few bytes to 20 KiB.
std::string page(std::size_t number) {
    std::string text;
    const std::size_t size = number * 7919 % 20'000;
    do {
        text += "This is page " + std::to_string(number) + ", byte " + std::to_string(text.size()) + ".\n";
    } while (text.size() < size);
    return text;
}

brio::awaitable<http::reply> serve(http::server_request request) {
    const std::string_view name = request.path().substr(1); // "/17" is page 17
    std::size_t number = pages;
    std::from_chars(name.data(), name.data() + name.size(), number);
    if (number >= pages) co_return http::reply(404);
    co_return http::reply::text(page(number));
}

// Compares what comes with what was sent.
class comparing_sink final : public sink {
public:
    explicit comparing_sink(std::string expected) : expected_(std::move(expected)) {}

    brio::awaitable<> write(std::string_view piece) override {
        if (expected_.compare(position_, piece.size(), piece) != 0) {
            throw std::runtime_error("the page differs from what was served, after byte " +
                                     std::to_string(position_));
        }
        position_ += piece.size();
        co_return;
    }
    brio::awaitable<> finish() override {
        if (position_ != expected_.size()) throw std::runtime_error("the page is cut short");
        co_return;
    }

private:
    std::string expected_;
    std::size_t position_ = 0;
};

} // namespace

brio::awaitable<> fetch_demo(const settings& chosen, batch& work) {
    http::server site;
    site.fallback(serve);
    site.listen(); // on a free port of this computer, in the background
    if (!chosen.quiet) {
        work.shown.say("no URL given: fetching " + std::to_string(pages) + " pages from " + site.url() +
                       ", a server in this process (fetch --help tells the rest)");
    }

    work.rows.resize(pages);
    for (std::size_t i = 0; i < pages; ++i) work.rows[i].url = site.url() + "/" + std::to_string(i);
    const sink_maker comparing = [](std::size_t job) { return std::make_unique<comparing_sink>(page(job)); };
    co_await fetch_all(chosen, work, comparing);
    co_await site.close();
}

} // namespace fetch
