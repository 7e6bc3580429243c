// SPDX-License-Identifier: BSL-1.0
// exception_group: what it holds, how it is divided and handled, what it says.
#include <brio/core/exception_group.hpp>
#include <brio/detail/describe.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using brio::exception_group;
using member = exception_group::member;
using std::make_exception_ptr;

member failed(const char* text, std::string task = {}) { return {make_exception_ptr(std::runtime_error(text)), std::move(task)}; }
member late(const char* text, std::string task = {}) { return {make_exception_ptr(brio::timeout_error(text)), std::move(task)}; }

member nested(std::string message, std::vector<member> members, std::string task = {}) {
    return {make_exception_ptr(exception_group(std::move(message), std::move(members))), std::move(task)};
}

std::string text_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "no std::exception";
    }
}

// "a b" for the leaves a and b; "-" for no group.
std::string leaves_of(const std::optional<exception_group>& group) {
    if (!group) return "-";
    std::string all;
    for (const member& leaf : group->leaves()) all += (all.empty() ? "" : " ") + text_of(leaf.error());
    return all;
}

// outer: a, inner: (b, t1, deep: (t2)), t3
exception_group tree() {
    return exception_group("outer", {failed("a", "A"),
                                     nested("inner", {failed("b", "B"), late("t1", "C"), nested("deep", {late("t2", "D")})}, "I"),
                                     late("t3", "E")});
}

TEST(exception_group, it_is_a_brio_error_and_can_be_thrown_and_copied) {
    static_assert(std::is_base_of_v<brio::error, exception_group>);
    static_assert(std::is_nothrow_copy_constructible_v<exception_group>);
    try {
        throw tree();
    } catch (const brio::error& e) {
        const auto& group = dynamic_cast<const exception_group&>(e);
        EXPECT_EQ(group.message(), "outer");
        EXPECT_EQ(group.size(), 3U);
        ASSERT_EQ(group.exceptions().size(), 3U);
        EXPECT_EQ(text_of(group.exceptions()[0].error()), "a");
        EXPECT_EQ(group.exceptions()[0].task(), "A");
        EXPECT_EQ(group.exceptions()[1].task(), "I");
        const exception_group copy = group;
        EXPECT_EQ(&copy.exceptions(), &group.exceptions());
    }
}

TEST(exception_group, an_empty_group_is_refused) {
    EXPECT_THROW(exception_group("nothing", {}), std::invalid_argument);
}

TEST(exception_group, null_and_cancelled_error_are_refused_as_members) {
    EXPECT_THROW(exception_group("m", {failed("a"), member(nullptr)}), std::invalid_argument);
    EXPECT_THROW(exception_group("m", {failed("a"), member(make_exception_ptr(brio::cancelled_error()))}), std::invalid_argument);
}

TEST(exception_group, leaves_are_found_at_any_depth_from_left_to_right) {
    EXPECT_EQ(leaves_of(tree()), "a b t1 t2 t3");
    std::string tasks;
    for (const member& leaf : tree().leaves()) tasks += leaf.task();
    EXPECT_EQ(tasks, "ABCDE");
}

TEST(exception_group, split_by_type_keeps_message_nesting_and_task_names) {
    const auto [matching, rest] = tree().split<brio::timeout_error>();
    EXPECT_EQ(leaves_of(matching), "t1 t2 t3");
    EXPECT_EQ(leaves_of(rest), "a b");
    EXPECT_EQ(matching->what(), std::string("outer (2 errors)\n"
                                            "  I: inner (2 errors)\n"
                                            "    C: brio::timeout_error: t1\n"
                                            "    deep (1 error)\n"
                                            "      D: brio::timeout_error: t2\n"
                                            "  E: brio::timeout_error: t3"));
    EXPECT_EQ(rest->what(), std::string("outer (2 errors)\n"
                                        "  A: std::runtime_error: a\n"
                                        "  I: inner (1 error)\n"
                                        "    B: std::runtime_error: b"));
}

TEST(exception_group, a_part_without_errors_is_none) {
    EXPECT_EQ(leaves_of(tree().split<std::logic_error>().first), "-");
    EXPECT_EQ(leaves_of(tree().split<std::logic_error>().second), "a b t1 t2 t3");
    EXPECT_EQ(leaves_of(tree().split<std::exception>().first), "a b t1 t2 t3");
    EXPECT_EQ(leaves_of(tree().split<std::exception>().second), "-");
}

TEST(exception_group, split_by_condition_asks_once_about_each_leaf) {
    int asked = 0;
    const auto [matching, rest] = tree().split([&asked](const std::exception_ptr& error) {
        ++asked;
        return text_of(error) == "t2" || text_of(error) == "a";
    });
    EXPECT_EQ(asked, 5);
    EXPECT_EQ(leaves_of(matching), "a t2");
    EXPECT_EQ(leaves_of(rest), "b t1 t3");
}

TEST(exception_group, members_are_the_same_exceptions_after_a_split) {
    const exception_group whole = tree();
    EXPECT_EQ(whole.subgroup<brio::timeout_error>()->leaves().back().error(), whole.leaves().back().error());
}

TEST(exception_group, subgroup_is_the_matching_part) {
    EXPECT_EQ(leaves_of(tree().subgroup<brio::timeout_error>()), "t1 t2 t3");
    EXPECT_EQ(leaves_of(tree().subgroup([](const std::exception_ptr& e) { return text_of(e) == "b"; })), "b");
    EXPECT_EQ(leaves_of(tree().subgroup<std::bad_alloc>()), "-");
}

// brio::error is the base of exception_group too: what counts is the error inside.
TEST(exception_group, a_type_that_catches_groups_does_not_match_a_group_as_a_whole) {
    EXPECT_EQ(leaves_of(tree().subgroup<brio::error>()), "t1 t2 t3");
}

TEST(exception_group, exceptions_of_any_type_may_be_members) {
    const exception_group odd("odd", {member(make_exception_ptr(42), "T"), failed("a")});
    EXPECT_EQ(odd.what(), std::string("odd (2 errors)\n"
                                      "  T: an exception that is no std::exception\n"
                                      "  std::runtime_error: a"));
    EXPECT_EQ(leaves_of(odd.subgroup<int>()), "no std::exception");
    EXPECT_EQ(leaves_of(odd.split<std::exception>().second), "no std::exception");
}

TEST(exception_group, a_text_of_several_lines_stays_below_its_task) {
    const exception_group group("m", {failed("first\nsecond", "T")});
    EXPECT_EQ(group.what(), std::string("m (1 error)\n  T: std::runtime_error: first\n  second"));
}

TEST(exception_group, except_handles_what_matches_and_gives_back_the_rest) {
    std::string handled;
    auto rest = brio::except<brio::timeout_error>(tree(), [&](const brio::timeout_error& e) { handled += e.what(); });
    EXPECT_EQ(handled, "t1t2t3");
    EXPECT_EQ(leaves_of(rest), "a b");
    rest = brio::except<std::runtime_error>(rest, [&](const std::runtime_error& e) { handled += e.what(); });
    EXPECT_EQ(handled, "t1t2t3ab");
    EXPECT_FALSE(rest);
    EXPECT_FALSE(brio::except<std::exception>(rest, [](const std::exception&) { FAIL(); }));
}

TEST(exception_group, except_that_matches_nothing_gives_back_everything) {
    const auto rest = brio::except<std::logic_error>(tree(), [](const std::logic_error&) { FAIL(); });
    EXPECT_EQ(leaves_of(rest), "a b t1 t2 t3");
}

TEST(exception_group, what_a_handler_throws_takes_the_place_of_the_error) {
    const exception_group whole = tree();
    const auto rest = brio::except<brio::timeout_error>(whole, [](const brio::timeout_error& e) {
        if (std::string(e.what()) == "t1") throw;
        if (std::string(e.what()) == "t2") throw std::logic_error("while handling");
    });
    EXPECT_EQ(leaves_of(rest), "a b t1 while handling");
    EXPECT_EQ(rest->leaves()[2].error(), whole.leaves()[2].error()) << "the very exception";
    EXPECT_EQ(rest->leaves()[3].task(), "D");
}

TEST(exception_group, a_cancelled_error_leaves_a_handler_at_once) {
    int calls = 0;
    const auto stop = [&calls](const brio::timeout_error&) {
        ++calls;
        throw brio::cancelled_error("stop");
    };
    EXPECT_THROW(static_cast<void>(brio::except<brio::timeout_error>(tree(), stop)), brio::cancelled_error);
    EXPECT_EQ(calls, 1);
}

}  // namespace
