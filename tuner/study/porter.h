/* tuner/study/porter.h - the files of many seats on their way, at one end: at the host for all peers of a
 * link, at a guest that has not got the study's folder for its own seats.
 *
 * One thread reads and writes files, so that whoever takes in letters waits for no disk. At most PORTER_MOST
 * seats' files come in at once, PARCEL_AHEAD pieces of each; the others wait for their turn, which bounds the
 * memory.
 *
 *     the end that has files          the end that wants them
 *     porter_send: OFFER          ->  porter_letter
 *     RECORD, or TASK             ->  porter_hold: it is held back
 *     porter_letter               <-  WANT ...
 *     FILE ...                    ->  porter_letter
 *     porter_letter               <-  WANT without a name
 *                                     porter_next: the record is taken, the trial begins
 *
 * Who has the study's folder never offers, and an offer to it is passed over: so neither end needs to know of
 * the other which it is.
 *
 * Threads   all functions may be called from any; `wake` of the link is called when porter_next has something.
 * Memory    letters are copied. What is known of a seat lives until its peer is gone.
 * Errors    of our own disk: they stop a study, or make a guest leave. A peer that breaks the rules is
 *           reported.
 */
#ifndef CONSORT_TUNER_STUDY_PORTER_H
#define CONSORT_TUNER_STUDY_PORTER_H
#include "tuner/study/link.h"
#include "tuner/study/parcel.h"

enum { PORTER_MOST = 16 };

typedef struct Porter Porter;
/* Borrows both. `clears`: files that the other end has now are removed here. */
Porter *porter_create(const char *folder, const StudyLink *link, bool clears, Error *err);
void porter_destroy(Porter *porter);

/* OFFER, WANT and FILE of seats. False: the peer breaks the rules, or there is no memory. */
bool porter_letter(Porter *porter, const Letter *letter);
/* Before a record is sent, or (NULL) a task: offers what is there of the trial. False: the peer is gone,
 * or there is no memory. */
bool porter_send(Porter *porter, int peer, int seat, ParcelTrial trial, const TrialRecord *record);
/* The record of that seat's trial has come, or (NULL) its task. MORE: porter_next will say when its files are
 * there; WHOLE: there are none to wait for; ERROR: no memory. `models`: may the trial keep its model and
 * predictions? */
ParcelState porter_hold(Porter *porter, int peer, int seat, ParcelTrial trial, const TrialRecord *record,
                        bool models);
/* Does anything that was offered wait for the word that nothing more is wanted? Only where it `clears`. */
bool porter_is_owing(Porter *porter);
typedef struct {
    int peer, seat;
    ParcelState state; /* WHOLE; WRONG: the peer is to be dropped; ERROR: `error` */
    Error error;
} PorterNews;
bool porter_next(Porter *porter, PorterNews *out);
void porter_gone(Porter *porter, int peer);
#endif
