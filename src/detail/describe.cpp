// SPDX-License-Identifier: BSL-1.0
// Texts about places and exceptions.
#include <brio/detail/describe.hpp>

#include <brio/core/error.hpp>

#include <boost/core/demangle.hpp>

#include <string_view>
#include <typeinfo>

namespace brio::inline v0::detail {

std::string describe(const source_location& where) {
    if (where.line() == 0) return "an unknown place";
    std::string_view file = where.file_name();
    if (const auto slash = file.rfind('/'); slash != file.npos) file.remove_prefix(slash + 1);
    return std::string(file) + ":" + std::to_string(where.line());
}

namespace {

// The type as users write it: without the inline namespace.
std::string type_name(const std::exception& error) {
    constexpr std::string_view versioned = "brio::v0::";
    std::string name = boost::core::demangle(typeid(error).name());
    if (name.starts_with(versioned)) name.erase(4, 4);
    return name;
}

}  // namespace

std::string describe(const std::exception_ptr& error) {
    if (!error) return "no error";
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return type_name(e) + ": " + e.what();
    } catch (const cancelled_error& e) {
        return e.message().empty() ? "brio::cancelled_error" : "brio::cancelled_error: " + e.message();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

}  // namespace brio::inline v0::detail
