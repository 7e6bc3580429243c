// SPDX-License-Identifier: BSL-1.0
// The reaping machine as a table: from every state, every event.
#include "process/reap_machine.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using machine = brio::detail::reap_machine;
using look = machine::look;
using step = machine::step;
using phase = machine::phase;

machine in_phase(phase wanted) {
    machine made(wanted == phase::held);
    if (wanted != phase::running) static_cast<void>(made.looked(look::ended, 7));
    return made;
}

TEST(reap_machine, every_state_and_every_look) {
    struct row {
        phase from;
        look seen;
        step then;
        phase to;
        int code;
        bool lost;
    };
    const row table[] = {
        {phase::running, look::running, step::watch, phase::running, 0, false},
        {phase::running, look::ended, step::announce, phase::reaped, -9, false},
        {phase::running, look::nobody, step::announce, phase::reaped, 255, true},
        {phase::held, look::running, step::nothing, phase::held, 7, false},
        {phase::held, look::ended, step::nothing, phase::held, 7, false},
        {phase::held, look::nobody, step::nothing, phase::held, 7, false},
        {phase::reaped, look::running, step::nothing, phase::reaped, 7, false},
        {phase::reaped, look::ended, step::nothing, phase::reaped, 7, false},
        {phase::reaped, look::nobody, step::nothing, phase::reaped, 7, false},
    };
    for (const row& r : table) {
        SCOPED_TRACE("from " + std::to_string(static_cast<int>(r.from)) + ", seen " + std::to_string(static_cast<int>(r.seen)));
        machine one = in_phase(r.from);
        EXPECT_EQ(one.looked(r.seen, -9), r.then);
        EXPECT_EQ(one.now(), r.to);
        EXPECT_EQ(one.code(), r.code);
        EXPECT_EQ(one.is_lost(), r.lost);
    }
}

TEST(reap_machine, SUB_16_what_may_be_signalled_when) {
    struct row {
        phase at;
        bool itself;
        bool group;
        bool ended;
    };
    for (const row& r : {row{phase::running, true, true, false}, row{phase::held, false, true, true}, row{phase::reaped, false, false, true}}) {
        const machine one = in_phase(r.at);
        EXPECT_EQ(one.may_signal(), r.itself);
        EXPECT_EQ(one.may_signal_group(), r.group);
        EXPECT_EQ(one.has_ended(), r.ended);
    }
}

TEST(reap_machine, a_held_zombie_is_reaped_once_when_it_is_let_go) {
    machine held = in_phase(phase::held);
    EXPECT_TRUE(held.let_go());
    EXPECT_EQ(held.now(), phase::reaped);
    EXPECT_EQ(held.code(), 7);
    EXPECT_FALSE(held.let_go());
}

TEST(reap_machine, one_that_is_let_go_while_it_runs_is_reaped_at_its_end) {
    machine one(true);
    EXPECT_TRUE(one.looks_only());
    EXPECT_FALSE(one.let_go());
    EXPECT_FALSE(one.looks_only());
    EXPECT_EQ(one.looked(look::ended, 3), step::announce);
    EXPECT_EQ(one.now(), phase::reaped);
    EXPECT_FALSE(one.let_go());
}

TEST(reap_machine, a_lost_one_is_not_held) {
    machine one(true);
    EXPECT_EQ(one.looked(look::nobody), step::announce);
    EXPECT_FALSE(one.may_signal_group());
    EXPECT_FALSE(one.let_go());
}

}  // namespace
