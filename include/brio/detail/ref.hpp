// SPDX-License-Identifier: BSL-1.0
// ref<T>: a counted pointer to an object that counts itself (add_ref, release).
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace brio::inline v0::detail {

/// Marks a pointer whose count already includes the new owner.
struct adopt_t {};
inline constexpr adopt_t adopt{};

template <class T>
class ref {
public:
    ref() noexcept = default;
    ref(std::nullptr_t) noexcept {}
    explicit ref(T* object) noexcept : object_(object) {
        if (object_) object_->add_ref();
    }
    ref(T* object, adopt_t) noexcept : object_(object) {}
    ref(const ref& other) noexcept : ref(other.object_) {}
    ref(ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    template <class U>
        requires std::is_convertible_v<U*, T*>
    ref(const ref<U>& other) noexcept : ref(other.get()) {}
    template <class U>
        requires std::is_convertible_v<U*, T*>
    ref(ref<U>&& other) noexcept : object_(other.take()) {}
    ref& operator=(ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~ref() {
        if (object_) object_->release();
    }

    [[nodiscard]] T* get() const noexcept { return object_; }
    [[nodiscard]] T* take() noexcept { return std::exchange(object_, nullptr); }
    T* operator->() const noexcept { return object_; }
    T& operator*() const noexcept { return *object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }
    friend bool operator==(const ref& a, const ref& b) noexcept { return a.object_ == b.object_; }

private:
    T* object_ = nullptr;
};

}  // namespace brio::inline v0::detail
