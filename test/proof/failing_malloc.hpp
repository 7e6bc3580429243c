// SPDX-License-Identifier: BSL-1.0
// failing_malloc: memory that runs out on demand. failing_malloc.cpp replaces malloc for the whole program.
#pragma once

namespace brio_test {

/// 0: all succeed. The n-th allocation of this thread from now on fails, that one alone; then it is 0 again.
extern constinit thread_local int countdown;
/// One has failed. Set back by whoever wants to know.
extern constinit thread_local bool failed;
/// While it is true, those after that one fail as well, and `countdown` stays at 1.
extern constinit thread_local bool failing_lasts;
/// Says which allocations count; null: all.
using allocation_filter = bool (*)() noexcept;
extern constinit thread_local allocation_filter failing_counts;

}  // namespace brio_test
