/* data/read_csv: what is read, what is inferred, what is refused and how. */
#include "tests/data_fixture.h"

typedef struct {
    const char *name, *text;
    int rows;
    const char *kinds; /* of the features: '#' numeric, 'a' nominal */
    const char *first; /* name of the first feature */
    const char *classes;
    int missing;
    const char *note; /* that must be there, or NULL */
} Good;

#define TEN "1,2,a\n2,3,b\n3,4,a\n4,5,b\n5,6,a\n1,2,b\n2,3,a\n3,4,b\n4,5,a\n"
static const Good good[] = {
    {"header above numbers", "x,y,class\n1,2,a\n3,4,b\n", 2, "##", "x", "a b", 0, NULL},
    {"no header", "1,2,a\n3,4,b\n", 2, "##", "column_1", "a b", 0, "no header"},
    {"no line end at the end", "x,y,class\n1,2,a\n3,4,b", 2, "##", "x", "a b", 0, NULL},
    {"windows line ends", "x,y,class\r\n1,2,a\r\n3,4,b\r\n", 2, "##", "x", "a b", 0, NULL},
    {"old mac line ends", "x,y,class\r1,2,a\r3,4,b\r", 2, "##", "x", "a b", 0, NULL},
    {"byte order mark", "\xEF\xBB\xBFx,y,class\n1,2,a\n3,4,b\n", 2, "##", "x", "a b", 0, NULL},
    {"semicolons", "x;y;class\n1;2;a\n3;4;b\n", 2, "##", "x", "a b", 0, NULL},
    {"decimal commas", "x;y;class\n1,5;2;a\n3,25;4;b\n", 2, "##", "x", "a b", 0, NULL},
    {"tabs and an empty cell", "x\ty\tclass\n1\t\ta\n3\t4\tb\n", 2, "##", "x", "a b", 1, NULL},
    {"bars", "x|y|class\n1|2|a\n3|4|b\n", 2, "##", "x", "a b", 0, NULL},
    {"blank lines", "\n\nx,y,class\n\n1,2,a\n  \n3,4,b\n\n\n", 2, "##", "x", "a b", 0, NULL},
    {"blanks around cells", "x , y , class\n 1 , 2 , a\n 3 , 4 , b \n", 2, "##", "x", "a b", 0,
     NULL},
    {"quotes", "\"x, y\",z,class\n\"he said \"\"no\"\"\",1,a\n\"two\nlines\",2,b\n", 2, "a#", "x, y",
     "a b", 0, NULL},
    {"quoted numbers are numbers", "x,class\n\"1\",a\n\"2\",b\n", 2, "#", "x", "a b", 0, NULL},
    {"blanks before a quote", "x,y,class\n1, \"p,q\" ,a\n3, r ,b\n", 2, "#a", "x", "a b", 0, NULL},
    {"missing cells", "x,y,class\n?,NA,a\n3,N/A,b\n,nan,a\n4,null,b\n5,None,a\n", 5, "##", "x",
     "a b", 7, NULL},
    {"numbers in all dress", "x,class\n+1.5e3,a\n-.5,b\n5.,a\n1E-2,b\n007,a\n", 5, "#", "x", "a b",
     0, NULL},
    {"infinite is missing", "x,class\ninf,a\n-Infinity,b\n1e999,a\n2,b\n", 4, "#", "x", "a b", 3,
     "3 infinite"},
    {"almost numbers", "x,y,class\n0x1F,1.2.3,a\n1e,--1,b\n1 2,e5,a\n+,.,b\n-e1,1e+,a\n", 5, "aa", "x", "a b", 0,
     NULL},
    {"one odd cell among numbers",
     "x,y,class\n" TEN "oops,1,a\n" TEN, 19, "a#", "x", "a b", 0, "first `oops` in line 11"},
    {"words without numbers: a header that never comes again",
     "size,colour,kind\nbig,red,a\nbig,blue,b\nsmall,red,a\nbig,red,b\nsmall,blue,a\n", 5, "aa",
     "size", "a b", 0, NULL},
    {"words without numbers and no header",
     "big,red,a\nbig,blue,b\nsmall,red,a\nbig,red,b\nsmall,blue,a\nbig,red,a\n", 6, "aa", "column_1",
     "a b", 0, NULL},
    {"classes that are numbers, in their order", "x,class\n1,10\n2,9\n3,-1\n", 3, "#", "x",
     "-1 9 10", 0, NULL},
    {"a row without a class", "x,class\n1,a\n2,?\n3,b\n", 2, "#", "x", "a b", 0, "1 row without"},
    {"an index column without a name", ",x,class\n0,5,a\n1,6,b\n", 2, "##", "unnamed_1", "a b", 0,
     NULL},
    {"counted columns", "class,0,1,2\n5,7,7,9\n3,9,1,7\n", 2, "###", "class", "7 9", 0, NULL},
    {"counted cells without a header", "5,0,1,2\n3,9,1,7\n", 2, "###", "column_1", "2 7", 0, NULL},
    {"names that come twice", "x,x,class\n0,5,a\n1,6,b\n", 2, "##", "x", "a b", 0, "called `x`"},
    {"a remark of C4.5", "|1x3 Cross validator\n1,2,a\n3,4,b\n", 2, "##", "column_1", "a b", 0,
     "remark"},
    {"Latin-1", "caf\xE9,class\n1,a\n2,b\n", 2, "#", "caf\xC3\xA9", "a b", 0, "Latin-1"},
    {"a column of nothing", "x,y,class\n1,,a\n2,,b\n", 2, "##", "x", "a b", 2, NULL},
};

static void join(const char *const *words, int n, char *out)
{
    *out = '\0';
    for (int i = 0; i < n; i++) {
        if (i) strcat(out, " ");
        strcat(out, words[i]);
    }
}

static void reads_what_people_write(void **state)
{
    Fixture *fixture = *state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char kinds[16] = "", classes[64];
        Table *t = fixture_read(fixture, fixture_text(fixture, "a.csv", good[i].text), NULL, NULL);
        int missing = 0;
        fixture_check(t);
        for (int c = 0; c < t->n_columns; c++) {
            kinds[c] = t->columns[c].kind == COLUMN_NUMERIC ? '#' : 'a';
            missing += t->columns[c].n_missing;
        }
        join(t->classes, t->n_classes, classes);
        if (t->n_rows != good[i].rows || strcmp(kinds, good[i].kinds) != 0 ||
            strcmp(t->columns[0].name, good[i].first) != 0 ||
            strcmp(classes, good[i].classes) != 0 || missing != good[i].missing)
            fail_msg("%s: %d rows, %s, first `%s`, classes %s, %d missing", good[i].name, t->n_rows,
                     kinds, t->columns[0].name, classes, missing);
        if (good[i].note && !fixture_noted(t, good[i].note))
            fail_msg("%s: no note about `%s`", good[i].name, good[i].note);
    }
}

static void keeps_the_cells(void **state)
{
    Fixture *fixture = *state;
    Table *t = fixture_read(fixture,
                            fixture_text(fixture, "a.csv",
                                         "x,w,class\n-1.25,\"say \"\"hi\"\", twice\",b\n"
                                         "123456789.123456789,\"two\r\nlines\",a\n"
                                         "0.1,\"say \"\"hi\"\", twice\",b\n,,a\n"),
                            NULL, NULL);
    const Column *x = &t->columns[0];
    assert_true(column_number(x, 0) == -1.25 && column_number(x, 1) == 123456789.123456789);
    assert_true(column_number(x, 2) == 0.1 && isnan(column_number(x, 3)));
    assert_int_equal(t->columns[1].n_levels, 2);
    assert_string_equal(t->columns[1].levels[0], "say \"hi\", twice");
    assert_string_equal(t->columns[1].levels[1], "two\r\nlines");
    const int32_t codes[] = {0, 1, 0, -1}, labels[] = {1, 0, 1, 0};
    assert_memory_equal(t->columns[1].code, codes, sizeof codes);
    assert_memory_equal(t->labels, labels, sizeof labels);
    assert_string_equal(t->label_name, "class");
}

/* The short way to a double must give the bits that strtod gives. */
static void reads_numbers_to_the_last_bit(void **state)
{
    Fixture *fixture = *state;
    enum { N = 3000 };
    char *text = malloc(N * 48), (*numbers)[40] = malloc(N * sizeof *numbers);
    assert_non_null(text);
    assert_non_null(numbers);
    Rng rng = rng_stream(3, 0, RNG_TEST);
    char *at = text + sprintf(text, "x,class\n");
    for (int i = 0; i < N; i++) {
        double u = rng_uniform(&rng) - 0.5;
        int digits = 1 + (int)rng_below(&rng, 20), scale = (int)rng_below(&rng, 60) - 30;
        if (i % 3 == 0) snprintf(numbers[i], sizeof numbers[i], "%.*f", digits % 12, u * 1e6);
        else snprintf(numbers[i], sizeof numbers[i], "%.*ee%d", digits, u, scale);
        char *e = strchr(numbers[i], 'e'); /* "1.5e+00e-7" -> "1.5e-7" */
        if (e && strchr(e + 1, 'e')) memmove(e, strchr(e + 1, 'e'), strlen(strchr(e + 1, 'e')) + 1);
        at += sprintf(at, "%s,%c\n", numbers[i], "ab"[i % 2]);
    }
    Table *t = fixture_read(fixture, fixture_text(fixture, "a.csv", text), NULL, NULL);
    for (int i = 0; i < N; i++)
        if (column_number(&t->columns[0], i) != strtod(numbers[i], NULL))
            fail_msg("%s read as %.17g", numbers[i], column_number(&t->columns[0], i));
    free(text);
    free(numbers);
}

static const char people[] = "id,age,town,rich\n1,30,Ulm,no\n2,40,Rom,yes\n3,50,Ulm,no\n";

static void obeys_the_options(void **state)
{
    Fixture *fixture = *state;
    const char *path = fixture_text(fixture, "a.csv", people);
    const char *word[] = {"age", "id"};
    ReadOptions o = {.label = TEXT_ONE("town")};
    Table *t = fixture_read(fixture, path, &o, NULL);
    assert_string_equal(t->label_name, "town");
    assert_int_equal(t->n_columns, 3);
    assert_string_equal(t->classes[0], "Rom"); /* alphabetically */
    t = fixture_read(fixture, path, &(ReadOptions){.label = TEXT_ONE("3")}, NULL);
    assert_string_equal(t->label_name, "town");
    t = fixture_read(fixture, path, &(ReadOptions){.label = TEXT_ONE("-2")}, NULL);
    assert_string_equal(t->label_name, "town");
    t = fixture_read(fixture, path, &(ReadOptions){.label = TEXT_ONE("none")}, NULL);
    assert_null(t->label_name);
    assert_null(t->labels);
    assert_int_equal(t->n_columns, 4);
    t = fixture_read(fixture, path, &(ReadOptions){.features = {1, word}}, NULL);
    assert_int_equal(t->n_columns, 1);
    assert_string_equal(t->columns[0].name, "age");
    t = fixture_read(fixture, path, &(ReadOptions){.drop = {2, word}}, NULL);
    assert_int_equal(t->n_columns, 1);
    assert_string_equal(t->columns[0].name, "town");
    t = fixture_read(fixture, path, &(ReadOptions){.nominal = {1, word}}, NULL);
    assert_int_equal(t->columns[1].kind, COLUMN_NOMINAL);
    assert_string_equal(t->columns[1].levels[2], "50");
    const char *tokens[] = {"40", "Rom"};
    t = fixture_read(fixture, path, &(ReadOptions){.missing_tokens = {2, tokens}}, NULL);
    assert_true(isnan(column_number(&t->columns[1], 1)));
    assert_int_equal(t->columns[2].code[1], -1);
    t = fixture_read(fixture, path, &(ReadOptions){.header = HEADER_NO}, NULL);
    assert_int_equal(t->n_rows, 4);
    assert_int_equal(t->n_classes, 3);
    path = fixture_text(fixture, "a.csv", "1,2,a\n3,4,b\n5,6,a\n");
    t = fixture_read(fixture, path, &(ReadOptions){.header = HEADER_YES}, NULL);
    assert_int_equal(t->n_rows, 2);
    assert_string_equal(t->columns[0].name, "1");
    path = fixture_text(fixture, "a.csv", "a,b;1\nc,d;2\n");
    t = fixture_read(fixture, path, &(ReadOptions){.delimiter = ","}, NULL);
    assert_string_equal(t->classes[0], "b;1");
    /* dir goes in front of a relative path only. */
    ReadOptions there = {.dir = fixture->folder};
    t = fixture_read(fixture, "a.csv", &there, NULL);
    assert_int_equal(t->n_rows, 2);
    fixture_read(fixture, path, &there, NULL);
}

/* A model trained on `people`: id and age numeric, town nominal, classes no and yes. */
static void matches_a_schema_by_name(void **state)
{
    Fixture *fixture = *state;
    Table *train = fixture_read(fixture, fixture_text(fixture, "a.csv", people), NULL, NULL);
    Schema schema = table_schema(train);
    Table *t = fixture_read(
        fixture,
        fixture_text(fixture, "b.csv", "town,extra,rich,age,id\nOslo,x,yes,31,7\nUlm,y,?,?,8\n"),
        NULL, &schema);
    assert_int_equal(t->n_columns, 3);
    assert_string_equal(t->columns[0].name, "id");
    assert_true(column_number(&t->columns[0], 1) == 8 && isnan(column_number(&t->columns[1], 1)));
    assert_string_equal(t->columns[2].levels[0], "Ulm"); /* the model's levels come first */
    assert_string_equal(t->columns[2].levels[t->columns[2].code[0]], "Oslo");
    assert_int_equal(t->columns[2].code[1], 0);
    assert_int_equal(t->labels[0], 1);
    assert_int_equal(t->labels[1], -1); /* kept: it may still be predicted */
    assert_int_equal(t->n_classes, 2);
    t = fixture_read(fixture, fixture_text(fixture, "b.csv", "age,town,id\n31,Ulm,7\n"), NULL,
                     &schema);
    assert_null(t->labels);
    assert_null(t->label_name);
    assert_int_equal(t->n_rows, 1);
    /* Words only, one row: the model's names show that the first line is a header. */
    schema.n_columns = 1;
    schema.columns = &train->columns[2];
    t = fixture_read(fixture, fixture_text(fixture, "b.csv", "town\nUlm\n"), NULL, &schema);
    assert_int_equal(t->n_rows, 1);
    assert_int_equal(t->columns[0].code[0], 0);
}

static void matches_a_schema_by_place(void **state)
{
    Fixture *fixture = *state;
    Table *train = fixture_read(fixture, fixture_text(fixture, "a.csv", people), NULL, NULL);
    Schema schema = table_schema(train);
    Table *t = fixture_read(fixture, fixture_text(fixture, "b.csv", "7,31,Ulm,yes.\n8,32,Rom,no\n"),
                            NULL, &schema);
    assert_string_equal(t->columns[1].name, "age");
    assert_true(column_number(&t->columns[1], 0) == 31);
    assert_int_equal(t->labels[0], 1); /* "yes." without its dot */
    t = fixture_read(fixture, fixture_text(fixture, "b.csv", "7,31,Ulm\n8,32,Rom\n"), NULL,
                     &schema);
    assert_null(t->labels);
    t = fixture_read(fixture, fixture_text(fixture, "b.csv", "7,yes,31,Ulm\n8,no,32,Rom\n"),
                     &(ReadOptions){.label = TEXT_ONE("2")}, &schema);
    assert_int_equal(t->labels[0], 1);
    assert_true(column_number(&t->columns[1], 1) == 32);
    /* A model trained without names knows places: its label was the second of four columns. */
    ReadOptions second = {.label = TEXT_ONE("2")};
    const char *path = fixture_text(fixture, "a.csv", "1,p,5,u\n2,q,6,v\n3,p,7,u\n");
    train = fixture_read(fixture, path, &second, NULL);
    schema = table_schema(train);
    assert_string_equal(schema.columns[1].name, "column_3");
    t = fixture_read(fixture, fixture_text(fixture, "b.csv", "9,q,8,v\n"), NULL, &schema);
    assert_int_equal(t->labels[0], 1);
    assert_true(column_number(&t->columns[1], 0) == 8);
    t = fixture_read(fixture, fixture_text(fixture, "b.csv", "9,8,v\n"), NULL, &schema);
    assert_null(t->labels);
    assert_true(column_number(&t->columns[1], 0) == 8);
    ReadOptions header = {.header = HEADER_YES};
    t = fixture_read(fixture, fixture_text(fixture, "b.csv", "i,j,k,l\n9,q,8,v\n"), &header, &schema);
    assert_int_equal(t->n_rows, 1);
    assert_true(column_number(&t->columns[1], 0) == 8);
    /* Its names in a header are names. */
    t = fixture_read(fixture, fixture_text(fixture, "b.csv", "column_4,column_3,column_1\nv,8,9\n"), NULL, &schema);
    assert_int_equal(t->n_rows, 1);
    assert_true(column_number(&t->columns[0], 0) == 9 && column_number(&t->columns[1], 0) == 8);
    /* A file that calls its columns so means their names, not their places. */
    path = fixture_text(fixture, "a.csv", "column_2,column_1,y\n1,.5,p\n2,.75,q\n");
    schema = table_schema(fixture_read(fixture, path, NULL, NULL));
    t = fixture_read(fixture, fixture_text(fixture, "b.csv", "column_1,column_2\n.5,7\n"), NULL, &schema);
    assert_true(column_number(&t->columns[0], 0) == 7 && column_number(&t->columns[1], 0) == .5);
    t = fixture_read(fixture, fixture_text(fixture, "b.csv", "y,column_1,column_2\np,.5,7\n"), NULL, &schema);
    assert_true(column_number(&t->columns[0], 0) == 7 && t->labels[0] == 0);
    t = fixture_read(fixture, fixture_text(fixture, "b.csv", "7,.5\n8,.5\n"), NULL, &schema); /* no names: the order */
    assert_int_equal(t->n_rows, 2);
    assert_true(column_number(&t->columns[0], 0) == 7 && column_number(&t->columns[1], 0) == .5);
    /* Classes that are numbers match as numbers. */
    path = fixture_text(fixture, "a.csv", "x,class\n1,0\n2,1\n");
    schema = table_schema(fixture_read(fixture, path, NULL, NULL));
    t = fixture_read(fixture, fixture_text(fixture, "b.csv", "x,class\n1,1.0\n"), NULL, &schema);
    assert_int_equal(t->labels[0], 1);
}

static const struct {
    const char *text;
    ErrorCode code;
    const char *want;
} hostile[] = {
    {"", ERR_DATA, "a.csv: the file is empty"},
    {"\n \n\t\n", ERR_DATA, "the file is empty"},
    {"x,class\n", ERR_DATA, "no rows"},
    {"x,y,class\n1,2,a\n1,a\n", ERR_DATA, "a.csv:3: 2 fields, expected 3"},
    {"x,y,class\n1,2,a\n1,2,3,a\n", ERR_DATA, "a.csv:3: 4 fields, expected 3"},
    {"x,y,class\n\"p\nq\",2,a\n1\n", ERR_DATA, "a.csv:4: 1 field, expected 3"},
    {"x,class\n1,\"a\n2,b\n", ERR_DATA, "a.csv:2: a quote is opened here and never closed"},
    {"x,class\n1,\"a\"b\n", ERR_DATA, "a.csv:2: text after a closing quote"},
    {"a\nb\nc\n", ERR_DATA, "no column is left to learn from"},
    {"x,class\n1,a\n2,a\n", ERR_DATA, "`class` has only one class"},
    {"x,class\n1,?\n2,?\n", ERR_DATA, "`class` has no values"},
    {"x,y\n1,a.1\n2,a.2\n3,a.3\n4,a.4\n5,a.5\n6,a.6\n7,a.7\n8,a.8\n9,a.9\n1,a1.1\n2,a1.2\n3,a1.3\n4,a1.4\n5,a1.5\n"
     "6,a1.6\n7,a1.7\n8,a1.8\n9,a1.9\n1,a2\n2,a3\n",
     ERR_DATA, "`y` has 20 different values in 20 rows"},
    {"\xFF\xFEx\0", ERR_DATA, "UTF-16"},
    {"PK\3\4spreadsheet", ERR_DATA, "cut off or damaged"},
    {"%PDF-1.4 (no table at all)\n", ERR_DATA, "a PDF"},
    {"no table at all\n", ERR_DATA, "no column is left"},
};

static void refuses_with_place_and_cure(void **state)
{
    Fixture *fixture = *state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        fixture_refuses(fixture, fixture_text(fixture, "a.csv", hostile[i].text), NULL, NULL,
                        hostile[i].code, hostile[i].want);
    const char zero[] = "x,class\n1,a\n\0,b\n";
    fixture_refuses(fixture, fixture_write(fixture, "a.csv", zero, sizeof zero - 1), NULL, NULL,
                    ERR_DATA, "a zero byte at position 13");
    fixture_refuses(fixture, "/nowhere/a.csv", NULL, NULL, ERR_IO, "/nowhere/a.csv");
    fixture_refuses(fixture, NULL, NULL, NULL, ERR_CONFIG, "no data file");
}

static void refuses_options_that_do_not_fit(void **state)
{
    Fixture *fixture = *state;
    const char *path = fixture_text(fixture, "a.csv", people);
    const char *town[] = {"town"}, *tonw[] = {"tonw"}, *rich[] = {"rich"};
    const struct {
        ReadOptions o;
        ErrorCode code;
        const char *want;
    } cases[] = {
        {{.label = TEXT_ONE("ritch")}, ERR_CONFIG, "data.label: "},
        {{.label = TEXT_ONE("ritch")}, ERR_CONFIG, "did you mean `rich`?"},
        {{.label = TEXT_ONE("Qzzzzzzzz")}, ERR_CONFIG, "its 4 columns: id, age, town, rich"},
        {{.label = TEXT_ONE("5")}, ERR_CONFIG, "no column `5`"},
        {{.label = TEXT_ONE("0")}, ERR_CONFIG, "no column `0`"},
        {{.drop = {1, tonw}}, ERR_CONFIG, "data.drop: "},
        {{.features = {1, tonw}}, ERR_CONFIG, "data.features: "},
        {{.numeric = {1, tonw}}, ERR_CONFIG, "did you mean `town`?"},
        {{.drop = {1, rich}}, ERR_CONFIG, "which is the label"},
        {{.numeric = {1, town}, .nominal = {1, town}}, ERR_CONFIG, "both data.numeric and"},
        {{.numeric = {1, town}}, ERR_DATA, "a.csv:2: column `town`: `Ulm` is not a number"},
        {{.features = {1, town}, .drop = {1, town}}, ERR_DATA, "no column is left"},
        {{.delimiter = "ab"}, ERR_CONFIG, "data.delimiter: `ab`"},
        {{.delimiter = "\""}, ERR_CONFIG, "data.delimiter"},
        {{.delimiter = "7"}, ERR_CONFIG, "data.delimiter"},
        {{.format = FORMAT_IDX}, ERR_DATA, "not an IDX file"},
        {{.format = FORMAT_ARFF}, ERR_DATA, "expected @relation"},
        {{.format = FORMAT_DIGITS}, ERR_CONFIG, "makes its own rows"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        fixture_refuses(fixture, path, &cases[i].o, NULL, cases[i].code, cases[i].want);
    Error err = {0};
    Table *table = NULL;
    DataFile two = {.images = path, .labels = path};
    assert_false(table_read(&two, &(ReadOptions){0}, NULL, fixture->arena, &table, &err));
    assert_non_null(strstr(err.message, "is a table: its labels are one of its columns"));
}

static void refuses_what_the_model_cannot_take(void **state)
{
    Fixture *fixture = *state;
    Table *train = fixture_read(fixture, fixture_text(fixture, "a.csv", people), NULL, NULL);
    Schema schema = table_schema(train), image = {.height = 8, .width = 8};
    const struct {
        const char *text, *want;
    } cases[] = {
        {"id,agee,town\n1,2,Ulm\n", "column `age` is missing; the model needs it (nearest here: `agee`)"},
        {"id,town\n1,Ulm\n", "column `age` is missing"},
        {"id,age,town\n1,old,Ulm\n", "b.csv:2: column `age`: `old` is not a number"},
        {"id,age,town,rich\n1,2,Ulm,no\n1,2,Ulm,maybe\n",
         "b.csv:3: class `maybe` is none of the model's 2: no, yes"},
        {"1,2\n3,4\n", "2 columns without names, the model expects 3, or 4 with the label"},
        {"id,age,town\n", "no rows"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        fixture_refuses(fixture, fixture_text(fixture, "b.csv", cases[i].text), NULL, &schema,
                        ERR_DATA, cases[i].want);
    fixture_refuses(fixture, fixture_text(fixture, "b.csv", people), NULL, &image, ERR_DATA,
                    "is a table; the model reads images of 8 x 8");
    schema = table_schema(fixture_read(
        fixture, fixture_text(fixture, "a.csv", "1,2,a\n3,4,b\n"), NULL, NULL));
    fixture_refuses(fixture, fixture_text(fixture, "b.csv", "1\n2\n"), NULL, &schema, ERR_DATA,
                    "1 columns, the model expects 3 (or one fewer");
}

static void survives_battering(void **state)
{
    Fixture *fixture = *state;
    static const char text[] =
        "id,\"a \"\"b\"\", c\",town,when,rich\n1,30,Ulm,\"x\ny\",no\n2,40,Rom,,yes\r\n"
        "3,50,\"Ulm\",z,no\n4,?,Rom,\"\",yes\n5,-1e3,Ulm,w,no\n";
    fixture_batter(*state, "c.csv", text, sizeof text - 1, 1, 500);
    fixture_reset((void **)&fixture);
}

static void survives_without_memory(void **state)
{
    Fixture *fixture = *state;
    Arena *keep = arena_create(0);
    DataFile file = {.images = fixture_text(fixture, "a.csv", people)};
    fixture_starve(fixture, &file, &(ReadOptions){0}, NULL);
    Error err = {0};
    Table *train = NULL;
    assert_true(table_read(&file, &(ReadOptions){0}, NULL, keep, &train, &err));
    Schema schema = table_schema(train);
    fixture_starve(fixture, &file, &(ReadOptions){0}, &schema);
    arena_destroy(keep);
}

static void reads_the_benchmark_tables(void **state)
{
    static const Golden golden[] = {
        {"adult-test.csv", 16281, 6, 8, 2, 2203, 3104700651, 481270093135.28662},
        {"adult-train.csv", 32561, 6, 8, 2, 4262, 6220206594, 473878312426.08813},
        {"iris.csv", 150, 4, 0, 3, 0, 2078.1999999999985, 6867.6453507664737},
    };
    Fixture *fixture = *state;
    char path[512];
    if (!fixture_data("tabular/iris.csv", path, sizeof path)) skip();
    Table *iris = fixture_read(fixture, path, NULL, NULL);
    fixture_golden(iris, &golden[2]);
    assert_true(fixture_data("tabular/adult-train.csv", path, sizeof path));
    Table *train = fixture_read(fixture, path, NULL, NULL);
    fixture_golden(train, &golden[1]);
    Schema schema = table_schema(train);
    assert_true(fixture_data("tabular/adult-test.csv", path, sizeof path));
    Table *test = fixture_read(fixture, path, NULL, &schema);
    fixture_golden(test, &golden[0]);
    assert_string_equal(test->classes[1], ">50K");
    assert_string_not_equal(test->fingerprint, train->fingerprint);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(reads_what_people_write),
        TEST(keeps_the_cells),
        TEST(reads_numbers_to_the_last_bit),
        TEST(obeys_the_options),
        TEST(matches_a_schema_by_name),
        TEST(matches_a_schema_by_place),
        TEST(refuses_with_place_and_cure),
        TEST(refuses_options_that_do_not_fit),
        TEST(refuses_what_the_model_cannot_take),
        TEST(survives_battering),
        TEST(survives_without_memory),
        TEST(reads_the_benchmark_tables),
    };
    return cmocka_run_group_tests_name("data/read_csv", tests, fixture_open, fixture_close);
}
