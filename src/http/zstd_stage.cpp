// SPDX-License-Identifier: BSL-1.0
// Zstandard with the 8 MiB window of RFC 9659.
#include "decoder_stage.hpp"

#include <brio/http/error.hpp>

#if defined(BRIO_WITH_ZSTD)
#include <zstd.h>

#include <new>
#endif

namespace brio::inline v0::http::detail {

#if defined(BRIO_WITH_ZSTD)
namespace {

constexpr int window_log = 23;

class zstd_stage final : public decoder_stage {
public:
    zstd_stage() : context_(ZSTD_createDCtx()) {
        if (!context_) throw std::bad_alloc();
        ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, window_log);
    }

    void reset() override {
        ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
        missing_ = 0;
        frames_ = 0;
        pending_ = false;
    }

    std::size_t run(std::string_view& in, char* out, std::size_t size) override {
        ZSTD_outBuffer to{out, size, 0};
        while (to.pos < to.size && (!in.empty() || pending_)) {
            if (missing_ == 0 && ++frames_ > max_members)
                throw decode_error("the zstd body has more than " + std::to_string(max_members) + " frames");
            ZSTD_inBuffer from{in.data(), in.size(), 0};
            missing_ = ZSTD_decompressStream(context_.get(), &to, &from);
            in.remove_prefix(from.pos);
            if (ZSTD_isError(missing_) != 0)
                throw decode_error(std::string("the zstd body is corrupt: ") + ZSTD_getErrorName(missing_));
            pending_ = missing_ != 0 && to.pos == to.size;
        }
        return to.pos;
    }

    [[nodiscard]] bool at_end() const noexcept override { return missing_ == 0; }

private:
    struct closer {
        void operator()(ZSTD_DCtx* c) const noexcept { ZSTD_freeDCtx(c); }
    };
    std::unique_ptr<ZSTD_DCtx, closer> context_;
    std::size_t missing_ = 0; // what ZSTD_decompressStream returned last: 0 at the end of a frame
    unsigned frames_ = 0;
};

} // namespace

std::unique_ptr<decoder_stage> make_zstd_stage() { return std::make_unique<zstd_stage>(); }
#else
std::unique_ptr<decoder_stage> make_zstd_stage() { return nullptr; }
#endif

} // namespace brio::inline v0::http::detail
