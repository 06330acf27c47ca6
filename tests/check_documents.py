#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Documents: nothing stands twice, links lead somewhere, each option, series and
statistic has its entry, the map is that of the tree, none is too long."""

import glob
import os
import re
import sys

os.chdir(os.environ.get("BPFMEM_SRCDIR") or os.path.dirname(os.path.abspath(__file__)) + "/..")

# Lines and words at most.
LIMITS = {
    "README.md": (180, 1500),
    "CONTRIBUTING.md": (250, 3000),
    "man/collectd-bpfmem.5": (600, 5500),
    "man/bpfmem-top.8": (500, 2500),
    "doc/guide.md": (400, 3000),
}
REFERENCE, LIVE_VIEW = "man/collectd-bpfmem.5", "man/bpfmem-top.8"
EQUAL_WORDS = 12  # in a row
SENTENCE_WORDS = 6  # of a sentence that may not stand twice

documents = sorted(
    glob.glob("*.md")
    + glob.glob("doc/*.md")
    + glob.glob("man/*.[58]")
    + ["contrib/README.md", "contrib/fleet/README.md", "collectd.conf.d/bpfmem.conf"]
)
bad = False


def complain(message, lines):
    global bad
    if lines:
        bad = True
        print(message + ":")
        for line in lines:
            print("  " + line)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def without_code(path, text):
    """Leave out examples, with as many lines as they have."""
    if path.endswith(".md"):
        code = r"^```.*?^```"
    else:
        code = r"^\.(EX|nf|Bd -literal).*?^\.(EE|fi|Ed)"
    return re.sub(code, lambda m: "\n" * m[0].count("\n"), text, flags=re.M | re.S)


def plain(path, line):
    """Without markup."""
    if path.endswith(".md"):
        line = re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", line)
        return re.sub(r"[`*]", "", line)
    if path.endswith(".conf"):
        return line.lstrip("#\t ")
    line = re.sub(r"^\.(?:B|I|BR|IR|BI|Fl|Ql|Cm|Ar|Pa|It|Xr|Dv|Ev|Ic|Op)\b", "", line)
    return re.sub(r"\\f[BIRP]|\\[&e]|\\\(..", "", line).replace("\\-", "-")


def units(path):
    """Yield (line number, text) of each paragraph, item and cell of a table."""
    start, lines = 0, []
    for number, line in enumerate(without_code(path, read(path)).split("\n"), 1):
        is_row = line.startswith("|") or "\t" in line and not path.endswith(".conf")
        is_break = not line.strip() or re.match(
            r"#|\s*[-*] |\s*\d+\. |\.(SH|SS|TP|TQ|IP|PP|Pp|It|El|Bl|TS|TE|T&)\b|T\}", line
        )
        if is_row or is_break and not (path.endswith(".conf") and line.startswith("#")):
            if lines:
                yield start, " ".join(lines)
            lines = []
        if is_row:
            for cell in re.split(r"[|\t]", line):
                yield number, plain(path, cell)
        elif line.strip() and not re.match(r"\.[A-Z]{2}\b|\.\\\"", line):
            start = start if lines else number
            lines.append(plain(path, line))
    if lines:
        yield start, " ".join(lines)


def words_of(text):
    return re.findall(r"[a-z0-9_./<>@~-]*[a-z0-9]", text.lower())


def check_repeated():
    seen, found = {}, {}
    for path in documents:
        for number, text in units(path):
            words = words_of(text)
            runs = [words[i : i + EQUAL_WORDS] for i in range(len(words) - EQUAL_WORDS + 1)]
            sentences = re.split(r"[.!?:](?:\s|$)", text)[:-1]
            runs += [run for run in map(words_of, sentences) if len(run) >= SENTENCE_WORDS]
            for run in map(tuple, runs):
                where = seen.setdefault(run, (path, number))
                if where != (path, number):
                    found.setdefault((where, (path, number)), " ".join(run))
    complain(
        "stands twice",
        [f"{a[0]}:{a[1]} and {b[0]}:{b[1]}: {text}" for (a, b), text in found.items()],
    )


def anchors(path):
    """As GitHub names headings."""
    for heading in re.findall(r"^#+ (.*)", without_code(path, read(path)), re.M):
        heading = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def is_dead(path, target):
    name, _, anchor = target.partition("#")
    to = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
    if not os.path.exists(to):
        return True
    return bool(anchor) and (not to.endswith(".md") or anchor not in anchors(to))


def check_links():
    dead = []
    for path in documents:
        text = without_code(path, read(path))
        for target in re.findall(r"\]\(([^)\s]+)\)", text) if path.endswith(".md") else []:
            if not re.match(r"[a-z]+:", target) and is_dead(path, target):
                dead.append(f"{path}: {target}")
        names = r"(?<![\w./~-])(?:bpf|plugin|contrib|tests|doc|man|collectd\.conf\.d|m4)/[\w./*-]*[\w*]"
        for name in re.findall(names, text):
            at = [name] + ([os.path.dirname(path) + "/" + name] if "/" in path else [])
            if not any(glob.glob(x) + glob.glob(x + ".*") for x in at):
                dead.append(f"{path}: {name}")
    complain("a link or a path that leads nowhere", dead)


def section(text, begin, end):
    return text[text.index(begin) :].split(end, 1)[0]


def check_options():
    manual, lacking = read(REFERENCE), []
    blocks = {
        "NULL": section(manual, ".SH CONFIGURATION", ".SS"),
        "PAGEFAULTS": section(manual, ".SS Block <PageFaults>", ".SS Block <Slab>"),
        "SLAB": section(manual, ".SS Block <Slab>", ".SH"),
    }
    table = re.findall(r"\{(NULL|PAGEFAULTS|SLAB), \"(\w+)\", set_", read("plugin/core/settings.c"))
    assert len(table) > 10, "no table of options"
    for block, key in table:
        if not re.search(rf"^\.B[RI] {key} ", blocks[block], re.M):
            lacking.append(f"{key} ({block})")
    for block, text in blocks.items():
        for key in re.findall(r"^\.B[RI] (\w+) ", text, re.M):
            if (block, key) not in table:
                lacking.append(f"{key} ({block}), which is no option")
    source = read("contrib/bpfmem-top/options.c")
    manual = read(LIVE_VIEW)
    letters = re.findall(r"getopt_long\([^\"]*\"([^\"]+)\"", source)[0]
    for name in re.findall(r"\w", letters) + re.findall(r'\{"(\w+)", \w+_argument', source):
        dash = "-" if len(name) > 1 else ""
        if not re.search(rf"^\.It (.* , )?(Fl )?{dash}{name}\b", manual, re.M):
            lacking.append(f"bpfmem-top -{dash}{name}")
    complain("an option without an entry in the manual", lacking)


def check_series():
    manual, lacking = read(REFERENCE), []
    dispatch = read("plugin/dispatch.c")
    metrics = section(manual, ".SH METRICS", ".SH STATISTICS")
    types = re.findall(r'\.type = "(\w+)"', dispatch)
    types += re.findall(r'send_(?:counts|gauge)\(dispatch, "(\w+)"', dispatch)
    types += re.findall(r'list_of\(forms\[dispatch->form\]\.plugin, "(\w+)"\)', dispatch)
    assert len(types) >= 6, "no types of series"
    for name in types:
        if not re.search(rf"/{name}[-\s]", metrics):
            lacking.append(name)
    classes = re.search(r"groups_classes\[\] = \{([^}]*)\}", read("plugin/core/groups.c"))[1]
    for name in re.findall(r'"(\w+)"', classes):
        if f".IP \\fB{name}\\fR" not in metrics:
            lacking.append(name)
    complain("a series without an entry in METRICS", lacking)

    statistics = section(manual, ".SH STATISTICS", ".SH HOOKS")
    of_code = set()
    for path in glob.glob("plugin/*.c") + glob.glob("plugin/*/*.c"):
        for name, total in re.findall(r'\{"(\w+)",\s*(true|false),', read(path)):
            of_code.add(("derive-" if total == "true" else "gauge-") + name)
        names = re.search(r"char \*const stall_names\[\w*\] = \{([^}]*)\}", read(path))
        of_code |= {"derive-" + x for x in re.findall(r'"(\w+)"', names[1] if names else "")}
    of_manual = set(re.findall(r"((?:derive|gauge)-\w+)", statistics))
    assert len(of_code) > 15, "no statistics"
    complain("a statistic without an entry in STATISTICS", sorted(of_code - of_manual))
    complain("an entry in STATISTICS that is no statistic", sorted(of_manual - of_code))


def check_map():
    text = read("CONTRIBUTING.md")
    named = set(re.findall(r"[\w.-]+", text))
    files = glob.glob("bpf/**/*.[ch]", recursive=True) + glob.glob("plugin/**/*.c", recursive=True)
    files += glob.glob("contrib/bpfmem-top/*.c")
    files = [file for file in files if not file.endswith(".skel.h")]
    complain("not in CONTRIBUTING's map", [x for x in files if os.path.basename(x) not in named])
    here = {os.path.basename(x) for x in glob.glob("**/*", recursive=True)} | {"vmlinux.h"}
    sources = {x for x in named if re.fullmatch(r"[a-z]\w*\.(bpf\.)?[ch]", x)}
    complain("CONTRIBUTING names a file that is not there", sorted(sources - here))


def check_panels():
    titles = re.findall(r'title: "([^"]+)"', read("contrib/grafana/src/dashboard.js"))
    wrong = []
    for line in re.findall(r"^- Panels?: (.*)", read("doc/guide.md"), re.M):
        wrong += [x for x in re.findall(r"\*([^*]+)\*", line) if x not in titles]
    complain("the guide names a panel that no dashboard has", wrong)


def check_limits():
    long = []
    for path, (lines_max, words_max) in LIMITS.items():
        text = read(path)
        lines, words = text.count("\n"), len(text.split())
        if lines > lines_max or words > words_max:
            long.append(f"{path}: {lines} lines of {lines_max}, {words} words of {words_max}")
    complain("too long", long)


check_repeated()
check_links()
check_options()
check_series()
check_map()
check_panels()
check_limits()
sys.exit(bad)
