// SPDX-License-Identifier: BSL-1.0
// Workloads with processes: w15 starts /bin/true and waits for it, w16 sends 1 MiB after the other through cat.
#pragma once

#include "harness.hpp"

#include <brio/compose/gather.hpp>
#include <brio/core/run.hpp>
#include <brio/process/subprocess.hpp>

#include <string>
#include <vector>

namespace bench {

inline brio::awaitable<> start_programs(long count, long& ended_well) {
    for (long i = 0; i < count; ++i) {
        brio::process child = co_await brio::create_subprocess_exec("/bin/true");
        if (co_await child.wait() == 0) ++ended_well;
    }
}

inline void processes(context& c, int at_once) {
    long ended_well = 0;
    std::vector<brio::awaitable<>> all;
    for (int i = 0; i < at_once; ++i) all.push_back(start_programs(c.n / at_once, ended_well));
    const auto body = [&]() -> brio::awaitable<> {
        c.start();
        co_await brio::gather(std::move(all));
        c.stop();
    };
    brio::run(body);
    check("exits", ended_well, c.n);
}

inline void w15a(context& c) { processes(c, 1); }
inline void w15b(context& c) { processes(c, 8); }

inline void w16(context& c) {
    const std::size_t total = static_cast<std::size_t>(c.n) << 20;
    std::string sent(total, 'x');
    std::size_t received = 0;
    const auto body = [&]() -> brio::awaitable<> {
        c.start();
        brio::command cat("/bin/cat");
        cat.stdin_from(brio::stdio::pipe).stdout_to(brio::stdio::pipe);
        brio::process child = co_await brio::create_subprocess_exec(cat);
        const brio::process_output output = co_await child.communicate(std::move(sent));
        c.stop();
        received = output.out->size();
    };
    brio::run(body);
    check("bytes", static_cast<long>(received), static_cast<long>(total));
    c.note("MiB_per_s", static_cast<double>(c.n) / c.wall);
}

}  // namespace bench
