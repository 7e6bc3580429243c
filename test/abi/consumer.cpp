// SPDX-License-Identifier: BSL-1.0
// A program of two units would do the same: including any public header is enough to refer to the sentinel.
#include <brio/core/error.hpp>

int main() {}
