// SPDX-License-Identifier: MIT
/* Files that come and go, or of which there are many, and whose names tell an
 * operator nothing. Programs, libraries and databases are not among them. */
#include "core/groups.h"

const struct groups_stock groups_stock[] = {
    /* collectd and others store one file for each series: hundreds. */
    {"/\\.rrd$/", "rrd"},
    {"/\\.wsp$/", "whisper"},
    /* A dozen files for each start of a program. */
    {"/^/usr/(lib|share)/(locale|i18n|zoneinfo)/|/gconv-modules\\.cache$/",
     "locale"},
    /* Each start of any program touches these, too, so they only say how many
     * started. libc is left as the measure of that. */
    {"/^/etc/ld\\.so\\.cache$|^(/usr)?/lib(32|64)?/([^/]+-linux-[^/]+/)?lib"
     "(m|mvec|dl|rt|pthread|util|resolv|nss_[^/"
     "]+|selinux|pcre2?-[0-9]+|acl|attr"
     "|cap|tinfo|ncursesw?|gcc_s)\\.so[^/]*$/",
     "runtime"},
    /* Programs of scripts: never a cause, and a different one each time. */
    {"/^(/usr)?/bin/"
     "(basename|cat|chmod|chown|cmp|cp|cut|date|dd|df|diff|dirname"
     "|du|echo|[ef]?grep|env|expr|find|gzip|head|hostname|id|install|join|ln"
     "|logger|ls|mkdir|mktemp|[gm]?awk|mv|nice|nproc|od|paste|printf|ps|"
     "readlink"
     "|realpath|rm|rmdir|sed|seq|sleep|sort|stat|tail|tee|timeout|touch|tr"
     "|uname|uniq|wc|which|xargs)$/",
     "tools"},
    /* Each object and each pack has a name of its own, for ever. */
    {"/\\/\\.git\\/objects\\//", "git-objects"},
    /* One for each directory of fonts, named by a hash, in each home. */
    {"/\\.cache-[0-9]+$/", "fontconfig-cache"},
    /* One for each theme of icons; made anew by each installation. */
    {"/(icon-theme|mime)\\.cache$/", "desktop-cache"},
    /* What graphics drivers and browsers compile, named by a hash. */
    {"/(shader_cache[^/]*|ShaderCache|GPUCache|DawnCache)/./", "shader-cache"},
    /* mandb writes its index to a file named by its process. */
    {"/^/var/cache/man//", "man-cache"},
    /* Lists of packages, one for each archive, and what is made of them, named
     * at random until it is done. */
    {"/^/var/(cache|lib)/apt//", "apt"},
    /* One for each user and each rotation. */
    {"/^/(run|var)/log/journal//", "journal"},
    /* Files that mkstemp() or a process has named: names with two digits or
     * capitals that are not in a directory of their own, as ccA1b2C3.s or
     * x-4711. Python's names may have none. */
    {"/^/(tmp|var/tmp|run|run/user/[0-9]+)/"
     "([^/]*[A-Z0-9][^/]*[A-Z0-9]|tmp[a-z0-9_]{8})[^/]*$/",
     "tmp"},
    /* Just-in-time compilers write these for perf, wherever they run. */
    {"/\\/jit-[0-9]+\\.dump$/", "tmp"},
    {0}};
