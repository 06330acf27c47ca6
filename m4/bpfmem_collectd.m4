dnl SPDX-License-Identifier: MIT
dnl Where collectd's headers are and where it looks for plugins and options.

dnl -isystem: warnings in collectd's headers are not ours.
AC_DEFUN([_BPFMEM_COLLECTD_TRY], [
  bpfmem_save_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="-DHAVE_CONFIG_H $1 $CPPFLAGS"
  AC_MSG_CHECKING([for collectd's headers $2])
  AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#include "collectd.h"

#include "plugin.h"
#include "utils/common/common.h"
value_list_t list = VALUE_LIST_INIT;]])],
    [COLLECTD_CFLAGS="-DHAVE_CONFIG_H $1"
     AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])])
  CPPFLAGS=$bpfmem_save_CPPFLAGS
])

AC_DEFUN([BPFMEM_COLLECTD_HEADERS], [
  AC_ARG_WITH([collectd-source], [AS_HELP_STRING([--with-collectd-source=DIR],
    [a configured collectd source tree (5.9 or newer)])])
  AC_ARG_WITH([collectd-builddir],
    [AS_HELP_STRING([--with-collectd-builddir=DIR],
      [its build directory, if another (has src/config.h)])])
  AC_ARG_WITH([collectd-headers], [AS_HELP_STRING([--with-collectd-headers=DIR],
    [installed headers, as collectd-dev has them: DIR/core/daemon/plugin.h
     (default: /usr/include/collectd)])])
  COLLECTD_CFLAGS=
  AS_IF([test -n "$with_collectd_source"], [
    bpfmem_src=`cd "$with_collectd_source" && pwd`/src
    bpfmem_obj=$bpfmem_src
    AS_IF([test -n "$with_collectd_builddir"],
      [bpfmem_obj=`cd "$with_collectd_builddir" && pwd`/src])
    AS_IF([test ! -f "$bpfmem_obj/config.h"],
      [AC_MSG_ERROR([$bpfmem_obj has no config.h: run collectd's configure, or
say where it ran with --with-collectd-builddir=DIR])])
    _BPFMEM_COLLECTD_TRY([-isystem $bpfmem_obj -isystem $bpfmem_src/daemon \
-isystem $bpfmem_src], [in $bpfmem_src])
  ], [
    : ${with_collectd_headers=/usr/include/collectd}
    bpfmem_dir=$with_collectd_headers
    _BPFMEM_COLLECTD_TRY([-isystem $bpfmem_dir/core/daemon \
-isystem $bpfmem_dir/core -isystem $bpfmem_dir], [in $bpfmem_dir])
  ])
  AS_IF([test -z "$COLLECTD_CFLAGS"], [BPFMEM_MISSING(
    [collectd's headers (or see --with-collectd-source)], [collectd-dev])])
  AC_SUBST([COLLECTD_CFLAGS])
])

dnl The daemon itself knows best: Debian's directory is not multiarch, others'
dnl is below $libdir.
AC_DEFUN([BPFMEM_COLLECTD_PLUGINDIR], [
  AC_PATH_PROG([COLLECTD], [collectd], [],
    [$PATH:/usr/local/sbin:/usr/sbin:/sbin:/opt/collectd/sbin])
  AC_ARG_WITH([collectd-plugindir],
    [AS_HELP_STRING([--with-collectd-plugindir=DIR],
      [where bpfmem.so goes (default: what `collectd -h' prints as plugin
       directory, or LIBDIR/collectd)])],
    [], [with_collectd_plugindir=])
  AC_MSG_CHECKING([for collectd's plugin directory])
  collectdplugindir=$with_collectd_plugindir
  AS_IF([test -z "$collectdplugindir" && test -n "$COLLECTD"],
    [collectdplugindir=`"$COLLECTD" -h 2>/dev/null |
      sed -n 's/^ *Plugin directory *//p'`])
  AS_IF([test -z "$collectdplugindir"], [collectdplugindir='${libdir}/collectd'])
  AC_MSG_RESULT([$collectdplugindir])
  AC_SUBST([collectdplugindir])
])

AC_DEFUN([BPFMEM_COLLECTD_CONFDIR], [
  AC_ARG_WITH([collectd-confdir],
    [AS_HELP_STRING([--with-collectd-confdir=DIR],
      [install the sample bpfmem.conf, which has everything commented out, also
       in DIR, unless DIR has one; on Debian /etc/collectd/collectd.conf.d.
       Without this option it is only in DOCDIR/examples])],
    [], [with_collectd_confdir=])
  AS_CASE([$with_collectd_confdir], [yes|no], [with_collectd_confdir=])
  collectdconfdir=$with_collectd_confdir
  AC_SUBST([collectdconfdir])
  AM_CONDITIONAL([INSTALL_CONF], [test -n "$collectdconfdir"])
])
