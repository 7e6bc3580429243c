// SPDX-License-Identifier: BSL-1.0
// Everything of brio but HTTP.
#pragma once

#include <brio/compose/as_completed.hpp>
#include <brio/compose/gather.hpp>
#include <brio/compose/race.hpp>
#include <brio/compose/shield.hpp>
#include <brio/compose/timeout.hpp>
#include <brio/compose/wait.hpp>
#include <brio/compose/wait_for.hpp>
#include <brio/compose/with_timeout.hpp>
#include <brio/core/awaitable.hpp>
#include <brio/core/build_info.hpp>
#include <brio/core/context.hpp>
#include <brio/core/context_var.hpp>
#include <brio/core/error.hpp>
#include <brio/core/log.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/result.hpp>
#include <brio/core/run.hpp>
#include <brio/core/sleep.hpp>
#include <brio/core/task.hpp>
#include <brio/core/task_options.hpp>
#include <brio/core/version.hpp>
#include <brio/debug/call_graph.hpp>
#include <brio/debug/print_tasks.hpp>
#include <brio/debug/task_tree.hpp>
#include <brio/sync/event.hpp>
#include <brio/sync/lock.hpp>
#include <brio/sync/queue.hpp>
#include <brio/thread/run_in_executor.hpp>
#include <brio/thread/thread_pool.hpp>
#include <brio/thread/to_thread.hpp>
