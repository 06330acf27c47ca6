dnl SPDX-License-Identifier: MIT
dnl --enable switches, and the summary of all that was decided.

AC_DEFUN([_BPFMEM_TRY_CFLAG], [
  AC_MSG_CHECKING([whether $CC accepts $1])
  bpfmem_save_CFLAGS=$CFLAGS
  CFLAGS="-Werror $1 $CFLAGS"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM],
    [AC_MSG_RESULT([yes])
     AS_VAR_APPEND([WARN_CFLAGS], [" $1"])],
    [AC_MSG_RESULT([no])])
  CFLAGS=$bpfmem_save_CFLAGS
])

AC_DEFUN([BPFMEM_SWITCHES], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [make warnings errors])],
    [], [enable_werror=no])
  AC_ARG_ENABLE([sanitizers], [AS_HELP_STRING([--enable-sanitizers],
    [build tests and bpfmem-top with AddressSanitizer and UBSan; the plugin is
     not built, as collectd could not load it])],
    [], [enable_sanitizers=no])
  AC_ARG_ENABLE([coverage],
    [AS_HELP_STRING([--enable-coverage], [instrument for gcov])],
    [], [enable_coverage=no])
  AC_ARG_ENABLE([cli],
    [AS_HELP_STRING([--disable-cli], [do not build bpfmem-top])],
    [], [enable_cli=yes])

  WARN_CFLAGS="-Wall -Wextra"
  m4_foreach_w([flag], [-Wformat=2 -Wstrict-prototypes -Wmissing-prototypes
    -Wpointer-arith -Wvla], [_BPFMEM_TRY_CFLAG(flag)])
  WERROR_CFLAGS=
  AS_IF([test "$enable_werror" = yes], [WERROR_CFLAGS=-Werror])
  INSTRUMENT_CFLAGS=
  AS_IF([test "$enable_sanitizers" = yes], [INSTRUMENT_CFLAGS="dnl
-fsanitize=address,undefined -fno-sanitize-recover=undefined dnl
-fno-omit-frame-pointer"])
  AS_IF([test "$enable_coverage" = yes],
    [AS_VAR_APPEND([INSTRUMENT_CFLAGS], [" --coverage -O0"])])
  AC_SUBST([WARN_CFLAGS])
  AC_SUBST([WERROR_CFLAGS])
  AC_SUBST([INSTRUMENT_CFLAGS])
  AM_CONDITIONAL([BUILD_MODULE], [test "$enable_sanitizers" != yes])
  AM_CONDITIONAL([BUILD_CLI], [test "$enable_cli" = yes])
])

AC_DEFUN([BPFMEM_SUMMARY], [
  AS_IF([test "$enable_sanitizers" = yes], [bpfmem_so="not built (sanitizers)"],
    [bpfmem_so=$collectdplugindir/bpfmem.so])
  eval "bpfmem_conf=${collectdconfdir:-$docdir/examples}/bpfmem.conf"
  eval "bpfmem_conf=$bpfmem_conf"
  AS_ECHO(["
bpfmem $PACKAGE_VERSION

  plugin           $bpfmem_so
  sample options   $bpfmem_conf
  bpfmem-top       $enable_cli
  unit tests       $have_check

  compiler         $CC $CFLAGS
  BPF compiler     $CLANG -target bpf $BPF_CFLAGS ($BPF_ARCH)
  bpftool          $BPFTOOL
  libbpf           `$PKG_CONFIG --modversion libbpf`
  collectd         $COLLECTD_CFLAGS

  werror           $enable_werror
  sanitizers       $enable_sanitizers
  coverage         $enable_coverage

\`make' builds, \`make help' lists what else it can do."])
])
