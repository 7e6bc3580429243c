// SPDX-License-Identifier: BSL-1.0
// Pool book-keeping: single rules, then a random walk against invariants.
#include "http/pool_machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace brio::http::detail;
using namespace std::chrono_literals;
using action = pool_machine::action;
using state = pool_waiter::state;

const pool_machine::time_point start{1000h};
const pool_key host_a("http", "a", 80);
const pool_key host_b("http", "b", 80);
const pool_key host_c("http", "c", 80);

pool_machine::slot open_one(pool_machine& p, const pool_key& key, pool_machine::time_point now = start) {
    pool_waiter w;
    const auto d = p.acquire(key, now, w);
    EXPECT_EQ(d.what, action::open);
    p.opened(d.at, now);
    return d.at;
}

TEST(pool_machine, reuses_the_newest_first) {
    pool_machine p({});
    const auto first = open_one(p, host_a);
    const auto second = open_one(p, host_a);
    EXPECT_TRUE(p.release(first, start, true, 15s));
    EXPECT_TRUE(p.release(second, start + 1s, true, 15s));
    pool_waiter w;
    auto d = p.acquire(host_a, start + 2s, w);
    EXPECT_EQ(d.what, action::reuse);
    EXPECT_EQ(d.at, second);
    d = p.acquire(host_a, start + 2s, w);
    EXPECT_EQ(d.at, first);
    EXPECT_EQ(p.acquire(host_a, start + 2s, w).what, action::open);
    EXPECT_EQ(p.stats().reused, 2u);
    EXPECT_EQ(p.stats().created, 2u);
}

TEST(pool_machine, H_084_every_component_of_the_key_separates) {
    const auto base = [] { return pool_key("https", "h", 443); };
    std::set<std::string> keys{base().text(), pool_key("http", "h", 443).text(),
                               pool_key("https", "g", 443).text(), pool_key("https", "h", 444).text()};
    for (const char* name : {"proxy", "tls", "cert", "sni", "local", "unix"}) {
        keys.insert(base().with(name, "x").text());
        keys.insert(base().with(name, "y").text());
    }
    keys.insert(base().with("proxy", "x;tls=1:y").text());
    keys.insert(base().with("proxy", "x").with("tls", "y").text());
    EXPECT_EQ(keys.size(), 18u);
    EXPECT_EQ(base().with("tls", "1").with("proxy", "p").with("sni", "s;=:").text(),
              base().with("sni", "s;=:").with("proxy", "p").with("tls", "1").text());
    EXPECT_EQ(base().with("proxy", "").text(), base().text());

    pool_machine p({});
    const auto s = open_one(p, base().with("tls", "1"));
    p.release(s, start, true, 15s);
    pool_waiter w;
    EXPECT_EQ(p.acquire(base(), start, w).what, action::open);
}

TEST(pool_machine, H_086_limits_and_first_come_first_served) {
    pool_machine p({.total = 2});
    const auto a = open_one(p, host_a);
    const auto b = open_one(p, host_b);
    pool_waiter w1, w2, w3;
    EXPECT_EQ(p.acquire(host_a, start, w1).what, action::wait);
    EXPECT_EQ(p.acquire(host_c, start, w2).what, action::wait);
    EXPECT_EQ(p.acquire(host_b, start, w3).what, action::wait);
    EXPECT_EQ(p.stats().waiting, 3u);
    EXPECT_TRUE(p.release(a, start, true, 15s)); // handed on to w1 as it is
    ASSERT_EQ(p.to_wake, (std::vector<pool_waiter*>{&w1}));
    EXPECT_EQ(p.take(w1).what, action::reuse);
    p.to_wake.clear();
    EXPECT_FALSE(p.release(b, start, false, 15s)); // broken: its slot goes to the oldest waiter
    ASSERT_EQ(p.to_wake, (std::vector<pool_waiter*>{&w2}));
    const auto d = p.take(w2);
    EXPECT_EQ(d.what, action::open);
    p.to_wake.clear();
    p.failed(d.at); // an exception in connect returns the slot
    ASSERT_EQ(p.to_wake, (std::vector<pool_waiter*>{&w3}));
    EXPECT_EQ(p.take(w3).what, action::open);
    EXPECT_EQ(p.stats().waiting, 0u);
}

TEST(pool_machine, idle_connections_make_room_for_other_hosts) {
    pool_machine p({.total = 2});
    const auto a = open_one(p, host_a);
    const auto b = open_one(p, host_b);
    p.release(b, start, true, 15s);
    p.release(a, start, true, 15s);
    pool_waiter w;
    EXPECT_EQ(p.acquire(host_c, start, w).what, action::open);
    EXPECT_EQ(p.to_close, (std::vector<pool_machine::slot>{b})); // idle longest
    EXPECT_EQ(p.stats().evicted, 1u);
    EXPECT_EQ(p.hosts(), 2u);
}

TEST(pool_machine, a_waiter_of_another_host_is_not_starved) {
    pool_machine p({.total = 1});
    auto a = open_one(p, host_a);
    pool_waiter other;
    std::vector<std::unique_ptr<pool_waiter>> same;
    same.push_back(std::make_unique<pool_waiter>());
    EXPECT_EQ(p.acquire(host_c, start, other).what, action::wait);
    int rounds = 0;
    while (other.status() == state::queued && rounds < 10) {
        same.push_back(std::make_unique<pool_waiter>());
        EXPECT_EQ(p.acquire(host_a, start, *same.back()).what, action::wait);
        p.to_wake.clear();
        if (!p.release(a, start, true, 15s)) break;
        for (auto* w : p.to_wake) a = p.take(*w).at;
        ++rounds;
    }
    EXPECT_EQ(other.status(), state::open);
    EXPECT_LE(rounds, 2);
    p.close();
    p.cancel(other, start);
    for (auto& w : same) p.cancel(*w, start);
}

TEST(pool_machine, per_host_limit) {
    pool_machine p({.total = 10, .per_host = 1});
    const auto a = open_one(p, host_a);
    pool_waiter w1, w2;
    EXPECT_EQ(p.acquire(host_a, start, w1).what, action::wait);
    open_one(p, host_b);
    EXPECT_EQ(p.acquire(host_a, start, w2).what, action::wait);
    EXPECT_FALSE(p.release(a, start, false, 15s));
    EXPECT_EQ(p.take(w1).what, action::open);
    EXPECT_EQ(w2.status(), state::queued);
    p.to_wake.clear();
    p.cancel(w2, start);
    EXPECT_EQ(p.stats().waiting, 0u);
}

TEST(pool_machine, H_086_cancelled_waiters_lose_no_slot) {
    pool_machine p({.total = 1});
    const auto a = open_one(p, host_a);
    pool_waiter w1, w2, w3;
    p.acquire(host_a, start, w1);
    p.acquire(host_a, start, w2);
    p.acquire(host_a, start, w3);
    p.cancel(w2, start); // while it waits
    p.release(a, start, true, 15s);
    EXPECT_EQ(w1.status(), state::reuse);
    p.cancel(w1, start); // after the grant, before it could take it
    EXPECT_EQ(w3.status(), state::reuse);
    EXPECT_EQ(p.to_wake, (std::vector<pool_waiter*>{&w3}));
    const auto d = p.take(w3);
    p.to_wake.clear();
    p.release(d.at, start, true, 15s);
    EXPECT_EQ(p.stats().idle, 1u);
    EXPECT_EQ(p.stats().waiting, 0u);
    EXPECT_EQ(p.stats().reused, 1u);
}

TEST(pool_machine, H_086_ten_thousand_waiters_cancelled_at_once) {
    for (const std::size_t per_host : {0u, 3u}) {
        pool_machine p({.total = 5, .per_host = per_host});
        std::vector<pool_machine::slot> held;
        for (int i = 0; i < 3; ++i) held.push_back(open_one(p, host_a));
        for (int i = 0; i < 2; ++i) held.push_back(open_one(p, host_b));
        std::deque<pool_waiter> waiters(10'000);
        for (auto& w : waiters) p.acquire(host_a, start, w);
        EXPECT_EQ(p.stats().waiting, 10'000u);
        for (auto& w : waiters) p.cancel(w, start);
        EXPECT_EQ(p.stats().waiting, 0u);
        for (const auto s : held) EXPECT_TRUE(p.release(s, start, true, 15s));
        EXPECT_EQ(p.stats().idle, 5u);
        EXPECT_TRUE(p.to_wake.empty());
    }
}

TEST(pool_machine, H_087_idle_expiry_and_age) {
    pool_machine p({});
    EXPECT_EQ(p.next_expiry(), pool_machine::time_point::max());
    const auto a = open_one(p, host_a);
    const auto b = open_one(p, host_b);
    p.release(a, start, true, 15s);
    p.release(b, start, true, 4s);
    EXPECT_EQ(p.next_expiry(), start + 4s);
    p.expire(start + 4s);
    EXPECT_EQ(p.to_close, (std::vector<pool_machine::slot>{b}));
    EXPECT_EQ(p.next_expiry(), start + 15s);
    p.to_close.clear();
    pool_waiter w;
    EXPECT_EQ(p.acquire(host_a, start + 15s, w).what, action::open); // too old, also without timer
    EXPECT_EQ(p.to_close, (std::vector<pool_machine::slot>{a}));
    EXPECT_EQ(p.stats().expired, 2u);
    const auto c = open_one(p, host_c);
    EXPECT_FALSE(p.release(c, start + 10min, true, 15s)); // max_age
    const auto d = open_one(p, host_c);
    EXPECT_FALSE(p.release(d, start, true, 0s)); // "timeout=1" leaves nothing
    const auto e = open_one(p, host_c);
    EXPECT_TRUE(p.release(e, start + 10min - 1s, true, 15s));
    EXPECT_EQ(p.next_expiry(), start + 10min);
}

TEST(pool_machine, dead_idle_connections) {
    pool_machine p({});
    const auto a = open_one(p, host_a);
    EXPECT_FALSE(p.drop_idle(a));
    p.release(a, start, true, 15s);
    EXPECT_TRUE(p.drop_idle(a));
    EXPECT_FALSE(p.drop_idle(a));
    EXPECT_FALSE(p.drop_idle(99));
    EXPECT_EQ(p.hosts(), 0u);
}

TEST(pool_machine, H_089_close_wakes_everybody) {
    pool_machine p({.total = 2});
    const auto a = open_one(p, host_a);
    const auto b = open_one(p, host_b);
    p.release(b, start, true, 15s);
    pool_waiter blocked, granted;
    const auto opening = p.acquire(host_c, start, blocked);
    EXPECT_EQ(opening.what, action::open);
    p.to_close.clear();
    EXPECT_EQ(p.acquire(host_c, start, blocked).what, action::wait);
    p.close();
    EXPECT_EQ(p.to_wake, (std::vector<pool_waiter*>{&blocked}));
    EXPECT_EQ(p.take(blocked).what, action::closed);
    EXPECT_EQ(p.acquire(host_a, start, granted).what, action::closed);
    EXPECT_FALSE(p.release(a, start, true, 15s));
    p.failed(opening.at);
    EXPECT_EQ(p.hosts(), 0u);
    const auto s = p.stats();
    EXPECT_EQ(s.active + s.idle + s.opening + s.waiting, 0u);
}

// A model of the outside world drives the pool at random and checks after each step that nothing was lost.
class random_walk {
public:
    random_walk(unsigned seed, pool_machine::limits l) : limits_(l), pool_(l), rng_(seed) {}

    void run(int steps) {
        for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
            step();
            settle();
            check();
        }
        finish();
    }

private:
    struct request {
        std::size_t key;
        pool_waiter waiter;
    };
    enum class phase { opening, active };

    std::size_t random(std::size_t n) { return std::size_t(rng_()) % n; }

    void step() {
        now_ += std::chrono::milliseconds(random(500));
        switch (random(10)) {
        case 0:
        case 1:
        case 2:
            begin();
            break;
        case 3:
        case 4:
            end_some(phase::active);
            break;
        case 5:
            end_some(phase::opening);
            break;
        case 6:
            cancel_some();
            break;
        case 7:
            pool_.expire(now_);
            for (const auto& [slot, key] : idle_) EXPECT_TRUE(until_.at(slot) > now_ || closed_in_step(slot));
            break;
        case 8:
            drop_some();
            break;
        default:
            if (random(50) == 0) pool_.close_idle();
            break;
        }
    }

    bool closed_in_step(pool_machine::slot s) const {
        return std::count(pool_.to_close.begin(), pool_.to_close.end(), s) != 0;
    }

    void begin() {
        const auto key = random(keys_.size());
        auto r = std::make_unique<request>();
        r->key = key;
        const bool others_wait =
            std::any_of(waiting_.begin(), waiting_.end(), [&](auto& w) { return w->key == key; });
        const auto d = pool_.acquire(keys_[key], now_, r->waiter);
        if (d.what == action::wait) {
            waiting_.push_back(std::move(r));
            return;
        }
        EXPECT_FALSE(others_wait) << "overtook a waiter of the same host";
        apply_closes();
        got(d, key);
    }

    void got(pool_machine::decision d, std::size_t key) {
        if (d.what == action::reuse) {
            const auto found = idle_.find(d.at);
            if (found != idle_.end()) {
                EXPECT_EQ(found->second, key) << "connection of another host";
                EXPECT_GT(until_.at(d.at), now_);
                idle_.erase(found);
            } else {
                EXPECT_EQ(handed_.count(d.at), 1u);
                EXPECT_EQ(handed_.at(d.at), key);
                handed_.erase(d.at);
            }
            busy_.emplace(d.at, std::pair(phase::active, key));
        } else {
            ASSERT_EQ(d.what, action::open);
            EXPECT_EQ(idle_.count(d.at) + busy_.count(d.at), 0u) << "slot handed out twice";
            busy_.emplace(d.at, std::pair(phase::opening, key));
        }
    }

    void end_some(phase which) {
        std::vector<pool_machine::slot> slots;
        for (const auto& [slot, what] : busy_)
            if (what.first == which) slots.push_back(slot);
        if (slots.empty()) return;
        const auto s = slots[random(slots.size())];
        const auto key = busy_.at(s).second;
        if (which == phase::opening) {
            if (random(4) == 0) {
                busy_.erase(s);
                pool_.failed(s);
            } else {
                busy_.at(s).first = phase::active;
                pool_.opened(s, now_);
            }
            return;
        }
        busy_.erase(s);
        const bool good = random(4) != 0;
        const auto waiting_before = pool_.stats().waiting;
        if (pool_.release(s, now_, good, 2s)) {
            EXPECT_TRUE(good);
            until_[s] = now_ + 2s;
            if (pool_.stats().waiting < waiting_before)
                handed_[s] = key;
            else
                idle_[s] = key;
        }
    }

    void cancel_some() {
        if (waiting_.empty()) return;
        const auto i = random(waiting_.size());
        auto gone = std::move(waiting_[i]);
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        cancel(*gone);
    }

    void cancel(request& r) {
        const auto was = r.waiter.status();
        const auto slot = r.waiter.slot();
        const auto waiting_before = pool_.stats().waiting;
        pool_.cancel(r.waiter, now_);
        if (was != state::reuse) return;
        const auto key = handed_.at(slot);
        handed_.erase(slot);
        if (closed_in_step(slot)) return;
        if (pool_.stats().waiting < waiting_before)
            handed_[slot] = key;
        else
            idle_[slot] = key;
    }

    void drop_some() {
        if (idle_.empty()) return;
        const auto s = std::next(idle_.begin(), static_cast<std::ptrdiff_t>(random(idle_.size())))->first;
        if (closed_in_step(s)) return;
        idle_.erase(s);
        EXPECT_TRUE(pool_.drop_idle(s));
    }

    void apply_closes() {
        for (const auto s : pool_.to_close) idle_.erase(s);
        pool_.to_close.clear();
    }

    // What the shell does after each call: close, then wake. Sometimes a woken request is slow to take its
    // grant.
    void settle() {
        apply_closes();
        for (auto* w : pool_.to_wake) granted_.insert(w);
        pool_.to_wake.clear();
        for (std::size_t i = 0; i < waiting_.size();) {
            auto& r = *waiting_[i];
            if (r.waiter.status() == state::queued || random(3) == 0) {
                ++i;
                continue;
            }
            EXPECT_EQ(granted_.count(&r.waiter), 1u) << "granted without a wake-up";
            got(pool_.take(r.waiter), r.key);
            waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }

    void check() {
        const auto s = pool_.stats();
        std::size_t opening = 0, active = 0, queued = 0;
        std::map<std::size_t, std::size_t> per_host;
        for (const auto& [slot, what] : busy_) {
            ++(what.first == phase::opening ? opening : active);
            ++per_host[what.second];
        }
        for (const auto& r : waiting_) {
            const auto status = r->waiter.status();
            queued += status == state::queued;
            opening += status == state::open;
            active += status == state::reuse;
            if (status != state::queued) ++per_host[r->key];
        }
        for (const auto& [slot, key] : idle_) ++per_host[key];
        EXPECT_EQ(s.opening, opening);
        EXPECT_EQ(s.active, active);
        EXPECT_EQ(s.idle, idle_.size());
        EXPECT_EQ(s.waiting, queued);
        const auto used = opening + active + idle_.size();
        EXPECT_LE(used, limits_.total);
        for (const auto& [key, n] : per_host) {
            if (limits_.per_host != 0) {
                EXPECT_LE(n, limits_.per_host);
            }
        }
        // Nobody waits who could be served.
        for (const auto& r : waiting_) {
            if (r->waiter.status() != state::queued) continue;
            const bool host_full = limits_.per_host != 0 && per_host[r->key] >= limits_.per_host;
            const bool total_full = used >= limits_.total && idle_.empty();
            EXPECT_TRUE(host_full || total_full);
            for (const auto& [slot, key] : idle_) EXPECT_NE(key, r->key) << "waits beside an idle connection";
        }
        EXPECT_LE(pool_.hosts(), per_host.size() + queued);
    }

    void finish() {
        for (auto& r : waiting_) {
            cancel(*r);
            apply_closes();
        }
        waiting_.clear();
        pool_.to_wake.clear();
        while (!busy_.empty()) {
            const auto [slot, what] = *busy_.begin();
            busy_.erase(busy_.begin());
            if (what.first == phase::opening)
                pool_.failed(slot);
            else
                pool_.release(slot, now_, false, 0s);
        }
        pool_.close();
        const auto s = pool_.stats();
        EXPECT_EQ(s.opening + s.active + s.idle + s.waiting, 0u);
        EXPECT_EQ(pool_.hosts(), 0u);
    }

    pool_machine::limits limits_;
    pool_machine pool_;
    std::mt19937 rng_;
    pool_machine::time_point now_ = start;
    std::vector<pool_key> keys_{host_a, host_b, host_c, pool_key("http", "d", 80)};
    std::vector<std::unique_ptr<request>> waiting_;
    std::set<const pool_waiter*> granted_;
    std::map<pool_machine::slot, std::pair<phase, std::size_t>> busy_;
    std::map<pool_machine::slot, std::size_t> idle_;
    std::map<pool_machine::slot, std::size_t> handed_;
    std::map<pool_machine::slot, pool_machine::time_point> until_;
};

TEST(pool_machine, H_086_random_walk) {
    for (unsigned seed = 1; seed <= 30 && !HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        random_walk(seed, {.total = 1 + seed % 6, .per_host = seed % 3}).run(2000);
    }
}

} // namespace
