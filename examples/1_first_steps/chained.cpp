// SPDX-License-Identifier: BSL-1.0
// Coroutines in a chain, several chains at once: first the user, then the user's posts.
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

struct user {
    int id;
    std::string name;
};

brio::awaitable<user> fetch_user(int id) {
    std::cout << "fetching user " << id << "\n";
    co_await brio::sleep(150ms * id); // stands for a request to some server
    co_return user{id, "user" + std::to_string(id)};
}

brio::awaitable<std::vector<std::string>> fetch_posts(user author) {
    std::cout << "fetching posts of " << author.name << "\n";
    co_await brio::sleep(500ms);
    std::vector<std::string> posts;
    for (int i = 1; i <= author.id; ++i) posts.push_back("post " + std::to_string(i) + " by " + author.name);
    co_return posts;
}

brio::awaitable<std::vector<std::string>> user_with_posts(int id) {
    user author = co_await fetch_user(id);
    co_return co_await fetch_posts(std::move(author));
}

brio::awaitable<> fetch_all() {
    std::vector<brio::awaitable<std::vector<std::string>>> chains;
    for (int id = 1; id <= 3; ++id) chains.push_back(user_with_posts(id));
    for (const auto& posts : co_await brio::gather(std::move(chains))) {
        for (const std::string& post : posts) std::cout << post << "\n";
    }
}

int main() {
    brio::run(fetch_all());
}
