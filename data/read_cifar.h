/* data/read_cifar.h - what the reader of folders asks CIFAR's: which files of a folder are its, and their
 * table.
 */
#ifndef CONSORT_DATA_READ_CIFAR_H
#define CONSORT_DATA_READ_CIFAR_H
#include "base/folder.h"
#include "data/reader.h"

/* data_batch_1.bin and the like, or train.bin, right in the folder: `path` is from there. */
bool cifar_is_batch(const char *path);
/* Those of `files`, which are paths from the folder reading->path, one after the other. */
bool read_cifar_folder(Reading *reading, const FileList *files, Table **out, Error *err);
#endif
