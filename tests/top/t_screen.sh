#!/bin/bash
# SPDX-License-Identifier: MIT
# The full-screen view in terminals of several sizes: what each key does, what is shown
# of a known workload, that hostile names cannot break it, and that the terminal is as
# before however it ends.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch
command -v tmux >/dev/null || {
  echo 'needs tmux, for a terminal whose screen can be read'
  exit 77
}

tmux() {
  command tmux -S "$scratch/tmux" -f /dev/null "$@"
}
trap 'tmux kill-server 2>/dev/null; end_jobs; rm -rf "$scratch"' EXIT

# keys KEY...: as tmux has their names.
keys() {
  tmux send-keys "$@"
}
screen() {
  tmux capture-pane -p >screen
}
# shows REGEX, shows_not REGEX: a line of the screen does.
shows() {
  screen && grep -qE "$1" screen
}
shows_not() {
  ! shows "$1"
}
see() {
  wait_for "$1 on the screen: $(cat screen 2>/dev/null)" shows "$1"
}
see_not() {
  wait_for "no $1 on the screen" shows_not "$1"
}

# run COMMAND: in the terminal's shell; its status is in the file `status`.
run() {
  rm -f status
  keys -l "$1; echo \$? >status"
  keys Enter
}
# ended_well HOW: with status 0, and the terminal as before.
ended_well() {
  wait_for "the end by $1" [ -s status ]
  [ "$(cat status)" = 0 ] || fail "$1: status $(cat status)"
  run 'stty -g >after'
  wait_for 'stty' [ -s status ]
  cmp -s before after || fail "$1: the terminal is not as before"
  [ "$(tmux display-message -p '#{alternate_on} #{cursor_flag}')" = '0 1' ] ||
    fail "$1: not the screen or cursor of before"
}

tmux new-session -d -x 80 -y 24 "exec env TERM=screen PS1='$ ' NO_COLOR= bash --norc --noprofile"
run 'stty -g >before'
wait_for 'the shell' [ -s status ]

# It waits for the disk all the time; is busy with one name all the time.
mkdir "$(printf '%090d' 0)"
long=$(printf '%090d' 0)/long
while :; do
  "$faults" major_random "$scratch/waits" >/dev/null
  "$faults" private_write "$scratch/$long" >/dev/null
done &

run "'$top'"
see ' FILE$' && see ' CACHE$'
see '^ +[0-9]+ +[0-9.]+k? +[0-9.]+m?s .*/waits$'
[ "$(wc -l <screen)" -eq 24 ] || fail "not 24 lines: $(cat screen)"
[ "$(tail -n 1 screen)" = \
  'q quit  ? help  f s b tables  Tab < > sort  / filter  p pause  c totals  + -' ] ||
  fail "no line of keys: $(cat screen)"
head="every 1 s, $(uname -n), Linux $(uname -r)"
[[ $(head -n 1 screen) == [0-9][0-9]:[0-9][0-9]:[0-9][0-9]" ${head:0:71}" ]] ||
  fail "no head: $(cat screen)"
see '^files  [0-9.]+[kM]? faults/s, missed [0-9]+, by (fexit|event|event fexit|fexit event), (not )?sampled.*; sort hurt <>$'
see '^caches [0-9.]+[kM]? objects/s, missed [0-9]+, by [a-z ]+; sort hurt$'
[ "$(grep -c ' total, missed [0-9]*$' screen)" -eq 2 ] || fail "not two totals: $(cat screen)"
# What waits is first.
see '^ +[0-9]+ +[0-9.]+k? +[0-9.]+m?s .*/waits$'
see "^ +[0-9.]+k? +0 +0 [.]{3}0{30,}/long\$"

# Colours come and go by NO_COLOR, which is empty here.
tmux capture-pane -e -p | grep -q $'\e\\[[0-9;]*3[0-7]m' || fail 'no colours'

keys s && see_not ' FILE$' && see ' CACHE$' && see 'sort hurt$'
keys f && see_not ' CACHE$' && see ' FILE$'
keys '>' && see '^files .*sort minor'
keys '>' '>' && see '^files .*sort stalled_ms'
keys '>' '>' && see '^files .*sort name'
keys '>' && see '^files .*sort hurt'
keys '<' '<' && see '^files .*sort events'
keys Right Right && see '^files .*sort hurt'
keys b && see ' CACHE$' && see ' FILE$'
keys Tab '>' && see '^caches .*sort alloc <>$' && see '^files .*sort hurt$'
keys Left Tab && see '^caches .*sort hurt$'

# A file with known counts, in the totals since start.
read -r _ minor major < <("$faults" private_write "$scratch/known")
[ "$minor" -lt 1000 ] || fail "private_write: $minor faults, to be shown in three digits"
keys c && see 'TOTALS since start'
keys / && keys -l '/known$' && see '^filter: /known[$]_$' && keys Enter
see "FILTER /known\\$"
see "^ +$minor +$major .*/known\$"
see "^ +$minor +$major +0 total, missed"
keys / BSpace && keys -l '(' && see '^filter: /known[(]_ \(not a regular expression yet\)$'
see "^ +$minor +$major .*/known\$"
keys Escape && see "FILTER /known\\$"
keys / C-u Enter && see_not FILTER
keys c && see_not TOTALS
keys e && see 'COUNTS of the interval' && see ' MINOR      MAJOR STALLED ns FILE$'
keys e && see_not COUNTS

keys '?' && see 'Any key goes back' && see_not ' FILE$'
keys q && see ' FILE$' # does not quit from there

# Paused, the figures stand while others are counted.
keys p && see PAUSED
screen && sed 1d screen >paused
sleep 2.5
screen && sed 1d screen | cmp -s - paused || fail "it goes on: $(cat screen)"
keys p && see_not PAUSED
changed() {
  screen && ! sed 1d screen | cmp -s - paused
}
wait_for 'new figures' changed
keys + && see 'every 2 s'
keys - - && see 'every 0[.]5 s'
keys x && see ' FILE$' # nothing

# More of everything in a larger terminal; what it can in a small one.
lines() {
  screen && [ "$(wc -l <screen)" -eq "$1" ]
}
tmux resize-window -x 200 -y 60
wait_for '60 lines' lines 60
see "^ +[0-9.]+k? +0 +0 $scratch/0{90}/long\$"
wide() {
  screen && [ "$(grep -cE '^ *([-+0-9.<]+[kMGTPE]? +){5}[a-zA-Z]' screen)" -ge 20 ]
}
wait_for 'twenty caches' wide
tail -n 1 screen | grep -q '^q quit' || fail "the last line is not the keys: $(cat screen)"
tmux resize-window -x 40 -y 12
wait_for '12 lines' lines 12
see '^ALLOC/s  GROWTH CACHE$'
see ' total, missed'
check_width() {
  ! grep -nE '^.{41}' screen >&2 || fail 'wider than 40'
}
check_width
tmux resize-window -x 10 -y 3
wait_for '3 lines' lines 3
tmux resize-window -x 100 -y 30
see '^q quit'

# Names that would move the cursor or take two columns.
for name in $'\e[2J\e[H\e]0;title\a' $'wide \xe6\xbc\xa2\xe5\xad\x97' $'new\nline'; do
  "$faults" private_write "$scratch/$name.hostile" >/dev/null
done
keys f c / && keys -l 'hostile$' && keys Enter
see '/[?]\[2J[?]\[H[?]\]0;title[?][.]hostile$'
see '/wide [?]{6}[.]hostile$'
see '/new[?]line[.]hostile$'
[ "$(tail -n 1 screen)" = \
  'q quit  ? help  f s b tables  Tab < > sort  / filter  p pause  c totals  + -' ] &&
  head -n 1 screen | grep -q 'TOTALS' || fail "the screen is broken: $(cat screen)"
keys q
ended_well q

# By each signal; the shell's job is the view.
for signal in C-c "C-\\" TERM HUP; do
  run "'$top' -s 0.5"
  see ' CACHE$'
  case $signal in
  C-*) keys "$signal" ;;
  *) kill -$signal "$(pgrep -P "$(tmux display-message -p '#{pane_pid}')")" ;;
  esac
  ended_well "$signal"
  keys -l clear && keys Enter && see_not CACHE
done

run "NO_COLOR=1 '$top' -f 0.5"
see '/waits$'
! tmux capture-pane -e -p | grep $'\e\\[[0-9;]*3[0-7]m' >&2 || fail 'colours'
keys q
ended_well 'q'

# A count ends it with the last interval as a table; no screen where there is none.
run "'$top' -f -n 2 0.5 2"
ended_well 'count'
see ', per second, 0[.][0-9] s$' && see ' FILE$' && see ' other \([0-9]+ more\)$'
for terminal in nonsense dumb; do
  keys -l clear && keys Enter && see_not FILE
  run "TERM=$terminal '$top' -f -n 2 0.3 1"
  ended_well $terminal
  see ', per second, 0[.][0-9] s$' && see ' FILE$'
done
keys -l clear && keys Enter && see_not FILE
run "'$top' -f 0.3 </dev/null"
see ', per second, 0[.][0-9] s$'
keys C-c
ended_well 'a pipe'
