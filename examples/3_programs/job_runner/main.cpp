// SPDX-License-Identifier: BSL-1.0
// job_runner: a small make. Runs jobs in parallel, each line of output behind the name of its job.
#include "command_line.hpp"
#include "job_file.hpp"
#include "output.hpp"
#include "runner.hpp"

#include <brio/core/error.hpp>
#include <brio/core/run.hpp>

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <variant>

namespace {

enum exit_code { all_done = 0, some_failed = 1, wrong_usage = 2, interrupted = 130 };

constexpr const char* demonstration = R"(
dinner: soup bread
    echo dinner is ready
soup: water vegetables
    echo cooking; sleep 0.1; echo cooked
water:
    echo boiling; sleep 0.1
vegetables:
    for what in carrots leek; do echo cutting $what; sleep 0.05; done
bread:
    echo baking; sleep 0.2
)";

std::string read_file(const std::string& name) {
    std::ifstream file(name);
    if (!file) throw jobs::file_error("it cannot be opened");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

int main(int argc, char** argv) {
    const auto parsed = jobs::parse_command_line(argc, argv);
    if (const int* const code = std::get_if<int>(&parsed)) return *code;
    const auto& chosen = std::get<jobs::settings>(parsed);
    try {
        auto all = jobs::parse_jobs(chosen.file.empty() ? demonstration : read_file(chosen.file));
        std::size_t width = 0;
        for (const jobs::job& one : all) width = std::max(width, one.name.size());
        jobs::output to(width, ::isatty(STDOUT_FILENO) == 1);
        jobs::runner runner(std::move(all), chosen, to);
        return brio::run(runner.run()) ? all_done : some_failed;
    } catch (const brio::interrupted&) {
        return interrupted;
    } catch (const jobs::file_error& e) {
        std::cerr << "job_runner: " << chosen.file << ": " << e.what() << "\n";
        return wrong_usage;
    }
}
