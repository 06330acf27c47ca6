#!/bin/bash
# SPDX-License-Identifier: MIT
# Several tests of this directory in one guest, one after the other, as a boot takes as
# long as some of them. Argument: "KERNEL TEST..." in one. The guest has what each test
# asks for; no more than one may ask for memory or a clock of its own.
set -eu

vm=$(cd "$(dirname "$0")" && pwd)
read -r kernel tests <<<"$1"
gathered=$(mktemp -d)
trap 'rm -rf "$gathered"' EXIT
export BPFMEM_GATHER=$gathered/now

# Instead of booting, in_guest leaves its options and its script there.
files=() options=() limit=0 space=0 modules='' arguments=''
for test in $tests; do
  mkdir "$BPFMEM_GATHER"
  "$vm/$test.sh" "$kernel" || exit
  mapfile -t -d '' asked <"$BPFMEM_GATHER/options"
  mv "$BPFMEM_GATHER" "$gathered/$test"
  files+=(-f "$gathered/$test/script:/bpfmem/together/$test")
  ask_limit=120 OPTIND=1
  while getopts A:c:m:a:t:s:d:M:f:iv option "${asked[@]}"; do
    case $option in
    a) arguments+=" $OPTARG" ;;
    t) ask_limit=$OPTARG ;;
    s) space=$((space + OPTARG)) ;;
    M) modules+=,$OPTARG ;;
    f) files+=(-f "$OPTARG") ;;
    i) options+=(-i) ;;
    *) options+=("-$option" "$OPTARG") ;;
    esac
  done
  limit=$((limit + ask_limit))
done
unset BPFMEM_GATHER

# Each counts by itself: the last line is as that of a libcheck program.
cat >"$gathered/script" <<END
#!/bin/bash
failed=0
for test in $tests; do
  started=\$SECONDS status=PASS
  echo "== \$test"
  bash "/bpfmem/together/\$test" || status=FAIL failed=\$((failed + 1))
  echo "\$status: \$test (\$((SECONDS - started)) s)"
done
echo "0%: Checks: $(wc -w <<<"$tests"), Failures: \$failed, Errors: 0"
exit \$failed
END
"$vm/run" "${options[@]}" -t $limit -s $((space + 64)) ${modules:+-M "${modules#,}"} \
  -a "${arguments# }" "${files[@]}" "$kernel" "$gathered/script"
