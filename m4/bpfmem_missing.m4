dnl SPDX-License-Identifier: MIT
dnl Collects what is missing, for one message at the end instead of one a run.

dnl BPFMEM_MISSING(WHAT, DEBIAN-PACKAGE)
AC_DEFUN([BPFMEM_MISSING], [
  AC_MSG_WARN([missing: $1 (Debian package $2)])
  AS_VAR_APPEND([bpfmem_missing], ["
  $1: install $2"])
  AS_CASE([" $bpfmem_packages "], [*" $2 "*], [],
    [AS_VAR_APPEND([bpfmem_packages], [" $2"])])
])

dnl BPFMEM_CHECK_LIBRARY(PREFIX, PKG-CONFIG-MODULE, HEADER, DEBIAN-PACKAGE)
dnl Without pkg-config only the header is looked for, so that what is listed as
dnl missing is missing.
AC_DEFUN([BPFMEM_CHECK_LIBRARY], [
  AS_IF([test -n "$PKG_CONFIG"],
    [PKG_CHECK_MODULES([$1], [$2], [], [BPFMEM_MISSING([$2], [$4])])],
    [AC_CHECK_HEADER([$3], [], [BPFMEM_MISSING([$2], [$4])])])
])

dnl Headers alone, which no pkg-config knows. 2.1 (2018): the first that survives
dnl a lack of memory.
AC_DEFUN([BPFMEM_CHECK_UTHASH], [
  AC_CACHE_CHECK([for uthash >= 2.1], [bpfmem_cv_uthash], [
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>
#ifndef uthash_nonfatal_oom
#error too old
#endif]])], [bpfmem_cv_uthash=yes], [bpfmem_cv_uthash=no])])
  AS_IF([test "$bpfmem_cv_uthash" = no],
    [BPFMEM_MISSING([uthash >= 2.1], [uthash-dev])])
])

dnl libcheck is needed by `make check` alone, which says so without it.
AC_DEFUN([BPFMEM_CHECK_LIBCHECK], [
  have_check=no
  AS_IF([test -n "$PKG_CONFIG"],
    [PKG_CHECK_MODULES([CHECK], [check >= 0.10], [have_check=yes], [
      AC_MSG_WARN([no libcheck (Debian package check): no unit tests])])])
  AM_CONDITIONAL([HAVE_CHECK], [test "$have_check" = yes])
])

AC_DEFUN([BPFMEM_STOP_IF_MISSING], [
  AS_IF([test -n "$bpfmem_missing"], [AC_MSG_ERROR([something is missing:
$bpfmem_missing

On Debian and its relatives, as root:

  apt-get install$bpfmem_packages

or contrib/install-deps, which installs all that a build needs.])])
])
