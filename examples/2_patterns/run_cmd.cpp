// SPDX-License-Identifier: BSL-1.0
// Programs run side by side, as in the asyncio documentation's chapter on subprocesses.
#include <brio/brio.hpp>

#include <iostream>
#include <string>

// [run]
brio::awaitable<> run(std::string cmd) {
    brio::command shell = brio::command::shell(cmd);
    shell.stdout_to(brio::stdio::pipe).stderr_to(brio::stdio::pipe);
    brio::process proc = co_await brio::create_subprocess_exec(shell);
    auto [out, err] = co_await proc.communicate();

    std::cout << "['" << cmd << "' exited with " << *proc.returncode() << "]\n";
    if (!out->empty()) std::cout << "[stdout]\n" << *out;
    if (!err->empty()) std::cout << "[stderr]\n" << *err;
}
// [/run]

// [gather]
brio::awaitable<> run_both() {
    co_await brio::gather(run("ls /zzz"), run("sleep 0.1; echo 'hello'"));
}
// [/gather]

int main() { brio::run(run_both()); }
