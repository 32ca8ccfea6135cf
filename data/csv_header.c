/* data/csv_header.c - weighs whether the first record holds names, by what stands below it. */
#include "data/csv_header.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/dates.h"

enum { LOOK_AHEAD = 1000, FEW = 5, MANY = 6, KEPT = 6 };

/* What the cells of one column below the first record are like. */
typedef struct {
    int n, n_kept, n_again; /* cells; different ones remembered; cells equal to one of those */
    uint32_t kept[KEPT];
    bool words, numbers, dressed, quoted; /* there are words, bare numbers, dressed ones or dates, quotes */
    int n_points; /* bare numbers with a point */
    bool recurs;            /* the first record's cell comes up */
    int n_alike;            /* cells of the shape of the first record's */
    double least, most;
} Below;

typedef enum { CELL_EMPTY, CELL_NUMBER, CELL_WORD } Kind;

/* A number as people write it for people, or a date. */
static bool is_dressed(const Cell *cell)
{
    Dress dress = {0};
    DateLook dates = {0};
    dress_add(&dress, cell->text, cell->n, 0);
    return dress_style(&dress, false) != STYLE_PLAIN || date_look_add(&dates, cell->text, cell->n);
}

/* A date, a code: digits where the other has digits, letters where it has letters, the same signs between. */
static bool is_alike(const Cell *a, const Cell *b)
{
    bool digits = false;
    if (a->n != b->n) return false;
    for (size_t i = 0; i < a->n; i++) {
        unsigned char x = (unsigned char)a->text[i], y = (unsigned char)b->text[i];
        bool same = x == y || (isdigit(x) && isdigit(y)) || (isalpha(x) && isalpha(y));
        if (!same) return false;
        digits = digits || isdigit(x);
    }
    return digits;
}

static void look_at(const Reading *r, Below *b, const Cell *cell, const Cell *first)
{
    double number;
    if (reading_is_missing(r, cell->text, cell->n)) return;
    if (reading_number(cell->text, cell->n, r->decimal_comma, &number)) {
        if (!b->numbers || number < b->least) b->least = number;
        if (!b->numbers || number > b->most) b->most = number;
        b->numbers = true;
        b->n_points += memchr(cell->text, '.', cell->n) != NULL;
    } else if (is_dressed(cell)) {
        b->dressed = true;
    } else {
        b->words = true;
    }
    b->n++;
    b->n_alike += is_alike(first, cell);
    b->quoted = b->quoted || cell->quoted;
    if (cell->n == first->n && memcmp(cell->text, first->text, cell->n) == 0) b->recurs = true;
    uint32_t hash = (uint32_t)set_hash(cell->text, cell->n, 0);
    for (int k = 0; k < b->n_kept; k++)
        if (b->kept[k] == hash) {
            b->n_again++;
            return;
        }
    if (b->n_kept < KEPT) b->kept[b->n_kept++] = hash;
}

/* What the first record is, over all of its cells. */
typedef struct {
    int n_words, n_numbers, n_empty;
    int n_over_numbers, n_over_words; /* words above numbers, numbers above words */
    int n_words_again, n_numbers_again; /* that come up in their column */
    int n_words_alone;  /* of those, in columns where no other word does */
    int n_alike;        /* words with digits, of one shape with all that stands below */
    int n_new;          /* words that are new to a column of few words */
    bool new_number;    /* so some number */
    bool corner;        /* the first cell is empty, above an index: never missing, never the same twice */
    bool whole, series, increasing, decreasing, years, outside; /* of the numbers */
    double before;
} First;

/* Cells that come again and again, of which the first record's is none. */
static bool is_new(const Below *b)
{
    return !b->recurs && b->n >= FEW && b->n_kept + b->n_again == b->n && b->n_again * 2 >= b->n;
}

static void weigh_number(First *f, const Below *b, const Cell *cell, double number)
{
    /* What writes 0.5 writes 1.0, too. */
    bool pointless = b->n >= FEW && b->n_points == b->n && !memchr(cell->text, '.', cell->n);
    f->whole = f->whole && number == floor(number) && number >= 0;
    f->series = f->series && (f->n_numbers ? number == f->before + 1 : number == 0 || number == 1);
    f->increasing = f->increasing && (f->n_numbers == 0 || number > f->before);
    f->decreasing = f->decreasing && (f->n_numbers == 0 || number < f->before);
    f->years = f->years && number >= 1500 && number < 2200;
    f->outside = f->outside && (b->n == 0 || b->words || number < b->least || number > b->most || pointless);
    f->n_numbers_again += b->recurs;
    f->new_number = f->new_number || is_new(b);
    f->n_over_words += b->n >= 2 && !b->numbers;
    f->n_numbers++;
    f->before = number;
}

static void weigh(const Reading *r, First *f, const Cell *cell, const Below *b)
{
    double number;
    bool over_numbers = b->n > 0 && !b->words;
    if (reading_is_missing(r, cell->text, cell->n)) {
        f->n_empty++;
        return;
    }
    bool is_number = reading_number(cell->text, cell->n, r->decimal_comma, &number) && isfinite(number);
    if (is_number && !(cell->quoted && over_numbers && !b->quoted)) {
        weigh_number(f, b, cell, number);
        return;
    }
    bool bare_below = over_numbers && !b->dressed;
    if (!is_number && is_dressed(cell) && !cell->quoted == !b->quoted && !bare_below) { /* $2.50 is no name */
        f->n_numbers++;
        f->whole = f->increasing = f->decreasing = false;
        return;
    }
    f->n_words++;
    f->n_words_again += b->recurs && !is_number;
    f->n_words_alone += b->recurs && !is_number && b->n_kept == KEPT && b->n_again == 0;
    f->n_over_numbers += over_numbers;
    f->n_alike += b->n >= FEW && b->n_alike == b->n;
    f->n_new += b->words && is_new(b);
}

/* Sets `sure` to false where a reader would like to be told. */
static bool judge(const First *f, int rows, bool *sure)
{
    int again = f->n_words_again - (f->n_new ? f->n_words_alone : 0);
    bool new_words = f->n_words > 0 && again == 0;
    *sure = f->n_numbers == 0 && f->n_over_numbers > 0;
    int speak = f->n_over_numbers + f->n_new + f->corner; /* for names, beside words that come up again */
    if (f->n_numbers == 0 && f->n_over_numbers && speak >= again + 2) {
        *sure = again == 0;
        return true;
    }
    if (f->n_numbers == 0) return f->n_over_numbers > again || (rows >= FEW && new_words && !f->n_alike);
    if (again) return false;
    /* Two columns of numbers begin with a word: no row does, whatever the others begin with. */
    if (f->n_over_numbers >= 2 && !f->n_numbers_again) return true;
    bool names = f->n_over_numbers > 0 || f->n_new;
    bool ordered = f->increasing || (f->decreasing && f->years);
    if (!f->whole) return names && f->increasing && f->outside && f->n_numbers >= 3; /* wavelengths */
    if (f->series) {
        if (f->n_words == 0 && f->n_empty == 0)
            return f->n_numbers >= MANY ||
                   (f->n_numbers >= 3 && (!f->n_numbers_again || f->n_over_words || f->new_number));
        if (f->n_words == 0) return f->n_numbers >= 2 || (f->corner && rows >= 2 && f->before == 0);
        if (f->n_numbers >= MANY || (names && f->n_numbers >= 3)) return true;
        return (names && f->outside) || (f->n_numbers >= 3 && !f->n_numbers_again);
    }
    if (!ordered) return false;
    if (names) return f->n_numbers >= 4 || f->outside;
    return f->years && f->outside && f->n_numbers >= (new_words ? 2 : 3);
}

static void say_so(Reading *r, const Cell *first, int n)
{
    char piece[3][48];
    for (int i = 0; i < 3; i++) {
        const Cell *cell = &first[i < n ? i : 0];
        cell_quote(cell->text, cell->n, piece[i]);
    }
    const char *where = reading_said_as(r), *end = n > 3 ? "`, ..." : n > 1 ? "`" : "";
    reading_note(r, "the first line was taken for the names of the columns (`%s`%s%s%s%s%s); if it is a row,"
                 " say %sheader%s false",
                 piece[0], n > 1 ? ", `" : "", n > 1 ? piece[1] : "", n > 2 ? "`, `" : "",
                 n > 2 ? piece[2] : "", end, where, strcmp(where, "--") == 0 ? "" : ":");
}

static bool is_first_again(const Scanner *s, const Cell *first, int n)
{
    if (s->n_cells != n) return false;
    for (int i = 0; i < n; i++)
        if (s->cells[i].n != first[i].n || memcmp(s->cells[i].text, first[i].text, first[i].n) != 0)
            return false;
    return true;
}

/* What stands below the first record, and what that makes of it. Sets how many records are the same once
 * more; with `once` those are left out. */
static bool weigh_all(const Reading *r, const Scanner *from, const Cell *first, int n, bool once, First *f,
                      int *rows, int *same)
{
    Below *below = calloc((size_t)n, sizeof *below);
    if (!below) return false;
    Scanner after = scan_from(from);
    *rows = *same = 0;
    for (; *rows < LOOK_AHEAD && scan_record(&after, NULL) == RECORD; ++*rows) {
        bool again = is_first_again(&after, first, n);
        *same += again;
        for (int i = 0; i < n && i < after.n_cells && !(again && once); i++)
            look_at(r, &below[i], &after.cells[i], &first[i]);
    }
    scan_free(&after);
    *f = (First){.whole = true, .series = true, .increasing = true, .decreasing = true, .years = true,
                 .outside = true};
    for (int i = 0; i < n; i++) weigh(r, f, &first[i], &below[i]);
    f->corner = n > 1 && first[0].n == 0 && below[0].n == *rows && below[0].n_again == 0;
    free(below);
    return true;
}

bool csv_looks_like_header(Reading *r, const Scanner *after, const Cell *first, int n)
{
    First f;
    int rows, same;
    bool sure;
    if (!weigh_all(r, after, first, n, false, &f, &rows, &same)) return false;
    if (rows == 0) return f.n_numbers == 0; /* one line of words is no data to train on */
    bool header = judge(&f, rows, &sure);
    /* Files that were put together have their header several times. */
    if (!header && same && same <= rows / 5 && f.n_numbers == 0) {
        if (!weigh_all(r, after, first, n, true, &f, &rows, &same)) return false;
        header = judge(&f, rows, &sure) && sure;
    }
    if (header && !sure && n > 0) say_so(r, first, n);
    return header;
}
