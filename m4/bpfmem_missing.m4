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
