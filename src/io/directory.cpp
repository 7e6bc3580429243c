// SPDX-License-Identifier: BSL-1.0
// Reading directories in batches; making and removing them.
#include <brio/io/directory.hpp>

#include "io/background.hpp"
#include "io/file_type.hpp"
#include "io/posix_file.hpp"
#include "io/thread_verb.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <string_view>

namespace brio::inline v0 {

namespace detail {

namespace {

constexpr std::size_t batch_size = 512;

}  // namespace

/// A directory's descriptor and place, used by one thread at a time.
class directory_stream {
public:
    directory_stream(const char* what, std::string path) : what_(what), path_(std::move(path)) {
        unique_descriptor fd = open_path(what_, path_, O_RDONLY | O_DIRECTORY);
        stream_ = ::fdopendir(fd.get());
        if (!stream_) throw file_error(what_, path_, errno);
        static_cast<void>(fd.release());
    }
    directory_stream(const directory_stream&) = delete;
    directory_stream& operator=(const directory_stream&) = delete;
    ~directory_stream() { ::closedir(stream_); }

    /// At most `most` entries, fewer at the end only.
    [[nodiscard]] std::deque<directory_entry> read(std::size_t most) {
        std::deque<directory_entry> found;
        while (found.size() < most) {
            errno = 0;
            const dirent* const next = ::readdir(stream_);
            if (!next && errno != 0) throw file_error(what_, path_, errno);
            if (!next) break;
            const std::string_view name = next->d_name;
            if (name == "." || name == "..") continue;
            std::string path = join_path(path_, name);
            const std::size_t name_at = path.size() - name.size();
            found.emplace_back(std::move(path), name_at, type_of(*next));
        }
        return found;
    }

private:
    [[nodiscard]] file_type type_of(const dirent& entry) const noexcept {
        if (entry.d_type != DT_UNKNOWN) return type_of_mode(static_cast<unsigned>(DTTOIF(entry.d_type)));
        struct ::stat now {};  // some file systems do not say
        if (::fstatat(::dirfd(stream_), entry.d_name, &now, AT_SYMLINK_NOFOLLOW) != 0) return file_type::unknown;
        return type_of_mode(now.st_mode);
    }

    const char* what_;
    std::string path_;
    DIR* stream_ = nullptr;
};

namespace {

class directory_job final : public sequence_job {
public:
    explicit directory_job(std::shared_ptr<directory_stream> stream) noexcept : stream_(std::move(stream)) {}

    std::deque<directory_entry> found;
    std::exception_ptr error;

private:
    void call() noexcept override {
        try {
            found = stream_->read(batch_size);
        } catch (...) {
            error = std::current_exception();
        }
    }

    std::shared_ptr<directory_stream> stream_;
};

}  // namespace

class directory_state final : public sequence {
public:
    explicit directory_state(std::shared_ptr<directory_stream> stream) : stream_(std::move(stream)) {}

private:
    ~directory_state() override {
        run_in_background([stream = std::move(stream_)]() mutable { stream.reset(); });
    }

    bool serve(sequence_operation& operation) override {
        if (batch_.empty()) return at_end_;
        static_cast<directory_next&>(operation).entry_ = std::move(batch_.front());
        batch_.pop_front();
        return true;
    }

    ref<sequence_job> make_job(sequence_operation&) override {
        return ref<sequence_job>(new directory_job(stream_), adopt);
    }

    void accept(sequence_job& job, sequence_operation* operation) override {
        auto& done = static_cast<directory_job&>(job);
        if (done.error) std::rethrow_exception(done.error);
        at_end_ = done.found.size() < batch_size;
        batch_ = std::move(done.found);  // kept if nobody waits
        if (operation) serve(*operation);
    }

    std::shared_ptr<directory_stream> stream_;
    std::deque<directory_entry> batch_;
    bool at_end_ = false;
};

directory_reader open_directory_operation::resume() {
    stream opened = static_cast<thread_call_result<stream>&>(*call_).take();
    return directory_reader(ref<sequence>(new directory_state(std::move(opened)), adopt));
}

}  // namespace detail

namespace {

using namespace detail;

std::shared_ptr<directory_stream> open_now(std::string path) {
    return std::make_shared<directory_stream>("open_directory failed:", std::move(path));
}

std::vector<directory_entry> list_now(std::string path) {
    directory_stream stream("list_directory failed:", std::move(path));
    std::vector<directory_entry> all;
    for (;;) {
        std::deque<directory_entry> batch = stream.read(batch_size);
        const bool last = batch.size() < batch_size;
        std::move(batch.begin(), batch.end(), std::back_inserter(all));
        if (last) break;
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.path() < b.path(); });
    return all;
}

void make_now(std::string path, unsigned permissions) {
    if (::mkdir(path.c_str(), permissions) != 0) throw file_error("make_directory failed:", path, errno);
}

void make_all_now(std::string path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) throw file_error("make_directories failed:", path, error.value());
}

void remove_now(std::string path) {
    if (::rmdir(path.c_str()) != 0) throw file_error("remove_directory failed:", path, errno);
}

std::size_t remove_tree_now(std::string path) {
    std::error_code error;
    const auto removed = std::filesystem::remove_all(path, error);
    if (error) throw file_error("remove_tree failed:", path, error.value());
    return removed;
}

}  // namespace

open_directory_operation open_directory(std::string path, const source_location& where) {
    return open_directory_operation(make_thread_call(&open_now, std::move(path)), where);
}

thread_operation<std::vector<directory_entry>> list_directory(std::string path, const source_location& where) {
    return thread_verb("list_directory", where, &list_now, std::move(path));
}

thread_operation<void> make_directory(std::string path, unsigned permissions, const source_location& where) {
    return thread_verb("make_directory", where, &make_now, std::move(path), permissions);
}

thread_operation<void> make_directories(std::string path, const source_location& where) {
    return thread_verb("make_directories", where, &make_all_now, std::move(path));
}

thread_operation<void> remove_directory(std::string path, const source_location& where) {
    return thread_verb("remove_directory", where, &remove_now, std::move(path));
}

thread_operation<std::size_t> remove_tree(std::string path, const source_location& where) {
    return thread_verb("remove_tree", where, &remove_tree_now, std::move(path));
}

}  // namespace brio::inline v0
