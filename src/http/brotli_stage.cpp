// SPDX-License-Identifier: BSL-1.0
// Brotli. The large-window extension stays off, so a stream needs 16 MiB at most.
#include "decoder_stage.hpp"

#include <brio/http/error.hpp>

#if defined(BRIO_WITH_BROTLI)
#include <brotli/decode.h>

#include <new>
#endif

namespace brio::inline v0::http::detail {

#if defined(BRIO_WITH_BROTLI)
namespace {

class brotli_stage final : public decoder_stage {
public:
    // The library cannot reset a decoder: a new one is made when the first byte arrives.
    void reset() override {
        decoder_.reset();
        ended_ = pending_ = false;
    }

    std::size_t run(std::string_view& in, char* out, std::size_t size) override {
        if (!decoder_) {
            if (in.empty()) return 0;
            decoder_.reset(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr));
            if (!decoder_) throw std::bad_alloc();
        }
        if (ended_) {
            if (!in.empty()) throw decode_error("there is data behind the end of the br body");
            return 0;
        }
        auto room = size;
        auto* to = reinterpret_cast<std::uint8_t*>(out);
        while (room > 0) {
            auto left = in.size();
            const auto* from = reinterpret_cast<const std::uint8_t*>(in.data());
            const auto rc = BrotliDecoderDecompressStream(decoder_.get(), &left, &from, &room, &to, nullptr);
            in.remove_prefix(in.size() - left);
            pending_ = rc == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
            if (rc == BROTLI_DECODER_RESULT_ERROR)
                throw decode_error(std::string("the br body is corrupt: ") +
                                   BrotliDecoderErrorString(BrotliDecoderGetErrorCode(decoder_.get())));
            if (rc == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) break;
            if (rc == BROTLI_DECODER_RESULT_SUCCESS) {
                ended_ = true;
                if (!in.empty()) throw decode_error("there is data behind the end of the br body");
                break;
            }
        }
        return size - room;
    }

    [[nodiscard]] bool at_end() const noexcept override { return !decoder_ || ended_; }

private:
    struct closer {
        void operator()(BrotliDecoderState* s) const noexcept { BrotliDecoderDestroyInstance(s); }
    };
    std::unique_ptr<BrotliDecoderState, closer> decoder_;
    bool ended_ = false;
};

} // namespace

std::unique_ptr<decoder_stage> make_brotli_stage() { return std::make_unique<brotli_stage>(); }
#else
std::unique_ptr<decoder_stage> make_brotli_stage() { return nullptr; }
#endif

} // namespace brio::inline v0::http::detail
