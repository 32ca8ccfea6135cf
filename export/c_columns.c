/* export/c_columns.c - data/dates.c and the parts of prep/prep.c that dates and levels in order have, once
 * more as templates: both must compute the same.
 */
#include "export/c_columns.h"

static const char calendar_code[] =
    "\n"
    "/* ---- dates ---- */\n"
    "\n"
    "static const char *const @_months[12] = {\"january\", \"february\", \"march\", \"april\", \"may\","
        " \"june\",\n"
    "    \"july\", \"august\", \"september\", \"october\", \"november\", \"december\"};\n"
    "static const char *const @_weekdays[7] = {\"monday\", \"tuesday\", \"wednesday\", \"thursday\","
        " \"friday\",\n"
    "    \"saturday\", \"sunday\"};\n"
    "\n"
    "static int @_is_leap(int year)\n"
    "{\n"
    "    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);\n"
    "}\n"
    "\n"
    "static int @_month_days(int year, int month)\n"
    "{\n"
    "    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};\n"
    "    return days[month] + (month == 1 && @_is_leap(year));\n"
    "}\n"
    "\n"
    "/* Days from the first day of year 1 to that of `year`. */\n"
    "static int @_days_before(int year)\n"
    "{\n"
    "    int past = year - 1;\n"
    "    return 365 * past + past / 4 - past / 100 + past / 400;\n"
    "}\n"
    "\n"
    "/* What was read so far; -1: not said. */\n"
    "typedef struct {\n"
    "    int year, month, day, hour, minute, second, half, offset, counted;\n"
    "    double fraction, since;\n"
    "} @_moment;\n"
    "\n"
    "static int @_is_digit(char c)\n"
    "{\n"
    "    return c >= '0' && c <= '9';\n"
    "}\n"
    "\n"
    "static char @_lower(char c)\n"
    "{\n"
    "    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;\n"
    "}\n"
    "\n"
    "static int @_digits_of(const char **t, const char *end, int least, int most, int *out)\n"
    "{\n"
    "    int n = 0, value = 0;\n"
    "    for (; n < most && *t < end && @_is_digit(**t); n++) value = value * 10 + (*(*t)++ - '0');\n"
    "    *out = value;\n"
    "    return n >= least;\n"
    "}\n"
    "\n"
    "static int @_fraction(const char **t, const char *end, double *out)\n"
    "{\n"
    "    double value = 0, unit = 1;\n"
    "    const char *from = *t;\n"
    "    for (; *t < end && @_is_digit(**t); ++*t)\n"
    "        if (*t - from < 15) {\n"
    "            value = value * 10 + (**t - '0');\n"
    "            unit *= 10;\n"
    "        }\n"
    "    *out = value / unit;\n"
    "    return *t > from;\n"
    "}\n"
    "\n"
    "/* A name or its first three letters: which of n. */\n"
    "static int @_name(const char **t, const char *end, const char *const *names, int n, int *out)\n"
    "{\n"
    "    int i, k, ends;\n"
    "    for (i = 0; i < n; i++) {\n"
    "        for (k = 0; names[i][k] && *t + k < end && @_lower((*t)[k]) == names[i][k];) k++;\n"
    "        ends = *t + k == end || @_lower((*t)[k]) < 'a' || @_lower((*t)[k]) > 'z';\n"
    "        if (k < 3 || !ends) continue;\n"
    "        if (names[i][k] && k != 3 && !(k == 4 && strcmp(names[i], \"september\") == 0)) continue;\n"
    "        *t += k;\n"
    "        *out = i;\n"
    "        return 1;\n"
    "    }\n"
    "    return 0;\n"
    "}\n"
    "\n"
    "static int @_offset(const char **t, const char *end, int *out)\n"
    "{\n"
    "    static const char *const zero[3] = {\"utc\", \"gmt\", \"z\"};\n"
    "    int i, k, west, colon, hours, minutes = 0;\n"
    "    for (i = 0; i < 3; i++) {\n"
    "        for (k = 0; zero[i][k] && *t + k < end && @_lower((*t)[k]) == zero[i][k];) k++;\n"
    "        if (zero[i][k]) continue;\n"
    "        *t += k;\n"
    "        *out = 0;\n"
    "        return 1;\n"
    "    }\n"
    "    if (*t == end || (**t != '+' && **t != '-')) return 0;\n"
    "    west = *(*t)++ == '-';\n"
    "    if (!@_digits_of(t, end, 2, 2, &hours)) return 0;\n"
    "    colon = *t < end && **t == ':';\n"
    "    *t += colon;\n"
    "    if ((colon || (*t < end && @_is_digit(**t))) && !@_digits_of(t, end, 2, 2, &minutes)) return 0;\n"
    "    *out = (west ? -1 : 1) * (hours * 60 + minutes) * 60;\n"
    "    return hours < 24 && minutes < 60;\n"
    "}\n"
    "\n"
    "static int @_since(const char **t, const char *end, double unit, double *out)\n"
    "{\n"
    "    int minus = *t < end && **t == '-';\n"
    "    double value = 0, part = 0;\n"
    "    const char *from;\n"
    "    *t += minus;\n"
    "    from = *t;\n"
    "    for (; *t < end && @_is_digit(**t) && *t - from < 15; ++*t) value = value * 10 + (**t - '0');\n"
    "    if (*t == from) return 0;\n"
    "    if (*t < end && **t == '.') {\n"
    "        ++*t;\n"
    "        if (*t < end && !@_fraction(t, end, &part)) return 0;\n"
    "    }\n"
    "    *out = (minus ? -(value + part) : value + part) / unit;\n"
    "    return *out >= -62135596800.0 && *out < 253402300800.0;\n"
    "}\n"
    "\n"
    "static int @_half(const char **t, const char *end, int *out)\n"
    "{\n"
    "    int dots;\n"
    "    if (end - *t < 2 || (@_lower(**t) != 'a' && @_lower(**t) != 'p')) return 0;\n"
    "    *out = @_lower(**t) == 'p';\n"
    "    dots = end - *t >= 4 && (*t)[1] == '.' && (*t)[3] == '.';\n"
    "    if (@_lower((*t)[dots ? 2 : 1]) != 'm') return 0;\n"
    "    *t += dots ? 4 : 2;\n"
    "    return 1;\n"
    "}\n"
    "\n"
    "static int @_directive(const char *f, int packed, const char **t, const char *end, @_moment *m)\n"
    "{\n"
    "    const char next = f[1], after = f[1] ? f[2] : '\\0';\n"
    "    int close = next == '%' && after != 'b' && after != 'B' && after != 'p' && after != 'z';\n"
    "    int least = close || packed ? 2 : 1, unused;\n"
    "    switch (*f) {\n"
    "    case 'Y': return @_digits_of(t, end, 4, 4, &m->year);\n"
    "    case 'y':\n"
    "        if (!@_digits_of(t, end, 2, 2, &m->year)) return 0;\n"
    "        m->year += m->year < 69 ? 2000 : 1900;\n"
    "        return 1;\n"
    "    case 'm': return @_digits_of(t, end, least, 2, &m->month);\n"
    "    case 'd': return @_digits_of(t, end, least, 2, &m->day);\n"
    "    case 'H': case 'I': return @_digits_of(t, end, least, 2, &m->hour);\n"
    "    case 'M': return @_digits_of(t, end, 2, 2, &m->minute);\n"
    "    case 'S':\n"
    "        if (!@_digits_of(t, end, 2, 2, &m->second)) return 0;\n"
    "        if (next == '.' || next == ',' || end - *t < 2 || (**t != '.' && **t != ',') ||"
        " !@_is_digit((*t)[1]))\n"
    "            return 1;\n"
    "        ++*t;\n"
    "        return @_fraction(t, end, &m->fraction);\n"
    "    case 'f': return @_fraction(t, end, &m->fraction);\n"
    "    case 'b': case 'B':\n"
    "        if (!@_name(t, end, @_months, 12, &m->month)) return 0;\n"
    "        m->month++;\n"
    "        return 1;\n"
    "    case 'a': case 'A': return @_name(t, end, @_weekdays, 7, &unused);\n"
    "    case 'p': return @_half(t, end, &m->half);\n"
    "    case 'z': return @_offset(t, end, &m->offset);\n"
    "    case 's': case 'Q':\n"
    "        m->counted = 1;\n"
    "        return @_since(t, end, *f == 's' ? 1.0 : 1000.0, &m->since);\n"
    "    default: return 0;\n"
    "    }\n"
    "}\n"
    "\n"
    "/* As strptime's; what stands in [brackets] may be left out, a blank also takes a T. */\n"
    "static int @_match(const char *f, const char *t, const char *end, @_moment *m)\n"
    "{\n"
    "    const char *last = 0;\n"
    "    while (*f) {\n"
    "        if (*f == ']') {\n"
    "            f++;\n"
    "        } else if (*f == '[') {\n"
    "            const @_moment kept = *m;\n"
    "            int open = 1;\n"
    "            if (@_match(f + 1, t, end, m)) return 1;\n"
    "            *m = kept;\n"
    "            for (f++; open > 0; f++) open += (*f == '[') - (*f == ']');\n"
    "        } else if (*f == '%') {\n"
    "            if (!@_directive(f + 1, f == last, &t, end, m)) return 0;\n"
    "            last = f += 2;\n"
    "        } else if (*f == ' ') {\n"
    "            const char *from = t;\n"
    "            if (t < end && @_lower(*t) == 't') t++;\n"
    "            else while (t < end && *t == ' ') t++;\n"
    "            if (t == from) return 0;\n"
    "            f++;\n"
    "        } else {\n"
    "            if (t == end || *t != *f) return 0;\n"
    "            t++;\n"
    "            f++;\n"
    "        }\n"
    "    }\n"
    "    return t == end;\n"
    "}\n"
    "\n"
    "/* Seconds since 1970; NAN where the text is no date. */\n"
    "static double @_date(const char *format, const char *text, size_t n)\n"
    "{\n"
    "    @_moment m = {-1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0};\n"
    "    int days, k;\n"
    "    double out;\n"
    "    if (!@_match(format, text, text + n, &m)) return NAN;\n"
    "    if (m.counted) return m.since;\n"
    "    if (m.year < 0) m.year = 1970;\n"
    "    if (m.month < 0) m.month = 1;\n"
    "    if (m.day < 0) m.day = 1;\n"
    "    if (m.hour < 0) m.hour = 0;\n"
    "    if (m.minute < 0) m.minute = 0;\n"
    "    if (m.second < 0) m.second = 0;\n"
    "    if (m.year < 1 || m.month < 1 || m.month > 12 || m.day < 1 || m.day > @_month_days(m.year, m.month -"
        " 1))\n"
    "        return NAN;\n"
    "    if (m.half >= 0) {\n"
    "        if (m.hour < 1 || m.hour > 12) return NAN;\n"
    "        m.hour = m.hour % 12 + 12 * m.half;\n"
    "    }\n"
    "    if (m.hour > 23 || m.minute > 59 || m.second > 60) return NAN;\n"
    "    days = @_days_before(m.year) - 719162 + m.day - 1;\n"
    "    for (k = 0; k < m.month - 1; k++) days += @_month_days(m.year, k);\n"
    "    out = (double)days * 86400 + m.hour * 3600 + m.minute * 60 + m.second - m.offset + m.fraction;\n"
    "    return out >= -62135596800.0 && out < 253402300800.0 ? out : NAN;\n"
    "}\n";

static const char parts_code[] =
    "\n"
    "/* What a calendar says of a moment, those parts of it that are features; 0 where it is missing. */\n"
    "static int @_parts(const @_column *c, double days, float *to)\n"
    "{\n"
    "    static const double cycle[4] = {0, 12, 7, 24};\n"
    "    double part[4] = {0, 0, 0, 0};\n"
    "    int there = isfinite(days), p, n = 0;\n"
    "    if (there) {\n"
    "        const double seconds = floor(days * 86400e6 + 0.5) / 1e6, whole = floor(seconds / 86400);\n"
    "        int day = (int)whole + 719162, year = (int)((double)day * 400 / 146097) + 1, month = 0;\n"
    "        part[2] = day % 7;\n"
    "        part[3] = (seconds - whole * 86400) / 3600;\n"
    "        while (@_days_before(year) > day) year--;\n"
    "        while (@_days_before(year + 1) <= day) year++;\n"
    "        for (day -= @_days_before(year); day >= @_month_days(year, month); month++)\n"
    "            day -= @_month_days(year, month);\n"
    "        part[0] = year;\n"
    "        part[1] = month;\n"
    "    }\n"
    "    for (p = 0; p < 4; p++) {\n"
    "        const double angle = p ? 6.283185307179586477 * part[p] / cycle[p] : 0;\n"
    "        if (!(c->parts >> p & 1)) continue;\n"
    "        if (p == 0) {\n"
    "            to[n++] = there ? (float)((part[0] - c->year_shift) * c->year_scale) : 0.0f;\n"
    "        } else {\n"
    "            to[n++] = there ? (float)sin(angle) : 0.0f;\n"
    "            to[n++] = there ? (float)cos(angle) : 0.0f;\n"
    "        }\n"
    "    }\n"
    "    return n;\n"
    "}\n";

static const char steps_code[] =
    "\n"
    "/* Levels in order, a feature for each step that is reached. */\n"
    "static int @_steps_of(const @_column *c, double v, float *to)\n"
    "{\n"
    "    const double level = isfinite(v) ? v : c->fill;\n"
    "    int k;\n"
    "    if (c->steps == 0) {\n"
    "        to[0] = 0;\n"
    "        return 1;\n"
    "    }\n"
    "    for (k = 0; k < c->steps; k++) to[k] = level >= c->low + 1 + k ? 1.0f : 0.0f;\n"
    "    if (c->flag) to[k++] = isfinite(v) ? 0.0f : 1.0f;\n"
    "    return k;\n"
    "}\n";

void c_columns_formats(CExport *e)
{
    const Schema *schema = &e->model->schema;
    c_emit(e, "\n/* How the dates of a column are written; 0 where it holds none. */\n"
              "static const char *const @_formats[$_N_INPUTS] = {");
    for (int i = 0; i < schema->n_columns; i++) {
        c_break(e->out, (size_t)i, 4);
        if (schema->columns[i].kind == COLUMN_DATE) c_string(e->out, schema->columns[i].format);
        else text_add(e->out, "0");
    }
    text_add(e->out, "};\n");
}

void c_columns_read(CExport *e)
{
    c_emit(e, calendar_code);
}

void c_columns_fields(CExport *e)
{
    if (e->has_steps)
        c_emit(e, "    int steps, low;           /* levels in order: features, -1: none; below the first */\n");
    if (e->has_dates)
        c_emit(e, "    int parts;                /* dates: year, month, weekday, hour, a bit each */\n"
                  "    double year_shift, year_scale;\n");
}

void c_columns_entry(CExport *e, const PrepColumn *column)
{
    bool steps = column->kind == COLUMN_ORDERED && column->coding == ORDERED_THERMOMETER;
    if (e->has_steps) text_print(e->out, "%d, %d, ", steps ? column->high - column->low : -1, column->low);
    if (!e->has_dates) return;
    text_print(e->out, "%u, ", column->parts);
    c_double(e->out, column->year_shift);
    text_add(e->out, ", ");
    c_double(e->out, column->year_scale);
    text_add(e->out, ", ");
}

void c_columns_code(CExport *e)
{
    if (e->has_dates) c_emit(e, parts_code);
    if (e->has_steps) c_emit(e, steps_code);
}

void c_columns_encode(CExport *e)
{
    c_emit(e, "        {\n            double v = x[i]~;\n");
    if (e->has_dates)
        c_emit(e, "            if (@_formats[i]) v = v >= -62135596800.0 && v < 253402300800.0 ? v / 86400 :"
               " NAN;\n");
    if (e->has_ordered) c_emit(e, "            if (@_words[i].n >= 0 && v < 0) v = NAN;\n");
    if (e->has_steps)
        c_emit(e, "            if (c->steps >= 0) {\n"
                  "                to += @_steps_of(c, v, to);\n"
                  "                continue;\n"
                  "            }\n");
    c_emit(e, "            *to++ = @_number(c, isfinite(v) ? v : c->fill);\n");
    if (e->has_edges) c_emit(e, "            to += @_bins(c, isfinite(v) ? v : c->fill, to);\n");
    if (e->has_dates) c_emit(e, "            to += @_parts(c, v, to);\n");
    c_emit(e, "            if (c->flag) *to++ = isfinite(v) ? 0.0f : 1.0f;\n        }\n");
}
