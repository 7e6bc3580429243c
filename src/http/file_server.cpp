// SPDX-License-Identifier: BSL-1.0
// Looking for files in threads.
#include "http/file_server.hpp"

#include "http/crypto.hpp"
#include "http/file_reply.hpp"
#include "http/gzip_encoder.hpp"

#include <brio/http/refusal.hpp>
#include <brio/thread/to_thread.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {

date_point wall_clock() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

// Of several ranges; nobody else needs one.
std::string boundary_for(const headers& request) { return request.contains("Range") ? random_hex(16) : std::string(); }

// What is left of a path behind so many segments, as it was sent; empty-handed when there is no slash behind them.
std::optional<std::string_view> rest_of(std::string_view path, std::size_t segments) {
    for (std::size_t i = 0; i <= segments; ++i) {
        const std::size_t slash = path.find('/');
        if (slash == path.npos) return std::nullopt;
        path.remove_prefix(slash + 1);
    }
    return path;
}

class folder_handler {
public:
    folder_handler(std::size_t depth, const std::string& folder, file_options options)
        : depth_(depth), tree_(folder), options_(std::move(options)) {}

    static awaitable<reply> serve(std::shared_ptr<const folder_handler> self, server_request request) {
        const auto rest = rest_of(request.path(), self->depth_);
        if (!rest) co_return reply::redirect(self->with_slash(request), 301);  // the prefix without its slash
        std::optional<file_path> wanted = read_file_path(*rest, self->options_.is_dotfiles());
        if (!wanted) throw refusal(404);
        file_search search;
        search.path = std::move(*wanted);
        search.index = self->options_.chosen_index();
        search.packed = self->options_.is_precompressed() && accepts_gzip(request.headers());
        search.links = self->options_.is_follow_links();
        search.content = !request.headers().contains("Range");
        const found_file found = co_await to_thread(&look, self, std::move(search));
        if (found.is_folder && !self->options_.chosen_index().empty()) co_return reply::redirect(self->with_slash(request), 301);
        if (!found.file) throw refusal(404);
        co_return make_file_reply(found, self->options_, request.method(), request.headers(), wall_clock(), boundary_for(request.headers()));
    }

private:
    static found_file look(const std::shared_ptr<const folder_handler>& self, const file_search& what) { return self->tree_.find(what); }

    // A path only: never another host, since it begins with a slash and has no empty segment.
    [[nodiscard]] std::string with_slash(const server_request& request) const {
        std::string target = std::string(request.path()) + "/";
        if (!request.query().empty()) target.append("?").append(request.query());
        return target;
    }

    std::size_t depth_;
    file_tree tree_;
    file_options options_;
};

}  // namespace

server::handler make_file_handler(std::size_t depth, const std::string& folder, file_options options) {
    const auto shared = std::make_shared<const folder_handler>(depth, folder, std::move(options));
    return [shared](server_request request) { return folder_handler::serve(shared, std::move(request)); };
}

awaitable<reply> answer_with_file(std::shared_ptr<const file_source> wanted, std::string_view method, const headers& request) {
    const bool packed = wanted->options.is_precompressed() && accepts_gzip(request);
    const found_file found = co_await to_thread(&file_tree::open_file, wanted->path, packed, !request.contains("Range"));
    if (!found.file) throw refusal(404);
    co_return make_file_reply(found, wanted->options, method, request, wall_clock(), boundary_for(request));
}

}  // namespace brio::inline v0::http::detail
