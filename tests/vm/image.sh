# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Builds the root file system of a guest, for the program run: what its options
# say, programs with their libraries, busybox. Needs lib.sh.
#
# From run: arch sysroot kernel modules script token files programs space disk
# here work stage image
# shellcheck disable=SC2154

# Copy file $1 to path $2 of the guest.
add_file() {
  local path=$1 guest=$2 magic
  mkdir -p "$stage/${guest%/*}"
  cp -L --remove-destination "$path" "$stage/$guest"
  IFS= read -r -d '' -n 4 magic <"$path" || true
  [ "$magic" != $'\177ELF' ] || programs+=("$path")
}

# Copy the shared libraries of all programs, to where the host has them, or the
# sysroot.
add_libraries() {
  local lib
  [ -z "$sysroot" ] || { add_foreign_libraries && return; }
  while read -r lib; do
    [ -e "$stage/$lib" ] || add_file "$lib" "$lib"
  done < <(ldd "${programs[@]}" 2>/dev/null | grep -o '/[^ ]* (0x' |
    sed 's/ (0x//' | sort -u)
}

# The same without running anything: programs grows while we go through it.
add_foreign_libraries() {
  local i name lib
  for ((i = 0; i < ${#programs[@]}; i++)); do
    while read -r name; do
      for lib in "/lib/$arch-linux-gnu/$name" "/lib/$name"; do
        [ ! -e "$sysroot$lib" ] || [ -e "$stage$lib" ] ||
          add_file "$sysroot$lib" "$lib"
      done
    done < <(readelf -d "${programs[i]}" 2>/dev/null |
      sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
  done
}

# Put the kernel's modules in the guest.
add_modules() {
  local version=${kernel##*/vmlinuz-}
  local from=${kernel%/*}/lib/modules/$version
  [ -e "$from/modules.dep" ] || die 125 "no modules of $version in $from"
  mkdir -p "$stage/lib/modules"
  cp -r "$from" "$stage/lib/modules/"
}

add_path() {
  local path=${1%%:*} guest=${1#*:} file
  [ -e "$path" ] || die 125 "$path does not exist"
  case $guest in
  /*) ;;
  *) guest=$(realpath -s "$path") ;;
  esac
  [ -d "$path" ] || { add_file "$path" "$guest" && return; }
  while IFS= read -r -d '' file; do
    add_file "$path/$file" "$guest/$file"
  done < <(find -L "$path" -type f -printf '%P\0')
}

# The names of its tools are those of the host's, in either case.
add_busybox() {
  local host busybox tool
  host=$(command -v busybox)
  busybox=$sysroot$(realpath "$host")
  [ -e "$busybox" ] || busybox=$sysroot/usr/bin/busybox
  cp "$busybox" "$stage/usr/bin/busybox"
  for tool in $("$host" --list); do
    [ "$tool" = busybox ] || ln -s busybox "$stage/usr/bin/$tool"
  done
}

# glibc loads libgcc_s when a thread ends early: nothing shows that.
add_libgcc() {
  local lib
  if [ -n "$sysroot" ]; then
    lib=/lib/$arch-linux-gnu/libgcc_s.so.1
  else
    lib=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p |
      sed -n 's/.*libgcc_s\.so\.1 (libc6,\(x86-64\|AArch64\)) => //p' |
      head -n 1)
  fi
  [ -z "$lib" ] || add_file "$sysroot$lib" "$lib"
}

fill_stage() {
  local item dir
  mkdir -p "$stage"/{proc,sys,dev,tmp,run,root,etc,var/lib,var/log,mnt} \
    "$stage"/usr/{bin,sbin,lib,lib64}
  for dir in bin sbin lib lib64; do
    ln -s "usr/$dir" "$stage/$dir"
  done
  add_busybox
  add_libgcc
  echo 'root:x:0:0:root:/root:/bin/sh' >"$stage/etc/passwd"
  echo 'root:x:0:' >"$stage/etc/group"
  echo '127.0.0.1 localhost guest' >"$stage/etc/hosts"
  ln -s /proc/mounts "$stage/etc/mtab"
  echo "$token" >"$stage/etc/token"
  { [ -z "$modules" ] || tr , '\n' <<<"$modules"; } >"$stage/etc/modules"
  [ -z "$modules" ] || add_modules
  for item in ${files[@]+"${files[@]}"}; do
    add_path "$item"
  done
  add_libraries
  cp "$here/init" "$stage/init"
  cp "$script" "$stage/test.sh"
  chmod 755 "$stage/init" "$stage/test.sh"
}

# An image with one partition at 1 MiB, as only partitions have a name that does
# not depend on which disk the kernel finds first: signature and number.
build_image() {
  local size
  need busybox truncate mke2fs ldd readelf
  fill_stage
  size=$(du -sm "$stage")
  size=$((${size%%[!0-9]*} + space + 8))
  truncate -s "$((size + 1))M" "$image"
  # The table of partitions: signature, then number 1, of type Linux.
  {
    printf 'bpfm\0\0\0\0\0\0\x83\0\0\0'
    little_endian 2048
    little_endian $((size * 2048))
  } | dd of="$image" bs=1 seek=440 conv=notrunc status=none
  printf '\x55\xaa' | dd of="$image" bs=1 seek=510 conv=notrunc status=none
  PATH=$PATH:/sbin:/usr/sbin mke2fs -q -t ext4 -O ^has_journal -m 0 \
    -E root_owner=0:0,offset=1048576 -d "$stage" "$image" "${size}M"
  [ -z "$disk" ] || truncate -s "${disk%%:*}M" "$work/extra"
}

# Print $1 as the four bytes of a number on disk.
little_endian() {
  local n=$1
  # shellcheck disable=SC2059 # the format is what is computed
  printf "$(printf '\\x%02x' $((n & 255)) $((n >> 8 & 255)) \
    $((n >> 16 & 255)) $((n >> 24 & 255)))"
}
