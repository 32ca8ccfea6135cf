/* tuner/store/schema.h - the schema's number, its first tables and its views, as text. */
#ifndef CONSORT_TUNER_STORE_SCHEMA_H
#define CONSORT_TUNER_STORE_SCHEMA_H
enum {
    STORE_SCHEMA = 6,               /* PRAGMA user_version; steps in migrate.c */
    STORE_APPLICATION = 0x434E5352, /* PRAGMA application_id: "CNSR" */
};

extern const char schema_first_tables[]; /* of schema 1 */
typedef struct {
    const char *name, *sql; /* CREATE VIEW name AS sql */
} SchemaView;
extern const SchemaView schema_views[]; /* those all studies share; ends with NULL */
#endif
