// SPDX-License-Identifier: BSL-1.0
// Content-Encoding of replies.
#include "http/reply_packing.hpp"

#include "http/chars.hpp"
#include "http/gzip_encoder.hpp"

#include <string>

namespace brio::inline v0::http::detail {

namespace {

bool says(const headers& fields, std::string_view name, std::string_view word) {
    bool found = false;
    for_each_list_element(fields.get_joined(name), [&](std::string_view element) { found = found || iequals(element, word) || element == "*"; });
    return found;
}

}  // namespace

bool choose_packing(reply& made, const headers& request, std::size_t from) {
    headers& fields = server_access::fields(made);
    const bool streamed = dynamic_cast<const reply_producer*>(server_access::source(made).get()) != nullptr;
    if (server_access::source(made) && !streamed) return false;
    if (made.status() < 200 || made.status() == 204 || made.status() == 206 || made.status() == 304) return false;
    if (fields.contains("Content-Encoding") || fields.contains("Content-Range") || says(fields, "Cache-Control", "no-transform")) return false;
    if (!streamed && made.body().size() < from) return false;
    if (!is_compressible(fields.get("Content-Type").value_or(""))) return false;
    if (!says(fields, "Vary", "Accept-Encoding")) fields.add("Vary", "Accept-Encoding");
    if (!accepts_gzip(request)) return false;
    fields.add("Content-Encoding", "gzip");
    fields.remove("Content-Length");
    fields.remove("Accept-Ranges");
    if (const auto etag = fields.get("ETag"); etag && !etag->starts_with("W/")) {
        const std::string weak = "W/" + std::string(*etag);  // other bytes, the same content
        fields.set("ETag", weak);
    }
    return true;
}

}  // namespace brio::inline v0::http::detail
