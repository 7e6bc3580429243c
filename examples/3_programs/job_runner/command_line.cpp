// SPDX-License-Identifier: BSL-1.0
// The command line, by CLI11.
#include "command_line.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace jobs {

namespace {

constexpr const char* more_help = R"(
A file of jobs looks like this:
  # a comment
  program: part-a part-b
      cc -o program part-a.o part-b.o
  part-a:
      cc -c part-a.c
  part-b:
      cc -c part-b.c
Each job runs in a shell as soon as what it needs is done. Its lines come out behind its name.

Exit code: 0 all done, 1 a job has failed, 2 wrong usage, 130 interrupted by Ctrl-C (all programs are stopped then).
)";

}  // namespace

std::variant<settings, int> parse_command_line(int argc, char** argv) {
    settings chosen;
    CLI::App app("Runs jobs in parallel, in the order of what they need.", "job_runner");
    app.add_option("FILE", chosen.file, "The jobs (default: a demonstration)")->type_name(" ");
    app.add_option("-j,--jobs", chosen.slots, "Jobs at the same time")->type_name("N")->check(CLI::Range(1, 1000))->capture_default_str();
    app.add_flag("-k,--keep-going", chosen.keep_going, "Go on with what does not need a job that has failed");
    app.footer(more_help);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) return app.exit(e);
        std::cerr << "job_runner: " << e.what() << "\njob_runner --help tells what it can do.\n";
        return 2;
    }
    return chosen;
}

}  // namespace jobs
