/* provenance.c -- PROV: what was done, without when, where or by how many
 * threads.  A payload is lines: id, program, version, the details, parents.
 * The id is the CRC-32 of the lines after it, so equal work has equal ids. */
#include "record/ndr.h"
#include "base/checksum.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_DIGITS = 8, ID_LINE = 3 + ID_DIGITS + 1 }; /* "id=0123abcd\n" */

static bool has_id(const char *text)
{
	return strncmp(text, "id=", 3) == 0 && strlen(text) >= ID_LINE &&
	       text[ID_LINE - 1] == '\n';
}

static bool is_parent_of(const char *child, const char *parent)
{
	char line[sizeof "\nparent=" + ID_DIGITS + 1];

	if (!has_id(parent))
		return false;
	snprintf(line, sizeof line, "\nparent=%.*s\n", ID_DIGITS, parent + 3);
	return strstr(child, line) != NULL;
}

static int append_text(struct ndr_provenance *p, char *text, struct error *e)
{
	if (!text)
		return error_set(e, EXIT_SYSTEM, "no memory for provenance");
	if (memory_grow(&p->text, &p->capacity, p->count + 1, sizeof *p->text, e) < 0) {
		free(text);
		return -1;
	}
	p->text[p->count++] = text;
	return 0;
}

int ndr_provenance_add(struct ndr_provenance *p, const char *program, const char *version,
                       const char *details, struct error *e)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	char id[ID_DIGITS + 1];
	bool failed;

	if (!f)
		return error_errno(e, "provenance");
	fprintf(f, "id=00000000\nprogram=%s\nversion=%s\n%s", program, version, details);
	for (size_t i = 0; i < p->count; i++) {
		bool leaf = has_id(p->text[i]);

		for (size_t k = 0; k < p->count && leaf; k++)
			leaf = !is_parent_of(p->text[k], p->text[i]);
		if (leaf)
			fprintf(f, "parent=%.*s\n", ID_DIGITS, p->text[i] + 3);
	}
	failed = ferror(f) != 0;
	if (fclose(f) != 0 || failed || !text) {
		free(text);
		return error_set(e, EXIT_SYSTEM, "no memory for provenance");
	}
	snprintf(id, sizeof id, "%08" PRIx32, checksum(0, text + ID_LINE, size - ID_LINE));
	memcpy(text + 3, id, ID_DIGITS);
	return append_text(p, text, e);
}

int ndr_provenance_unite(struct ndr_provenance *to, const struct ndr_provenance *from,
                         struct error *e)
{
	for (size_t i = 0; i < from->count; i++) {
		bool there = false;

		for (size_t k = 0; k < to->count && !there; k++)
			there = strcmp(to->text[k], from->text[i]) == 0;
		if (!there && append_text(to, memory_string(from->text[i], e), e) < 0)
			return -1;
	}
	return 0;
}

void ndr_provenance_free(struct ndr_provenance *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->text[i]);
	free(p->text);
	*p = (struct ndr_provenance){0};
}
