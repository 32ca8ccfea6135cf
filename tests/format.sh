#!/bin/sh
# Tabs, blanks at line ends, long lines and files that do not end in a newline. The layout within
# lines is a matter of taste and of `make format`'s .clang-format.
status=0
report() { echo "$2: $1"; status=1; }
for file in */*.[ch] */*.sh; do
    grep -q "$(printf '\t')" "$file" && report tabs "$file"
    grep -qE ' +$' "$file" && report "blanks at the end of a line" "$file"
    [ "$(awk '{ if (length($0) > max) max = length($0) } END { print max + 0 }' "$file")" -gt 112 ] \
        && report "a line longer than 112" "$file"
    [ -n "$(tail -c1 "$file")" ] && report "no newline at the end" "$file"
done
exit $status
