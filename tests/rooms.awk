# The work of tests/rooms.sh. Reads, in this order: tests/rooms.txt, the Makefile, every source of every
# room, then what objdump -t says of their objects (OBJECTS). Prints FILE:LINE: WHAT, in no order.
# Plain awk: mawk, gawk and busybox run it.

function say(where, what) { if (!((where, what) in said)) { said[where, what] = 1; print where ": " what } }
function tell(what) { say(FILENAME ":" FNR, what) }
function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
function room_of(path) { sub(/\/[^\/]*$/, "", path); return path }
# A .c and its .h are one module. x_internal.h is not: who needs what it has must not need all of x.h.
function module(path) { sub(/\.[chS]$/, "", path); return path }

BEGIN { unknown = ": in no row of tests/rooms.txt, so say there what it is for" }

# -- tests/rooms.txt --

function add_rights(owner, list, kind,    i, n, words) {
    n = split(list, words, /[ \t]+/)
    for (i = 1; i <= n; i++) {
        if (words[i] == "") continue
        right[owner, words[i]] = FNR
        rights[++n_rights] = owner SUBSEP words[i]
        right_kind[owner, words[i]] = kind
        right_above[owner, words[i]] = n_rooms
        if (kind == "include" && words[i] ~ /\.h$/) opened[owner] = opened[owner] " " words[i]
    }
}
function add_word(name, list,    i, n, words) {
    is_word[name] = 1
    n = split(list, words, /[ \t]+/)
    for (i = 1; i <= n; i++) {
        if (words[i] == "") continue
        if (words[i] ~ /\*/) { pattern[++n_patterns] = as_regex(words[i]); pattern_word[n_patterns] = name }
        else meaning[words[i]] = name
    }
}
function as_regex(glob) { gsub(/\./, "\\.", glob); gsub(/\*/, ".*", glob); return "^" glob "$" }
function rule(line,    part, n, first, kind, i, rest) {
    n = split(line, part, "|")
    first = trim(part[1]); kind = first; sub(/[ \t].*/, "", kind); sub(/^[a-z]+[ \t]+/, "", first)
    if (kind == "room" || kind == "file") {
        if (kind == "room") { room[first] = ++n_rooms; room_name[n_rooms] = first; room_row[first] = FNR }
        else has_row[first] = named[first] = FNR
        add_rights(first, part[2], "include")
        add_rights(first, part[3] " " part[4], "may")
    } else if (kind == "word") {
        for (i = 2; i <= n; i++) rest = rest " " part[i]
        add_word(first, rest)
    } else if (kind == "changes") changes[first, trim(part[2])] = FNR
    else if (kind == "template") template[first] = named[first] = FNR
    else if (kind == "long") { longest[first] = part[2] + 0; long_row[first] = named[first] = FNR }
    else tell("neither room, file, word, changes, template nor long")
}
FILENAME == "tests/rooms.txt" {
    if (/^#/ || /^[ \t]*$/) next
    if (/\\$/) { held = held substr($0, 1, length($0) - 1); next }
    line = held $0; held = ""
    gsub(/[ \t]*\|[ \t]*/, "|", line)
    rule(line)
    next
}

# -- arithmetic that may cheat, wherever it is asked for --

function arithmetic(text) {
    if (text ~ /fast-math|Ofast|(unsafe|associative|finite|reciprocal)-math/)
        tell("fast-math: nan checks and equal bits need IEEE arithmetic")
    if (text ~ /NDEBUG/) tell("NDEBUG: assert stays on in release")
}
FILENAME == "Makefile" { sub(/#.*/, ""); arithmetic($0); next }

# -- the sources --

# The line without comments; `code` also without what stands in strings.
function strip(line,    at, c, kept, end) {
    code = ""; text = ""
    while (line != "") {
        if (in_comment) {
            at = index(line, "*/")
            if (!at) return
            line = substr(line, at + 2); in_comment = 0
            code = code " "; text = text " "
            continue
        }
        if (!match(line, /["']|\/\*|\/\//)) { code = code line; text = text line; return }
        kept = substr(line, 1, RSTART - 1); c = substr(line, RSTART, 1)
        code = code kept; text = text kept; line = substr(line, RSTART)
        if (c == "/") {
            if (substr(line, 2, 1) == "/") return
            in_comment = 1; line = substr(line, 3)
        } else {
            end = (c == "\"") ? match(line, /^"([^"\\]|\\.)*("|$)/) : match(line, /^'([^'\\]|\\.)*('|$)/)
            if (!end) { code = code c; text = text c; line = substr(line, 2); continue }
            code = code c c; text = text substr(line, 1, RLENGTH)
            line = substr(line, RLENGTH + 1)
        }
    }
}

# What can fail says so, and takes `Error *err` last; but for the words of an error.
function check_declaration() {
    if (code ~ /^[ \t]*#/) { declared = ""; return }
    if (code ~ /[(, ]Error \*err *,/ && code !~ /Error \*err, (ErrorCode|const char \*)/)
        tell("Error *err comes last")
    declared = declared " " code
    if (code !~ /[;{}]/) return
    if (declared ~ /^ *(static inline )?void / && declared ~ /[(, ]Error \*err *\)/ \
        && declared !~ /const Error/)
        tell("fails without saying so: returns nothing")
    declared = ""
}

function note_edge(kind, from, to, where) {
    from = module(from); to = module(to)
    if (from == to || (kind, from, to) in edge) return
    edge[kind, from, to] = where
    edges[kind] = edges[kind] from " " to "\n"
}

# May `file` do what `word` says? Its own row or its room's.
function may(file, word,    owner) {
    owner = ((file, word) in right) ? file : room_of(file)
    if (!((owner, word) in right)) return 0
    used[owner, word] = 1
    return 1
}
function forbidden(file, word, what,    who) {
    who = (file in has_row) ? file : room_of(file)
    if (word == "nobody") return "nobody in this house " what
    return who " has no right to " word ": " what
}
function word_of(name,    i) {
    if (name in meaning) return meaning[name]
    for (i = 1; i <= n_patterns; i++) if (name ~ pattern[i]) return meaning[name] = pattern_word[i]
    return meaning[name] = ""
}
function included_outside(header,    word) {
    word = word_of(header)
    if (word == "") tell("includes " header unknown)
    else if (word != "anyone" && !may(FILENAME, word)) tell(forbidden(FILENAME, word, "includes " header))
}
function included(path,    where, from, to) {
    where = FILENAME ":" FNR; from = room_of(FILENAME); to = room_of(path)
    if (!(to in room)) { say(where, path " is in no room"); return }
    note_edge("includes", FILENAME, path, where)
    if (from == to || may(FILENAME, to) || may(FILENAME, path)) return
    say(where, from " may not include " path (room[to] > room[from] ? ", which is above it" : ""))
}

# A .c opens with a sentence that says what it is, a header with its path and what it is.
function check_opening() {
    if (FNR == 1 && !/^\/\*/) {
        opened_well = 1
        tell("opens with no comment that says what the file is")
    }
    if (opened_well) return
    opening = opening " " $0
    if (!/\*\//) return
    opened_well = 1
    sub(/\*\/.*/, "", opening); gsub(/[\/ ]\*|^\/\*/, " ", opening); gsub(/ +/, " ", opening)
    if (is_header && index(opening, FILENAME " - ") != 2)
        say(FILENAME ":1", "a header opens with: " FILENAME " - what it is")
    else if (split(opening, words, " ") < 4 || opening ~ /^ See [^ ]*\.h/)
        say(FILENAME ":1", "opens with no sentence that says what the file is")
}
# The first line of code in a header asks for its guard.
function check_guard(    wanted) {
    if (guarded || FILENAME in template) return
    guarded = 1
    wanted = "CONSORT_" toupper(FILENAME); gsub(/[^A-Z0-9]/, "_", wanted)
    if (code !~ "^#ifndef " wanted "$") tell("the guard of this header is " wanted)
}
function check_include() {
    if (match(text, /"[^"]*"/)) included(substr(text, RSTART + 1, RLENGTH - 2))
    else if (match(text, /<[^>]*>/)) included_outside(substr(text, RSTART, RLENGTH))
    else tell("an include by a macro hides what it includes")
}
function note_names(    words) {
    words = code; gsub(/[^A-Za-z0-9_]+/, " ", words)
    names_in[FILENAME] = names_in[FILENAME] " " words " "
}

FILENAME != current && FILENAME != OBJECTS {
    current = FILENAME; source[FILENAME] = 1; sources[++n_sources] = FILENAME
    is_header = FILENAME ~ /\.h$/
    in_comment = 0; declared = ""; opening = ""; opened_well = 0; guarded = 0
}
FILENAME != OBJECTS {
    n_lines[FILENAME] = FNR
    check_opening()
    strip($0)
    if (code ~ /^[ \t]*$/) next
    lines[FILENAME, FNR] = code
    n_code[room_of(FILENAME)]++; n_code_all++
    arithmetic(text)
    if (code ~ /^[ \t]*#[ \t]*include/) check_include()
    if (code ~ /pragma[ \t]+omp.*reduction/) tell("a reduction adds in any order; sums run in a fixed one")
    if (is_header) { check_guard(); check_declaration(); note_names() }
    # But for what the system and embed.S define, which no header of ours could declare better.
    else if (code ~ /^[ \t]*extern[ \t]/ && code !~ /environ;|page_|browser_/)
        tell("declared here, not in a header: the compiler cannot compare the two")
    if (code ~ /STD(OUT|ERR)_FILENO|[^A-Za-z0-9_]d?p?write *\( *[12] *,/ && !may(FILENAME, "print"))
        tell(forbidden(FILENAME, "print", trim(code)))
    next
}

# -- the objects --

# Where `file` uses `name`: every place that the object's relocations lead to, else where the word stands.
function places(file, name,    command, line, path, at, found, n) {
    split("", place)
    command = "objdump -drl --no-show-raw-insn " B "/" module(file) ".o 2>/dev/null"
    while ((command | getline line) > 0) {
        if (line ~ /^\/?[^ ]*:[0-9]+( \(discriminator [0-9]+\))?$/) { path = line; sub(/ .*/, "", path) }
        else if (line ~ /R_[A-Z0-9_]+[ \t]/ && path != "") {
            sub(/.*R_[A-Z0-9_]+[ \t]+/, "", line); sub(/[-+@].*/, "", line)
            if (line == name) { at = known(path); if (at != "") place[at] = ++n }
        }
    }
    close(command)
    if (!n) { at = stands(file, name); place[at] = ++n }
    return n
}
# /any/where/room/file.c:12 as room/file.c:12, or nothing for a file that is not ours.
function known(path,    file, line) {
    file = path; sub(/:[0-9]+$/, "", file); line = substr(path, length(file) + 1)
    while (!(file in source)) { if (file !~ /\//) return ""; sub(/^[^\/]*\//, "", file) }
    return file line
}
# The first line with `name`; one that only declares it serves where there is no other.
function stands(file, name,    i, words, declared_at) {
    for (i = 1; i <= n_lines[file]; i++) {
        if (!((file, i) in lines) || !index(lines[file, i], name)) continue
        words = lines[file, i]; gsub(/[^A-Za-z0-9_]+/, " ", words)
        if (!index(" " words " ", " " name " ")) continue
        if (lines[file, i] !~ /^[A-Za-z][^{=]*\(.*;[ \t]*$/ || lines[file, i] ~ /[{=]/) return file ":" i
        if (!declared_at) declared_at = i
    }
    return file ":" (declared_at ? declared_at : 1)
}
function say_everywhere(file, name, what,    at, n) {
    n = places(file, name)
    for (at in place) say(at, what)
}
# The name of a C function behind what a C library makes of it: __printf_chk, __isoc99_sscanf, open64.
function plain_name(name,    short) {
    if (name in meaning) return name
    short = name
    sub(/^__isoc[0-9]+_/, "", short); sub(/^__sysv_/, "", short); sub(/^__xpg_/, "", short)
    if (short ~ /^__.*_chk$/) { sub(/^__/, "", short); sub(/_chk$/, "", short) }
    if (short ~ /^__[a-z0-9]+_2$/) { sub(/^__/, "", short); sub(/_2$/, "", short) }
    if (short ~ /64$/ && substr(short, 1, length(short) - 2) in meaning) sub(/64$/, "", short)
    if (short ~ /_unlocked$/) sub(/_unlocked$/, "", short)
    return short
}

# build/room/file.o:     file format elf64-x86-64
FILENAME == OBJECTS && /:[ \t]+file format / {
    object = substr($0, length(B) + 2); sub(/\.o:.*/, "", object)
    object = (object ".c") in source ? object ".c" : object ".S"
    next
}
# 0000000000000000 l     O .bss (a tab) 0000000000000004 preferred
FILENAME == OBJECTS && /^[0-9a-f]+ / {
    split($0, half, "\t"); n = split(half[1], left, " "); section = left[n]
    n = split(half[2], right_half, " "); name = right_half[n]
    sub(/@.*/, "", name)
    if (section == "*UND*") { calls[++n_calls] = object SUBSEP name; next }
    if (half[1] ~ / df? / || name ~ /^\.|^__/) next # sections, files, what sanitizers add
    sub(/\..*/, "", name) # what the compiler adds to the name of a clone or a local
    if (half[1] ~ /^[0-9a-f]+ [gu!w]/) home[name] = object
    if (section == "*COM*" || section ~ /^\.t?(data|bss)/ && section !~ /^\.data\.rel\.ro/) {
        if ((object, name) in changes) used_change[object, name] = 1
        else say(stands(object, name), "a global that changes: " name)
    }
}

# -- circles --

# Of the graph of one kind: what stands on no circle is peeled off; of what is left, the shortest circle
# through one module is told and opened, until nothing is left.
function circles(kind,    list, n, i, pair, from, to, alive, out, into, changed, told) {
    n = split(edges[kind], list, "\n") - 1
    for (i = 1; i <= n; i++) {
        split(list[i], pair, " ")
        from_of[i] = pair[1]; to_of[i] = pair[2]; alive[i] = 1
    }
    while (1) {
        do {
            changed = 0; split("", out); split("", into)
            for (i in alive) { out[from_of[i]]++; into[to_of[i]]++ }
            for (i in alive) if (!(to_of[i] in out) || !(from_of[i] in into)) { delete alive[i]; changed = 1 }
        } while (changed)
        for (i = 1; i <= n && !(i in alive); i++) continue
        if (i > n || ++told > 60) return
        open_shortest(kind, from_of[i], alive, n)
    }
}
function open_shortest(kind, start, alive, n,    queue, head, tail, seen, via, i, at, last) {
    queue[tail = 1] = start; seen[start] = 1
    for (head = 1; head <= tail && !last; head++) {
        at = queue[head]
        for (i = 1; i <= n && !last; i++) {
            if (!(i in alive) || from_of[i] != at) continue
            if (to_of[i] == start) last = i
            else if (!(to_of[i] in seen)) { seen[to_of[i]] = 1; via[to_of[i]] = i; queue[++tail] = to_of[i] }
        }
    }
    if (!last) { # only between two circles
        for (i = 1; i <= n; i++) if (from_of[i] == start) delete alive[i]
        return
    }
    say_circle(kind, last, via, start)
    delete alive[last]
}
# a -> b (file:line) -> a (file:line)
function say_circle(kind, last, via, start,    i, text, where) {
    for (i = last; ; i = via[from_of[i]]) {
        where = edge[kind, from_of[i], to_of[i]]
        text = " -> " to_of[i] " (" where ")" text
        if (from_of[i] == start) break
    }
    say(where, "a circle of " kind ": " start text)
}

# -- the end --

# What objects call: a room's own, another room's, or something outside.
function check_call(file, name,    to, short, word) {
    if (name in home) {
        to = home[name]
        if (to == file) return
        note_edge("calls", file, to, "?" name)
        if (room_of(to) == room_of(file) || may(file, room_of(to))) return
        if (through_header(file, name) || through_header(room_of(file), name)) return
        say_everywhere(file, name, room_of(file) " may not call " name " of " to)
        return
    }
    short = plain_name(name)
    word = word_of(short)
    if (word == "anyone" || word == "compiler") return
    if (word == "") say_everywhere(file, name, "calls " name unknown)
    else if (!may(file, word)) say_everywhere(file, name, forbidden(file, word, "calls " name))
}
# A header that the row opens by name, and that declares what is called.
function through_header(owner, name,    n, i, header) {
    n = split(opened[owner], header, " ")
    for (i = 1; i <= n; i++) {
        if (!index(names_in[header[i]], " " name " ")) continue
        used[owner, header[i]] = 1
        return 1
    }
    return 0
}
# A right must be one that exists, that the order of the rooms allows, and that is used.
function check_right(owner, target,    where, key, to) {
    key = owner SUBSEP target
    where = "tests/rooms.txt:" right[key]
    if (right_kind[key] == "include") {
        to = target ~ /\.h$/ ? room_of(target) : target
        if (target ~ /\.h$/ && !(target in source)) say(where, target " is not there")
        if (!(to in room)) say(where, to " is no room")
        else if (room[to] > right_above[key] || to == owner)
            say(where, owner " stands before " to " and cannot include it")
    } else if (!(target in is_word)) say(where, target " is explained in no row")
    if (!(key in used)) say(where, owner " makes no use of " target ": take it out")
}
function check_length(file,    limit) {
    limit = file in longest ? longest[file] : 600
    if (n_lines[file] > limit)
        say(file ":" limit + 1, "longer than " limit " lines: which idea wants a file of its own?")
    if (file in longest && n_lines[file] <= 600)
        say("tests/rooms.txt:" long_row[file], file " is not that long: take it out")
}
function check_share(name,    share) {
    share = 100 * n_code[name] / n_code_all
    if (verbose) printf "%-16s %6d lines of code, %4.1f %%\n", name, n_code[name], share
    if (share > 15)
        say("tests/rooms.txt:" room_row[name],
            sprintf("%s holds %.1f %% of the code; above 15 %% it is two rooms", name, share))
}
END {
    if (held != "") say("tests/rooms.txt:1", "ends in a row that is not over")
    for (i = 1; i <= n_calls; i++) { split(calls[i], pair, SUBSEP); check_call(pair[1], pair[2]) }
    for (key in edge) if (edge[key] ~ /^\?/) {
        split(key, pair, SUBSEP)
        edge[key] = stands((pair[2] ".c") in source ? pair[2] ".c" : pair[2] ".S", substr(edge[key], 2))
    }
    circles("includes"); circles("calls")
    for (i = 1; i <= n_rights; i++) { split(rights[i], pair, SUBSEP); check_right(pair[1], pair[2]) }
    for (i = 1; i <= n_sources; i++) check_length(sources[i])
    for (i = 1; i <= n_rooms; i++) check_share(room_name[i])
    for (file in named) if (!(file in source)) say("tests/rooms.txt:" named[file], file " is not there")
    for (key in changes) if (!(key in used_change)) {
        split(key, pair, SUBSEP)
        say("tests/rooms.txt:" changes[key], pair[2] " of " pair[1] " does not change: take it out")
    }
}
