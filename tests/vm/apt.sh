# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Packages of any Debian suite and architecture, through an apt configuration of
# our own: the system's is read, never changed. Needs lib.sh.
#
# Set by who uses it: deb_arch, and archive to what archive_entry prints.
# shellcheck disable=SC2154

# Print "URI KEYRING" of the machine's entry for Debian's own archive; the
# keyring is empty when the entry names none.
archive_entry() {
  local uri entry file keyring
  # shellcheck disable=SC2016 # apt expands these
  read -r uri entry < <(apt-get indextargets --format \
    '$(REPO_URI) $(SOURCESENTRY)' 'Created-By: Packages' 2>/dev/null |
    grep -E '/debian/? ' || true) || true
  uri=${BPFMEM_DEBIAN_URI:-${uri:-}}
  [ -n "$uri" ] ||
    die 125 "apt has no entry for Debian's archive; set BPFMEM_DEBIAN_URI"
  file=${entry:-}
  file=${file%:*}
  keyring=$(grep -siom1 'signed-by[:=][ ]*/[^] ]*' "$file" |
    sed 's/^[^/]*//' || true)
  [ -n "$keyring" ] || keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -r "$keyring" ] || keyring=
  printf '%s %s\n' "${uri%/}" "$keyring"
}

# Make a private apt root for suite $1 in directory $2.
write_apt_config() {
  local suite=$1 root=$2 uri=${archive% *} keyring=${archive#* }
  case $suite in *-security) uri=$uri-security ;; esac
  mkdir -p "$root"/{state/lists/partial,cache/archives/partial,empty}
  : >"$root/status"
  printf 'deb %s%s %s main\n' "${keyring:+[signed-by=$keyring] }" "$uri" \
    "$suite" >"$root/sources.list"
  # Proxies and the like are the machine's; its hooks and preferences are not.
  apt-config dump | grep '^Acquire::' | grep -v IndexTargets >"$root/apt.conf"
  cat >>"$root/apt.conf" <<END
Dir::State "$root/state";
Dir::State::status "$root/status";
Dir::Cache "$root/cache";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "$root/sources.list";
Dir::Etc::sourceparts "$root/empty";
Dir::Etc::preferences "$root/empty/none";
Dir::Etc::preferencesparts "$root/empty";
Dir::Etc::parts "$root/empty";
Dir::Etc::main "$root/empty/none";
APT::Architecture "$deb_arch";
APT::Architectures { "$deb_arch"; };
APT::Sandbox::User "";
Acquire::Languages "none";
END
}

# Fetch the package lists of the apt root, unless they are an hour old at most.
update_lists() {
  local root=$1 lists
  [ -z "$(find "$root/updated" -mmin -60 2>/dev/null)" ] || return 0
  say "fetching the package list ${root##*/}"
  apt-get -qq update >&2 || return 1
  lists=("$root"/state/lists/*_Packages*)
  [ ${#lists[@]} -gt 0 ] || return 1
  touch "$root/updated"
}

# use_suite SUITE: let the apt tools of this process see SUITE and nothing else.
# Its apt root is in $root.
use_suite() {
  root=$(cache_dir "apt/$deb_arch/$1")
  write_apt_config "$1" "$root"
  export APT_CONFIG=$root/apt.conf
  update_lists "$root" || {
    say "no suite $1 to be had"
    return 1
  }
}

# The lists may be too old for the mirror's pool: ask again next time.
distrust_lists() {
  rm -f "$root/updated"
}

# unpack PACKAGE DIRECTORY [PATTERN]...: what tar --wildcards finds, or all.
unpack() {
  local package=$1 dir=$2 deb status=0
  shift 2
  (cd "$dir" && apt-get -qq download "$package" >&2) || return 1
  deb=$(echo "$dir/${package}"_*.deb)
  # Not every package has something for every pattern.
  dpkg-deb --fsys-tarfile "$deb" |
    tar -x -C "$dir" ${1+--wildcards "$@"} 2>/dev/null || [ $# -gt 0 ] ||
    status=1
  rm -f "$deb"
  return $status
}
