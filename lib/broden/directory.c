/* directory.c -- a Broden directory opened: its tables; see broden.h. */
#include "broden/broden.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "broden/directory.h"

static int open_all(struct broden *b, const char *directory, const struct broden_choice *choice,
                    struct error *e)
{
	char path[PATH_MAX];

	b->directory = memory_string(directory, e);
	if (!b->directory || broden_read_categories(b, choice->categories, e) < 0 ||
	    broden_read_labels(b, e) < 0 || broden_read_index(b, choice, e) < 0)
		return -1;
	if (snprintf(path, sizeof path, "%s/images", directory) >= (int)sizeof path)
		return error_set(e, EXIT_USAGE, "%.200s: path is too long", directory);
	if (!realpath(path, b->images))
		return error_errno(e, "%s", path);
	b->root = open(b->images, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return b->root < 0 ? error_errno(e, "%s", path) : 0;
}

struct broden *broden_open(const char *directory, const struct broden_choice *choice,
                           struct error *e)
{
	struct broden *b = memory_new(1, sizeof *b, e);

	if (b)
		b->root = -1;
	if (b && open_all(b, directory, choice, e) < 0) {
		broden_close(b);
		b = NULL;
	}
	return b;
}

void broden_close(struct broden *b)
{
	if (!b)
		return;
	if (b->root >= 0)
		close(b->root);
	ndr_meta_free(&b->meta);
	free(b->directory);
	free(b->column);
	free(b->row);
	free(b->text);
	for (size_t i = 0; i < b->warnings; i++)
		free(b->warning[i]);
	free(b->warning);
	free(b);
}

const struct ndr_meta *broden_meta(const struct broden *b)
{
	return &b->meta;
}

const char *broden_warning(const struct broden *b, size_t i)
{
	return i < b->warnings ? b->warning[i] : NULL;
}

struct broden_file broden_file_read(const struct broden *b, enum broden_table table)
{
	return b->file[table];
}
