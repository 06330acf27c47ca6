// SPDX-License-Identifier: MIT
/* groups: which name a path gets, which names may not be had, and the examples
 * of the guide. */
#include "core/groups.h"

#include "check_main.h"
#include "core/label.h"
#include "core/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const classes[] = {"anon", "other", NULL};

static struct groups *groups;
static char text[512];

static void setup(void) {
  groups = groups_new();
  ck_assert_ptr_nonnull(groups);
  groups_use_stock(groups, false);
}

static void teardown(void) {
  groups_free(groups);
}

static void add(const char *pattern, const char *name) {
  ck_assert_msg(!groups_add(groups, pattern, name, text, sizeof(text)),
                "%s %s: %s", pattern, name, text);
}

/* "-": in no group. */
static const char *name_of(const char *path) {
  static char name[GROUPS_NAME_SIZE];

  return groups_name(groups, path, name, sizeof(name)) ? name : "-";
}

/* As sampler.c has it. */
static const char *label_of(const char *path) {
  static char label[LABEL_SIZE];
  char name[GROUPS_NAME_SIZE];

  if (groups_name(groups, path, name, sizeof(name))) {
    label_make(name, classes, label);
    return label;
  }
  label_make(path, classes, label);
  if (groups_claim(groups, label))
    label_make_hashed(path, label);
  return label;
}

START_TEST(groups_name_parts_are_put_in) {
  add("/^/srv/([a-z]+)/([0-9]+)/(x(y)?)/", "s-$1.$2-$1$4_$3~t");
  ck_assert_str_eq(name_of("/srv/ab/12/xy"), "s-ab.12-aby_xy/t");
  ck_assert_str_eq(name_of("/srv/ab/12/x"), "s-ab.12-ab_x/t");
  ck_assert_str_eq(label_of("/srv/ab/12/x"), "s-ab.12-ab_x~t");
  ck_assert_str_eq(name_of("/srv/ab/x"), "-");
}
END_TEST

START_TEST(groups_name_nine_parts) {
  add("/(1)(2)(3)(4)(5)(6)(7)(8)(9)/", "n$9$8$7$6$5$4$3$2$1");
  ck_assert_str_eq(name_of("/123456789"), "n987654321");
}
END_TEST

START_TEST(groups_name_first_match_wins) {
  add("/\\.sst$/", "first");
  add("/^/srv//", "second");
  add("/./", "third");
  ck_assert_str_eq(name_of("/srv/a.sst"), "first");
  ck_assert_str_eq(name_of("/srv/a.db"), "second");
  ck_assert_str_eq(name_of("/opt/a.db"), "third");
}
END_TEST

START_TEST(groups_name_own_come_before_stock) {
  groups_use_stock(groups, true);
  ck_assert_str_eq(name_of("/srv/a.rrd"), "rrd");
  add("/^/srv//", "mine");
  ck_assert_str_eq(name_of("/srv/a.rrd"), "mine");
  ck_assert_str_eq(name_of("/opt/a.rrd"), "rrd");
  groups_use_stock(groups, false);
  ck_assert_str_eq(name_of("/opt/a.rrd"), "-");
}
END_TEST

START_TEST(groups_name_null_has_no_members) {
  ck_assert(!groups_name(NULL, "/x", text, sizeof(text)));
  ck_assert(!groups_claim(NULL, "x"));
  groups_free(NULL);
}
END_TEST

/* No name can be a path: those start with '/' or "...". */
START_TEST(groups_name_starts_as_no_path_does) {
  add("/^(.*)/x$/", "$1q");
  ck_assert_str_eq(name_of("/srv/x"), "srvq");
  ck_assert_str_eq(name_of("...usr/x"), "usrq");
  ck_assert_str_eq(name_of("/./.../x"), "q");
  ck_assert_str_eq(name_of("/x"), "q");
}
END_TEST

/* What a name may bring of odd bytes; the label is harmless, never a class's
 * and never without what the name has by itself. */
START_TEST(groups_name_hostile_parts_are_harmless) {
  static const struct {
    const char *path, *start;
  } rows[] = {{"/g/\n[otice]/f", "i-__otice_@"},
              {"/g/../f", "i-.."},
              {"/g//f", "i-"},
              {"/g/\xff\xfe/f", "i-__@"},
              {"/g/a b/f", "i-a_b@"},
              {"/g/~/f", "i-_@"},
              {"/g/@12345678/f", "i-_12345678@"}};

  add("/^/g/([^/]*)/f$/", "i-$1");
  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    const char *label = label_of(rows[i].path);

    ck_assert_msg(!strncmp(label, rows[i].start, strlen(rows[i].start)),
                  "row %zu: %s", i, label);
    ck_assert_ptr_null(strpbrk(label, "/\n \xff"));
    ck_assert_uint_ne(label[strlen(label) - 1], '.');
  }
  ck_assert_str_eq(label_of("/g//f"), "i-");
}
END_TEST

START_TEST(groups_name_of_a_class_has_a_hash) {
  add("/^/(.)/", "ano$1");
  ck_assert_int_eq(strncmp(label_of("/n"), "anon@", 5), 0);
}
END_TEST

/* Names are told apart by all of what they have, far beyond a label's end. */
START_TEST(groups_name_long_parts_have_a_hash) {
  char path[4096 + 8], one[LABEL_SIZE];

  memset(path, 'a', sizeof(path));
  memcpy(path, "/g/", 3);
  path[4095] = '\0';
  add("/^/g/(.*)/", "i-$1");
  ck_assert_uint_eq(strlen(name_of(path)), 2 + 4095 - 3);
  strcpy(one, label_of(path));
  ck_assert_uint_eq(strlen(one), LABEL_SIZE - 1);
  path[100] = 'b';
  ck_assert_str_ne(label_of(path), one);
  ck_assert_str_eq(strchr(label_of(path), 'a'), label_of(path));
}
END_TEST

START_TEST(groups_name_longer_than_its_room_is_cut) {
  char path[64], name[8 + 1] = {[8] = '#'};

  add("/^/(.*)/", "$1$1-$1");
  memset(path, 'x', sizeof(path));
  path[0] = '/';
  path[63] = '\0';
  ck_assert(groups_name(groups, path, name, 8));
  ck_assert_str_eq(name, "xxxxxxx");
  ck_assert_int_eq(name[8], '#');
}
END_TEST

START_TEST(groups_claim_is_what_a_name_could_be) {
  static const struct {
    const char *label;
    bool claimed;
  } rows[] = {{"rrd", true},    {"rrd2", false},        {"rr", false},
              {"index-", true}, {"index-x", true},      {"index-a~b", true},
              {"index", false}, {"xindex-", false},     {"-b.c", true},
              {"a-b.c", true},  {"a-bb.cd", true},      {"a-x-b.x.c", true},
              {"a-b", false},   {"a-b.", false},        {"a-x.c-b", false},
              {"", false},      {"usr~index-x", false}, {"srv~x.rrd", false},
              {"xe", true},     {"exex", false},        {"eex", false}};

  add("/a/", "rrd");
  add("/(b)/", "index-$1");
  add("/(c)(d)(e)/", "$1-b$2.c$3");
  add("/(c)/", "$1e");
  for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
    ck_assert_msg(groups_claim(groups, rows[i].label) == rows[i].claimed,
                  "\"%s\"", rows[i].label);
}
END_TEST

/* Whoever may make a file where he wants cannot add to a group's series. */
START_TEST(groups_claim_keeps_files_off) {
  char member[LABEL_SIZE];

  add("/^/srv/([^/]*)/", "index-$1");
  ck_assert_str_eq(label_of("/srv/orders/a"), "index-orders");
  ck_assert_int_eq(strncmp(label_of("/index-orders"), "index-orders@", 13), 0);
  ck_assert_str_eq(label_of("/usr/index-orders"), "usr~index-orders");
  /* The same with a hash: the path is another string than the name. */
  strcpy(member, label_of("/srv/o s/a"));
  ck_assert_int_eq(strncmp(member, "index-o_s@", 10), 0);
  ck_assert_str_ne(label_of("/index-o s"), member);
}
END_TEST

static void add_pattern(void *arg, const char *pattern) {
  strcat(arg, pattern);
}

START_TEST(groups_unmatched_tells_who_has_no_member) {
  char unmatched[64] = "";

  groups_use_stock(groups, true);
  add("/a/", "one");
  add("/b/", "two");
  add("/ab/", "three");
  name_of("/ab");
  groups_unmatched(groups, add_pattern, unmatched);
  ck_assert_str_eq(unmatched, "/b//ab/");
}
END_TEST

START_TEST(groups_add_refuses_and_says_what) {
  static const struct {
    const char *pattern, *name, *reason;
  } rows[] = {
      {"/srv/x", "x", "\"/srv/x\" is not an expression, which stands between"},
      {"", "x", "\"\" is not an expression"},
      {"//", "x", "\"//\" is not an expression"},
      {"/(/", "x", "\"/(/\" is not a valid regular expression: Unmatched"},
      {"/x/", "", "\"\" is not the name of a group: it needs a letter"},
      {"/(x)/", "$1", "it needs a letter or a digit besides $1 to $9"},
      {"/x/", "a b", "it has letters, digits, . _ + - ~ and $1 to $9"},
      {"/x/", "a/b", "it has letters"},
      {"/x/", "a@b", "it has letters"},
      {"/x/", "a\nb", "it has letters"},
      {"/x/", "a$", "it has letters"},
      {"/x/", "a$0", "it has letters"},
      {"/x/", "a$x", "it has letters"},
      {"/x/", "~a", "its first character is neither . nor ~"},
      {"/x/", "..a", "its first character"},
      {"/(x)/", "$1~a", "its first character"},
      {"/x/", "a.", "it does not end in a dot"},
      {"/x/", "anon",
       "\"anon\" is not the name of a group: it is that of a "
       "class"},
      {"/x/", "root", "it is that of a class"},
      {"/x/", "a$1",
       "\"/x/\" for \"a$1\": $1 stands for a part in parentheses, "
       "of which the expression has 0"},
      {"/(x)(y)/", "a$3$1",
       "$3 stands for a part in parentheses, of which the "
       "expression has 2"},
  };
  char longest[LABEL_SIZE + 1];

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    text[0] = '\0';
    ck_assert_int_eq(
        groups_add(groups, rows[i].pattern, rows[i].name, text, sizeof(text)),
        -EINVAL);
    ck_assert_msg(strstr(text, rows[i].reason), "row %zu: %s", i, text);
  }
  memset(longest, 'x', sizeof(longest));
  longest[LABEL_SIZE] = '\0';
  ck_assert_int_eq(groups_add(groups, "/x/", longest, text, sizeof(text)),
                   -EINVAL);
  ck_assert_ptr_nonnull(strstr(text, "longer than 127 bytes"));
  ck_assert_str_eq(name_of("/x"), "-");
  add("/x/", longest + 1);
}
END_TEST

START_TEST(groups_add_warns_of_what_is_hardly_meant) {
  ck_assert_int_eq(groups_add(groups, "/\\d/", "x", text, sizeof(text)), 1);
  ck_assert_ptr_nonnull(strstr(text, "\\d means the letter d"));
  ck_assert_str_eq(name_of("/d"), "x");
}
END_TEST

static struct settings settings;

/* Sets an option, as if it stood alone. */
static int set(const char *block, const char *key,
               const struct settings_value *value) {
  settings.given = 0;
  return settings_set(&settings, block, key, value, text, sizeof(text));
}

static int set_pair(const char *block, const char *key, const char *first,
                    const char *second) {
  struct settings_value value = {SETTINGS_PAIR, {.pair = {first, second}}};

  return set(block, key, &value);
}

static int set_string(const char *block, const char *key, const char *string) {
  struct settings_value value = {SETTINGS_STRING, {.string = string}};

  return set(block, key, &value);
}

/* As name_of(), of the option's groups. */
static const char *option_name(const char *path) {
  static char name[GROUPS_NAME_SIZE];

  return groups_name(settings.pagefaults.groups, path, name, sizeof(name))
             ? name
             : "-";
}

START_TEST(groups_option_adds_up) {
  ck_assert_int_eq(settings_init(&settings), 0);
  ck_assert_int_eq(set_pair("PageFaults", "Group", "/^/srv/(.)/", "s-$1"), 0);
  ck_assert_int_eq(set_pair("pagefaults", "group", "/^/s/", "second"), 0);
  ck_assert_str_eq(option_name("/srv/x"), "s-x");
  ck_assert_str_eq(option_name("/s"), "second");
  ck_assert_str_eq(option_name("/x.rrd"), "rrd");
  ck_assert_int_eq(set_string("PageFaults", "StockGroups", "no"), 0);
  ck_assert_str_eq(option_name("/x.rrd"), "-");
  ck_assert_str_eq(option_name("/s"), "second");
  ck_assert_int_eq(set_string("PageFaults", "StockGroups", "yes"), 0);
  ck_assert_str_eq(option_name("/x.rrd"), "rrd");
  ck_assert_ptr_null(settings.slab.groups);
  settings_fini(&settings);
}
END_TEST

START_TEST(groups_option_refuses_and_says_what) {
  const char *two = "option Group in <PageFaults> takes two strings: Group "
                    "\"/REGEX/\" \"NAME\"";

  ck_assert_int_eq(settings_init(&settings), 0);
  ck_assert_int_eq(set_string("PageFaults", "Group", "/x/"), -EINVAL);
  ck_assert_str_eq(text, two);
  ck_assert_int_eq(set("PageFaults", "Group", NULL), -EINVAL);
  ck_assert_str_eq(text, two);
  ck_assert_int_eq(set_pair("PageFaults", "File", "/x", "x"), -EINVAL);
  ck_assert_str_eq(text, "option File in <PageFaults> takes exactly one value");
  ck_assert_int_eq(set_pair("Slab", "Group", "/x/", "x"), -EINVAL);
  ck_assert_ptr_nonnull(strstr(text, "unknown option \"Group\" in <Slab>"));
  ck_assert_int_eq(set_pair("PageFaults", "Group", "/x/", "a b"), -EINVAL);
  ck_assert_str_eq(text,
                   "option Group in <PageFaults>: \"a b\" is not the name "
                   "of a group: it has letters, digits, . _ + - ~ and $1 "
                   "to $9, and nothing else");
  ck_assert_int_eq(set_pair("PageFaults", "Group", "/\\d/", "x"), 1);
  ck_assert_ptr_eq(strstr(text, "option Group in <PageFaults>: \"/\\d/\": "),
                   text);
  ck_assert_int_eq(set_string("PageFaults", "StockGroups", "1"), -EINVAL);
  ck_assert_str_eq(
      text, "option StockGroups in <PageFaults>: \"1\" is not true or false");
  settings_fini(&settings);
}
END_TEST

/* Where the first character of a name can be dropped, that is no way to the
 * label of a group either. */
START_TEST(groups_claim_of_names_that_start_with_a_part) {
  add("/^/(.*)/seg$/", "$1-db");
  ck_assert_str_eq(label_of("//seg"), "-db");
  ck_assert_str_eq(label_of("/a/seg"), "a-db");
  ck_assert_int_eq(strncmp(label_of("/a-db"), "a-db@", 5), 0);
  ck_assert_int_eq(strncmp(label_of("/-db"), "-db@", 4), 0);
}
END_TEST

/* Each has one path that it is there for, and operators' files are in none. */
START_TEST(groups_stock_takes_noise_and_nothing_else) {
  static const struct {
    const char *path, *name;
  } rows[] = {
      {"/var/lib/collectd/rrd/host/cpu-0/cpu-idle.rrd", "rrd"},
      {"/var/lib/graphite/whisper/a/b.wsp", "whisper"},
      {"/usr/lib/locale/C.utf8/LC_CTYPE", "locale"},
      {"/usr/share/locale/de/LC_MESSAGES/bash.mo", "locale"},
      {"/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache", "locale"},
      {"/etc/ld.so.cache", "runtime"},
      {"/usr/lib/x86_64-linux-gnu/libpcre2-8.so.0.11.2", "runtime"},
      {"/usr/bin/sort", "tools"},
      {"/home/a/x/.git/objects/pack/pack-0123.pack", "git-objects"},
      {"/var/cache/fontconfig/3830d5c3-le64.cache-8", "fontconfig-cache"},
      {"/usr/share/mime/mime.cache", "desktop-cache"},
      {"/home/a/.cache/mesa_shader_cache_db/part0/x.db", "shader-cache"},
      {"/home/a/.config/chromium/Default/GPUCache/data_1", "shader-cache"},
      {"/var/cache/man/28822", "man-cache"},
      {"/var/cache/man/de/index.db", "man-cache"},
      {"/var/cache/apt/pkgcache.bin.Ab12Cd", "apt"},
      {"/var/log/journal/0123456789abcdef/system@00-11.journal", "journal"},
      {"/tmp/ccA1b2C3.s", "tmp"},
      {"/var/tmp/x-4711", "tmp"},
      {"/run/user/1000/.org.chromium.AB12cd", "tmp"},
      {"/tmp/tmpq_xyzabc", "tmp"},
      {"/home/a/jit-4711.dump", "tmp"},
      {"/usr/lib/x86_64-linux-gnu/libc.so.6", "-"},
      {"/usr/bin/python3.11", "-"},
      {"/usr/lib/x86_64-linux-gnu/gconv/UTF-16.so", "-"},
      {"/var/lib/mysql/ibdata1", "-"},
      {"/var/lib/ldap/data.mdb", "-"},
      {"/tmp/database", "-"},
      {"/tmp/segment.1/data.mdb", "-"},
      {"/var/tmp/build.AB12cd/a.out", "-"},
      {"/srv/a.cache", "-"},
      {"/srv/rrd", "-"},
      {"/usr/lib/x86_64-linux-gnu/libmariadb.so.3", "-"},
      {"/usr/bin/sortilege", "-"},
      {"/opt/var/cache/man/1", "-"},
  };
  bool named[64] = {false};
  size_t count = 0;

  groups_use_stock(groups, true);
  for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
    ck_assert_msg(!strcmp(name_of(rows[i].path), rows[i].name), "%s: %s",
                  rows[i].path, name_of(rows[i].path));
  for (; groups_stock[count].name; count++)
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
      named[count] |= !strcmp(groups_stock[count].name, rows[i].name);
  for (size_t i = 0; i < count; i++)
    ck_assert_msg(named[i], "no case of %s", groups_stock[i].name);
}
END_TEST

/* A line of the guide without its end. */
static bool next_line(FILE *guide, char *line, size_t size) {
  if (!fgets(line, (int)size, guide))
    return false;
  line[strcspn(line, "\n")] = '\0';
  return true;
}

/* Each block of the guide starts anew; the paths below it are its own. */
START_TEST(groups_of_the_guide_do_what_it_says) {
  const char *source = getenv("BPFMEM_SRCDIR");
  char file[4096], line[1024], pattern[512], name[128], path[512], series[128];
  unsigned options = 0, paths = 0, blocks = 0;
  FILE *guide;

  snprintf(file, sizeof(file), "%s/doc/guide.md", source ? source : ".");
  guide = fopen(file, "r");
  ck_assert_msg(guide, "no %s", file);
  while (next_line(guide, line, sizeof(line))) {
    if (!strcmp(line, "<PageFaults>")) {
      teardown();
      setup();
      blocks++;
    } else if (sscanf(line, " Group \"%511[^\"]\" \"%127[^\"]\"", pattern,
                      name) == 2) {
      ck_assert_ptr_null(strchr(pattern, '\\')); /* collectd takes one away */
      add(pattern, name);
      options++;
    } else if (sscanf(line, "| /%510s | %127s |", path + 1, series) == 2) {
      path[0] = '/';
      ck_assert_msg(!strcmp(label_of(path), series), "%s: %s, not %s", path,
                    label_of(path), series);
      paths++;
    } else if (!strncmp(line, "## ", 3) || !strncmp(line, "### ", 4)) {
      char unmatched[2048] = "";

      groups_unmatched(groups, add_pattern, unmatched);
      ck_assert_msg(!unmatched[0], "no example of %s", unmatched);
    }
  }
  fclose(guide);
  ck_assert_uint_eq(blocks, 3);
  ck_assert_uint_ge(options, blocks);
  ck_assert_uint_ge(paths, 3 * blocks);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      groups_name_parts_are_put_in,
      groups_name_nine_parts,
      groups_name_first_match_wins,
      groups_name_own_come_before_stock,
      groups_name_null_has_no_members,
      groups_name_starts_as_no_path_does,
      groups_name_hostile_parts_are_harmless,
      groups_name_of_a_class_has_a_hash,
      groups_name_long_parts_have_a_hash,
      groups_name_longer_than_its_room_is_cut,
      groups_claim_is_what_a_name_could_be,
      groups_claim_keeps_files_off,
      groups_claim_of_names_that_start_with_a_part,
      groups_unmatched_tells_who_has_no_member,
      groups_add_refuses_and_says_what,
      groups_add_warns_of_what_is_hardly_meant,
      groups_option_adds_up,
      groups_option_refuses_and_says_what,
      groups_stock_takes_noise_and_nothing_else,
      groups_of_the_guide_do_what_it_says,
  };

  return suite_with("groups", setup, teardown, tests, ARRAY_SIZE(tests));
}
