// SPDX-License-Identifier: BSL-1.0
// The intrusive list: order, removal from the middle, ends of life on both sides.
#include <brio/detail/intrusive_list.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace {

using brio::detail::intrusive_list;

struct item : brio::detail::list_hook {
    explicit item(char letter) : name(letter) {}
    char name;
};

std::string names_in(intrusive_list<item>& list) {
    std::string names;
    for (item* each = list.first(); each; each = list.next(*each)) names += each->name;
    return names;
}

TEST(intrusive_list, is_a_fifo) {
    intrusive_list<item> list;
    item a('a');
    item b('b');
    EXPECT_TRUE(list.empty());
    EXPECT_EQ(list.first(), nullptr);
    EXPECT_EQ(list.pop_front(), nullptr);
    list.push_back(a);
    list.push_back(b);
    EXPECT_EQ(names_in(list), "ab");
    EXPECT_EQ(list.pop_front(), &a);
    EXPECT_FALSE(a.is_linked());
    EXPECT_TRUE(b.is_linked());
    EXPECT_EQ(&list.front(), &b);
}

TEST(intrusive_list, unlink_takes_an_element_out_of_the_middle) {
    intrusive_list<item> list;
    item a('a');
    item b('b');
    item c('c');
    list.push_back(a);
    list.push_back(b);
    list.push_back(c);
    b.unlink();
    b.unlink();
    EXPECT_EQ(names_in(list), "ac");
    list.push_back(b);
    EXPECT_EQ(names_in(list), "acb");
}

TEST(intrusive_list, an_element_that_ends_leaves_the_list) {
    intrusive_list<item> list;
    item a('a');
    list.push_back(a);
    {
        item b('b');
        list.push_back(b);
        EXPECT_EQ(names_in(list), "ab");
    }
    EXPECT_EQ(names_in(list), "a");
}

TEST(intrusive_list, a_list_that_ends_lets_its_elements_go) {
    item a('a');
    {
        intrusive_list<item> list;
        list.push_back(a);
        EXPECT_TRUE(a.is_linked());
    }
    EXPECT_FALSE(a.is_linked());
    intrusive_list<item> other;
    other.push_back(a);
    EXPECT_EQ(names_in(other), "a");
}

TEST(intrusive_list, splice_moves_all_to_the_end) {
    intrusive_list<item> list;
    intrusive_list<item> more;
    item a('a');
    item b('b');
    item c('c');
    list.splice(more);
    EXPECT_TRUE(list.empty());
    list.push_back(a);
    more.push_back(b);
    more.push_back(c);
    list.splice(more);
    EXPECT_EQ(names_in(list), "abc");
    EXPECT_TRUE(more.empty());
    more.splice(list);
    EXPECT_EQ(names_in(more), "abc");
    more.push_back(*more.pop_front());
    EXPECT_EQ(names_in(more), "bca");
}

}  // namespace
