#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The lints find what they are for, and leave legal code alone."""
import importlib.machinery
import importlib.util
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import g12

TEST = pathlib.Path(__file__).resolve().parents[2] / "test"

TYPES = """
struct agg { std::string a; int b; };
struct made { made(); std::string a; };
struct calls { std::function<void()> a; };
class chained { public: chained& a(int); private: std::string a_; };
"""

BAD = {
    "G1": ["co_await f([x] { use(x); });", "co_await f([=] { use(x); });", "co_await f([p = std::move(p)] {});",
           "co_await f(1, [&a, b](int i) -> int { return i + b; });", "auto r = co_await g(h([x] {}));",
           "co_await brio::to_thread([this, name] { return name; });", "co_await f([*this] {});",
           "co_await outer([&]() -> awaitable<> { co_await f([x] {}); });",
           "if (co_await f([x] { return x; })) { go(); }", "while (auto v = co_await f([x] {})) {}",
           "co_return co_await f([x] {});", "void t() {\n  co_await f(\n      [x] {});\n}",
           "co_await f(1,\n    [x]() -> awaitable<std::pair<int, int>> {\n  co_return x;\n});",
           "co_await f(\n    1,\n    [a,\n     b](int i) mutable -> std::map<int, int> {\n  return g(i);\n});",
           "co_await f([x]<class T, class U>(T a, U b) { use(x); });", "co_await f([x]() noexcept(is<a, b>) -> pair<a, b> {});",
           "co_await f(1,\n  [x] {\n  for (int i = 0; i < 3; ++i) go();\n  if (x) return 1; else return 2;\n}\n);",
           "if (c) co_await f([x] {});", "for (auto& [k, v] : co_await f([x] {})) {}", "auto& [a, b] = *p; co_await f([x] {});",
           "EXPECT_THROW({ co_await f([x] {}); go(); }, E);", "co_yield f([x] {});",
           "template <class A = int, class B = A> class s { awaitable<> f() { co_await g([x] {}); } };"],
    "G2": ["co_await f(agg{a, b});", "co_await f({.a = x});", "co_await f({});", "co_await f(1, {});",
           "co_await agg{}.m();", "co_await f(brio::agg{x, 1});",
           "co_await f(\n    agg{\n        .a = x,\n        .b = 1});", "co_await f(1,\n    {\n});", "if (c) co_await f(agg{a, b});",
           "co_await f(calls{g});"],
    "G3": ["awaitable<> f(agg o = {});", "brio::awaitable<int> f(int n, const agg& o = {});", "awaitable<> f(agg o = agg{});",
           "auto f(\n    int n,\n    agg o = {}) -> awaitable<>;", "awaitable<> f(agg o = brio::agg{});",
           "auto f = [x](agg o = {}) -> awaitable<int> { co_return 1; };"],
    "G4": ['co_await f(c ? T("a") : T("b"));', "auto r = c ? co_await a() : co_await b();", "co_await (c ? a() : b());",
           'co_await f(c ? std::string("a") : b);', 'co_await f(c ? "a"s : "b"s);',
           "co_await f(c ? make() : other());", "co_await f(1,\n    c\n        ? make()\n        : other());",
           "co_await (\n    c ? a()\n      : b());", "co_await (c ? q.get() : r.get());", "co_await f(c ? make<a, b>(x) : other<a, b>(x));",
           "co_await f(c ? of[i]() : b);", "co_await f(c ? (*of)() : b);", "co_await f(c ? std::move(a) : b);",
           "co_await f(c ? d ? 1 : 2 : make());", "co_await f(c ? (d ? a : make()) : b);", "co_await f(c ? found : std::nullopt);",
           'co_await f(c ? "x" + a : b);', 'void t(const std::string& a) { co_await f(c ? a : "x"); }',
           'std::string a; co_await f(c ? "x" : s.a);', "std::string a; co_await f(c ? a + b : b);",
           "EXPECT_EQ(co_await f(), c ? make() : other());", "if (co_await f(c ? make() : other())) go();",
           "for (auto& v : co_await f(c ? make() : other())) go();", "tr n = co_await x() > 0 ? make() : a;"],
    "G5": ['co_await f({"a", "b"});', 'co_await f(std::vector<std::string>{"a"});', "co_await f(std::array<int, 2>{1, 2});",
           'co_await f(\n    {\n        "a",\n        "b"});', 'co_await f(std::vector<\n    std::string>{\n    "a"});'],
    "G6": ["agg a{co_await x(), 1};", "agg a{.b = co_await x()};", "co_return agg{co_await x(), 1};",
           "agg a{\n    1,\n    co_await x()};", "auto v = std::vector<int>{co_await x(), 1};", "auto a = agg{1, co_await x()};",
           "std::vector<int> v{co_await x(), 1};", "auto* p = new agg{1, co_await x()};", "auto&& [a, b] = agg{1, co_await x()};",
           "int n = f({co_await x()});", "if (c) a = {1, co_await x()};"],
    "G7": ["auto* p = new T(co_await x());", "f(new T(1, co_await x()));",
           "auto* p =\n    new\n    T(\n    co_await x());", "auto* p = new T{co_await x()};", "auto* p = new (room) T(co_await x());",
           "f(new T(1), new T<a, b>(co_await x()));"],
    "G8": ["throw E((co_await x()).s);", "throw E(co_await x());", "throw\n    E(\n    co_await x());",
           "if (c) throw E(co_await x());", "if (c) go();\nelse throw E(co_await x());", "case 1: throw E(co_await x());"],
}

GOOD = [
    "co_await f([&] { use(x); });", "co_await f([&x] {});", "co_await f([] { return 1; });", "co_await f([this] { go(); });",
    "auto g = [x] { return x; }; co_await f(g);", "auto t = f([x] {}); co_await std::move(t);",
    "co_await f([&x, &y = z](int a) { return a; });",
    "auto g = [x]() -> awaitable<> { co_await sleep(1s); };",
    "run([x]() -> awaitable<> { co_await sleep(1s); });",
    "co_await with_timeout(1s, [&]() -> awaitable<> { auto h = [x] {}; co_await f(h); });",
    "co_await f(made{});", "co_await f(chained().a(1));", "co_await f(std::chrono::seconds{1});", "co_await f(std::string{});",
    "awaitable<> f(made o = {});", "awaitable<> f(int n = {});", "void f(agg o = {});", "awaitable<> f(std::string s = {});",
    "co_await f(x ? 1 : 2);", 'co_await f(x ? "a" : "b");', "co_await f(x ? a : b.c);", "co_await f(x ? a.size() : b.size());",
    "auto n = co_await x() > 1 ? 1 : 2;", "for (auto& v : co_await all()) { use(v); }",
    "co_await f(c ? phase::proxy : phase::direct);", "co_await f(c ? 1s : 20s);", "co_await f(c ? a : nullptr);",
    "co_await f(1,\n    c\n        ? phase::proxy\n        : phase::direct);", "co_await f(c ? &a : &b);", "co_await f(c ? *a : b[1]);",
    "co_await (c ? a : b);", "co_await f(c ? std::move(a) : std::move(b));", "co_await f(c ? 'a' : -1);", "co_await f(c ? a + 1 : a);",
    "co_await f(c ? std::string_view{a} : std::string_view{});", 'co_await f(c ? "a"sv : "b"sv);', "co_await f(c ? seconds{1} : 2s);",
    "co_await f(c ? d ? 1 : 2 : 3);", "co_await f(c ? static_cast<int>(a) : sizeof(b));", "co_await f(c ? g(x).size() : 0);",
    "co_await f(c ? g(x) == 1 : !h(x));", "co_await f(c ? std::get<0>(a) : b);", 'const char* a; co_await f(c ? a : "x");',
    "co_await f(c ? std::nullopt : std::nullopt);", "void t(const std::string& a, const std::string& b) { co_await f(c ? a : b); }",
    "if (c ? a() : b()) co_await f();", "for (int i = c ? a() : b(); i < n(); ++i) co_await f(i);",
    "while (c ? a() : b()) co_await f();", "for (auto& v : c ? a() : b()) co_await f(v);", "if ([x] { return x; }()) co_await f();",
    "switch (c ? a() : b()) { case 1: co_await f(); }", "if (co_await f()) x = c ? make() : other();",
    "EXPECT_THROW({ agg a{x, 1}; co_await f(a); }, E);", "int v[] = {co_await x(), 1};", "int v[1][2] = {{co_await x(), 1}};",
    "co_await f([&](auto a) -> std::map<int, int> { return {}; });", "co_await f(\n    1,\n    [&x]() -> pair<a, b> {\n  return g(x);\n});",
    "co_await f(1,\n    [this,\n     &x]<class T, class U>(T a, U b) { go(x); });", "co_await f(new T(1), g());",
    "c ? throw E(x) : 1; co_await f();", "if (c) throw E(1); else co_await f();", "auto& [a, b] = *p; co_await f(a);",
    "template <class A = int> class s { void f() { auto g = [x] {}; } awaitable<> h() { co_await i(); } };",
    "auto f(agg o) -> awaitable<>;", "auto f(int n = 1) -> awaitable<>;", "auto f = [](made o = {}) -> awaitable<> { co_return; };",
    "co_await f(c ? make() : other()); // lint: G4-ok (they are numbers)",
    "int n{co_await x()};", "auto v{co_await x()};", "auto p = std::make_unique<T>(co_await x());",
    "std::vector<int> v{1, 2}; co_await f(v);", "agg a{x, 1}; co_await f(a);",
    "auto s = co_await x(); throw E(s);", "items[co_await index()] = 1;", "co_await f(a[i], b[co_await j()]);",
    "// co_await f([x] {});\nint a;", 'auto s = "co_await f([x] {})"; go();', "/* co_await f({}); */ go();",
    "awaitable<> f() { agg a{1, 2}; co_await g(a); }", "struct s { int a{}; awaitable<> f() { co_await g(); } };",
    "[[nodiscard]] awaitable<int> f() { co_return co_await g(); }",
    "try { co_await f(); } catch (const E& e) { throw X{e.what(), {1, 2}}; }",
    "auto f() -> awaitable<int> { co_return co_await g(); }",
    "co_await f([x] {}); // lint: G1-ok (x is an int)", "// lint: G2-ok (proven by test 7)\nco_await f(agg{a, b});",
    "#define F(x) co_await f([x] {})\nint a;", "#if A\n    #define F(x) \\\n  co_await f([x] {})\n#endif", 'auto r = R"(co_await f({}))"; go();', "switch (co_await x()) { case 1: { agg a{}; } }",
]


class Expressions(unittest.TestCase):
    def found(self, code):
        return [rule for rule, _ in g12.problems_of(code, g12.aggregates_of([TYPES]))]

    def test_aggregates(self):
        self.assertEqual(g12.aggregates_of([TYPES]), {"agg", "calls"})

    def test_bad(self):
        for rule, samples in BAD.items():
            for code in samples:
                with self.subTest(code=code):
                    self.assertIn(rule, self.found(code))

    def test_good(self):
        for code in GOOD:
            with self.subTest(code=code):
                self.assertEqual(self.found(code), [])

    def test_line(self):
        self.assertEqual(list(g12.problems_of("int a;\nco_await f(\n  1,\n  [x] {});", set(), 10)), [("G1", 13)])

    def test_markdown(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "page.md"
            page.write_text("text\n\n```cpp\nco_await f({});\n```\n\n```sh\nco_await f({});\n```\n")
            self.assertEqual(g12.pieces(page), [("co_await f({});\n", 4)])

    def test_examples_in_comments(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "a.hpp"
            page.write_text("/// Does it:\n///\n///     co_await f(\n///         {});\n/// and `co_await f({})`.\nint a;\n")
            found = [problem for text, line in g12.pieces(page) for problem in g12.problems_of(text, set(), line)]
            self.assertEqual(found, [("G2", 4)])


class Tree(unittest.TestCase):
    """Runs a lint over a small tree of its own."""

    def lint(self, script, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            shutil.copytree(pathlib.Path(__file__).parent, root / "cmake/lint")
            for path, text in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            done = subprocess.run([sys.executable, str(root / "cmake/lint" / script)], capture_output=True, text=True)
            return done.returncode, done.stdout

    def test_arrows(self):
        core = "include/brio/core/a.hpp"
        for target, good in (("core/b", True), ("detail/low", True), ("sync/s", False), ("detail/high", False),
                             ("debug/d", False), ("http/h", False), ("brio", False)):
            with self.subTest(target=target):
                status, output = self.lint("arrows.py", {
                    core: f"#include <brio/{target}.hpp>\n",
                    "include/brio/core/b.hpp": "", "include/brio/sync/s.hpp": "#include <brio/core/b.hpp>\n",
                    "include/brio/detail/low.hpp": "#include <brio/core/b.hpp>\n",
                    "include/brio/detail/high.hpp": "#include <brio/sync/s.hpp>\n",
                    "include/brio/debug/d.hpp": "", "include/brio/http/h.hpp": "#include <brio/sync/s.hpp>\n",
                    "include/brio/brio.hpp": "", "include/brio/testing/t.hpp": "#include <brio/brio.hpp>\n"})
                self.assertEqual(status == 0, good, output)
                self.assertEqual(f"{core}:1" in output, not good, output)

    def test_private_libraries(self):
        for header, good in (("boost/beast/http.hpp", False), ("openssl/ssl.h", False), ("boost/asio.hpp", False),
                             ("boost/asio/awaitable.hpp", True)):
            status, output = self.lint("arrows.py", {"include/brio/io/a.hpp": f"#include <{header}>\n"})
            self.assertEqual(status == 0, good, output)

    def test_files(self):
        head = "// SPDX-License-Identifier: BSL-1.0\n// A file.\n"
        machine = "/ho" + "me/somebody/x"
        for text, good in ((head, True), ("int a;\n", False), (head + "int a;\n" * 800, False), (head + f"// {machine}\n", False),
                           (head.replace("// A", "int A"), False), (head + "// a/home/b\n", True),
                           (head + "std::source_location x;\n", False), (head + "source_location x; // not std::source_location\n", True)):
            status, output = self.lint("files.py", {"src/core/a.cpp": text})
            self.assertEqual(status == 0, good, output)

    def test_one_definition(self):
        first = "namespace a { inline namespace v0 { struct twice { int n; }; } }\n"
        for second, good in (("namespace a::v0 { class twice final : base<int> {}; }", False),
                             ("namespace a::v0 {\ntemplate <class T>\nclass alignas(64) twice {}; }", False),
                             ("namespace a::v0 { namespace { struct twice {}; } }", True),
                             ("namespace a::v0 { struct other::twice {}; struct twice; struct twice f() { return {}; } }", True),
                             ("namespace a::v0 { template <> struct twice<int> {}; }", True),
                             ("void f() { struct twice {}; }", True)):
            with self.subTest(second=second):
                status, output = self.lint("one_definition.py", {"include/brio/core/a.hpp": first, "src/core/a.cpp": second})
                self.assertEqual(status == 0, good, output)
        status, output = self.lint("one_definition.py", {"include/brio/core/a.hpp": first, "test/unit/core/a_test.cpp": first,
                                                         "test/unit/core/b_test.cpp": "struct one {};",
                                                         "test/unit/io/a_test.cpp": "struct one {};"})
        self.assertEqual(status, 1)
        self.assertIn("test/unit/core/a_test.cpp:1", output)
        self.assertNotIn("class one ", output)


class Cases(unittest.TestCase):
    """test/cases: which cases a name covers, and what it makes of a folder."""

    @classmethod
    def setUpClass(cls):
        loader = importlib.machinery.SourceFileLoader("cases", str(TEST / "cases"))
        cls.cases = importlib.util.module_from_spec(importlib.util.spec_from_loader("cases", loader))
        loader.exec_module(cls.cases)

    def test_names(self):
        for name, expected in (("Q_17_a_putter", ["Q-17"]), ("Q_17", ["Q-17"]), ("GAT_3_GAT_4_x", ["GAT-3", "GAT-4"]),
                               ("EVT_1_and_7_set", ["EVT-1", "EVT-7"]), ("Q_3_2_items", ["Q-3"]), ("Q_1_and_a_half", ["Q-1"]),
                               ("H_031_033_x", ["H-031", "H-033"]), ("H_024_4_spellings", ["H-024"]),
                               ("H_070_H_073_x", ["H-070", "H-073"]), ("keeps_order_1", []), ("sha_1", []),
                               ("after_SUB_5_came", ["SUB-5"])):
            with self.subTest(name=name):
                self.assertEqual(list(self.cases.cases_in(name)), expected)

    def test_definitions(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "a_test.cpp"
            page.write_text("BRIO_TEST(q, Q_1_a) {}\nBRIO_TEST_REAL_TIME(q,\n    Q_2_b) {}\nTEST(q, Q_3_c) {}\n"
                            "TEST_P(q, Q_4_d) {}\nBRIO_SCENARIO(Q_5_e) {}\n// Q_6_f\nMY_TEST(q, Q_7_g)\nTEST_CASE(Q_8_h)\n")
            self.assertEqual(self.cases.tested_cases(pathlib.Path(folder)), {"Q-1", "Q-2", "Q-3", "Q-4", "Q-5"})

    def test_differences(self):
        text = "RUN-1 in words\n| Case | asyncio |\n|---|---|\n| WF-15, TO-13 | as CAN-11 |\n"
        self.assertEqual(self.cases.differing_cases(text), {"WF-15", "TO-13"})

    def test_sections(self):
        known = ["2.1", "2.2", "2.9", "2.10"]
        self.assertEqual(self.cases.sections_of("2.2-2.10,2.1", known), ["2.2", "2.9", "2.10", "2.1"])
        self.assertRaises(SystemExit, self.cases.sections_of, "2.3", known)

    def check(self, sections, tests, differences=""):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "test").mkdir()
            (root / "doc/guide").mkdir(parents=True)
            shutil.copy(TEST / "cases", root / "test")
            rows = [f"Q-{n}\tA\t2.1 Queues\ttitle {n}" for n in range(1, 41)] + ["Q-50\tC\t2.2 Python\tno", "Q-51\tB\t2.2 Python\tb"]
            (root / "test/cases.tsv").write_text("# table\n" + "\n".join(rows) + "\n")
            (root / "test/a_test.cpp").write_text(tests)
            (root / "doc/guide/differences.md").write_text(differences)
            done = subprocess.run([sys.executable, str(root / "test/cases"), "--check", sections], capture_output=True, text=True)
            return done.returncode, done.stdout + done.stderr

    def test_check(self):
        all_of = lambda numbers: "".join(f"TEST(q, Q_{n}_x) {{}}\n" for n in numbers)
        rows_of = lambda numbers: "".join(f"| Q-{n} | a |\n" for n in numbers)
        self.assertEqual(self.check("2.1", all_of(range(1, 41)))[0], 0)
        status, output = self.check("2.1", all_of(range(2, 41)))
        self.assertEqual(status, 1)
        self.assertIn("title 1", output)
        self.assertEqual(self.check("2.1", all_of(range(2, 41)), rows_of([1]))[0], 0)
        self.assertEqual(self.check("2.2", "")[0], 1, "B counts, too")
        self.assertEqual(self.check("2.2", all_of([51]))[0], 0, "C does not")
        self.assertEqual(self.check("2.1", all_of(range(26, 41)), rows_of(range(1, 26)))[0], 0)
        self.assertEqual(self.check("2.1", all_of(range(27, 41)), rows_of(range(1, 27)))[0], 1, "26 rows are too many")


if __name__ == "__main__":
    unittest.main()
