// SPDX-License-Identifier: BSL-1.0
// Reading jobs.
#include "job_file.hpp"

#include <map>
#include <sstream>

namespace jobs {

namespace {

struct named_needs {
    std::size_t line = 0;
    std::vector<std::string> names;
};

[[noreturn]] void fail(std::size_t line, const std::string& what) {
    throw file_error("line " + std::to_string(line) + ": " + what);
}

// Whether the needs of `at` lead back to a job that is on the way there.
bool goes_round(const std::vector<job>& all, std::size_t at, std::vector<int>& state) {
    enum { unseen, on_the_way, fine };
    if (state[at] != unseen) return state[at] == on_the_way;
    state[at] = on_the_way;
    for (const std::size_t need : all[at].needs) {
        if (goes_round(all, need, state)) return true;
    }
    state[at] = fine;
    return false;
}

}  // namespace

std::vector<job> parse_jobs(const std::string& text) {
    std::vector<job> all;
    std::vector<named_needs> needs;
    std::map<std::string, std::size_t> places;
    std::istringstream lines(text);
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const std::size_t begin = line.find_first_not_of(" \t");
        if (begin == line.npos || line[begin] == '#') continue;
        if (begin > 0) {
            if (all.empty()) fail(number, "a command before the first job");
            all.back().script += line.substr(begin) + "\n";
            continue;
        }
        const std::size_t colon = line.find(':');
        if (colon == line.npos || colon == 0) fail(number, "'" + line + "' is no job: a name and a colon were expected");
        job& added = all.emplace_back();
        added.name = line.substr(0, colon);
        if (!places.emplace(added.name, all.size() - 1).second) fail(number, "the job '" + added.name + "' was there before");
        named_needs& wanted = needs.emplace_back();
        wanted.line = number;
        std::istringstream words(line.substr(colon + 1));
        for (std::string word; words >> word;) wanted.names.push_back(word);
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (const std::string& name : needs[i].names) {
            const auto found = places.find(name);
            if (found == places.end()) fail(needs[i].line, "'" + all[i].name + "' needs '" + name + "', and there is no such job");
            all[i].needs.push_back(found->second);
        }
    }
    std::vector<int> state(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (goes_round(all, i, state)) fail(needs[i].line, "the job '" + all[i].name + "' waits for itself, by way of what it needs");
    }
    return all;
}

}  // namespace jobs
