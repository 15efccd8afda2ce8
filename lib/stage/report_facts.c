/* report_facts.c -- what a side tells beside the numbers: warnings, and what its provenance
 * knows; see report_side.h. */
#include "stage/report_side.h"
#include "base/checksum.h"
#include "base/file.h"
#include "base/memory.h"
#include "stage/labelling.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add_warning(struct report_side *side, char *text, struct error *e)
{
	char **more = text ? realloc(side->warning, (side->warnings + 1) * sizeof *more) : NULL;

	if (!more) {
		free(text);
		return error_set(e, EXIT_SYSTEM, "no memory for a warning");
	}
	side->warning = more;
	side->warning[side->warnings++] = text;
	return 0;
}

int side_warn(struct report_side *side, struct error *e, const char *format, ...)
{
	char *text;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	return add_warning(side, n < 0 ? NULL : text, e);
}

static int repeat_warnings(const struct reporting_side *s, struct report_side *side,
                           struct error *e)
{
	struct ndr_warnings w;
	int status = ndr_provenance_warnings(&s->provenance, &w, e);

	for (size_t i = 0; i < w.count && status == 0; i++)
		status = side_warn(side, e, "%s: %s", w.warning[i].program, w.warning[i].text);
	ndr_warnings_free(&w);
	return status;
}

/* The value of a key in an entry of PROV, with its length; NULL: it has none. */
static const char *value_of(const char *entry, const char *key, size_t *length)
{
	const size_t n = strlen(key);

	for (const char *line = entry; *line;) {
		const size_t end = strcspn(line, "\n");

		if (end > n && strncmp(line, key, n) == 0 && line[n] == '=') {
			*length = end - n - 1;
			return line + n + 1;
		}
		line += end + (line[end] == '\n');
	}
	return NULL;
}

/* Masks that are drawn in another way than those that were counted are told apart. */
static int compare_options(const struct reporting *r, const struct reporting_side *s,
                           struct report_side *side, struct error *e)
{
	static const char *const methods[] = {"rf", "resize", "corners", "rf-int"};
	static const char *const names[] = {"upsample", "compare"};
	const char *ours[] = {methods[r->choice->upsample], r->choice->strict ? "gt" : "ge"};

	for (size_t i = 0; i < s->provenance.count; i++)
		for (int k = 0; k < 2; k++) {
			char key[32];
			size_t n, name;
			const char *program = value_of(s->provenance.text[i], "program", &name),
			           *value;

			snprintf(key, sizeof key, "option.%s", names[k]);
			value = value_of(s->provenance.text[i], key, &n);
			if (!program || strncmp(program, "act-segment\n", name + 1) != 0 ||
			    !value || (n == strlen(ours[k]) && strncmp(value, ours[k], n) == 0))
				continue;
			if (side_warn(side, e,
			              "scores are of masks with --%s %.*s, the masks shown are "
			              "with "
			              "--%s %s",
			              names[k], (int)n, value, names[k], ours[k]) < 0)
				return -1;
		}
	return 0;
}

/* Scores know the thresholds of their masks by the digest of a file, if it was one. */
static int compare_thresholds(const struct reporting_side *s, struct report_side *side,
                              struct error *e)
{
	char *path = NULL, digest[64], *file;
	size_t length;
	int status = 0;

	if (asprintf(&path, "%s.thr.ndr", s->stem) < 0)
		return error_set(e, EXIT_SYSTEM, "no memory for a path");
	file = file_read(path, path, &length, e);
	if (file)
		snprintf(digest, sizeof digest, "crc32:%08" PRIx32 ":%zu",
		         checksum(0, file, length), length);
	for (size_t i = 0; file && i < s->provenance.count && status == 0; i++) {
		size_t n;
		const char *known = value_of(s->provenance.text[i], "digest.thresholds", &n);

		if (known && (n != strlen(digest) || strncmp(known, digest, n) != 0))
			status = side_warn(
			        side, e,
			        "scores are of masks with other thresholds than the masks "
			        "shown");
	}
	free(path);
	if (!file)
		return -1;
	free(file);
	return status;
}

int side_judge(const struct reporting *r, const struct reporting_side *s,
               struct report_side *side, struct error *e)
{
	if (repeat_warnings(s, side, e) < 0 || compare_options(r, s, side, e) < 0 ||
	    compare_thresholds(s, side, e) < 0)
		return -1;
	if (!s->labels.counted && r->choice->min_images > 0 &&
	    side_warn(side, e,
	              "the scores do not say how many images hold each label: --min-images has "
	              "no effect") < 0)
		return -1;
	if (s->meta.items && s->meta.items < LABELLING_FEW_IMAGES &&
	    side_warn(side, e,
	              "only %" PRIu64 " images: labels that few of them hold can pass the "
	              "threshold by chance",
	              s->meta.items) < 0)
		return -1;
	return 0;
}

/* A stream knows the network by the digest of its file alone. */
int side_tell_network(const struct reporting_side *s, const char *name,
                      struct report_side *side, struct error *e)
{
	struct text network = {0};
	bool known = name;

	text_string(&network, name ? name : "");
	for (size_t i = 0; i < s->provenance.count; i++) {
		size_t n;
		const char *digest = value_of(s->provenance.text[i], "digest.model", &n);

		if (!digest)
			continue;
		text_print(&network, "%smodel file %.*s", name ? ", " : "", (int)n, digest);
		known = true;
		break;
	}
	side->network = text_take(&network, "provenance", e);
	if (!side->network)
		return -1;
	if (!known) {
		free(side->network);
		side->network = NULL;
	}
	return 0;
}

/* Each program of PROV and what it was told, a line. */
int side_tell_programs(const struct reporting_side *s, struct report_side *side,
                       struct error *e)
{
	side->fact = memory_new(s->provenance.count, sizeof *side->fact, e);
	if (!side->fact)
		return -1;
	for (size_t i = 0; i < s->provenance.count; i++) {
		struct report_fact *fact = &side->fact[side->facts];
		struct text name = {0}, value = {0};
		const char *line = s->provenance.text[i];

		while (*line) {
			const size_t end = strcspn(line, "\n");

			if (strncmp(line, "program=", 8) == 0)
				text_bytes(&name, line + 8, end - 8);
			else if (strncmp(line, "version=", 8) == 0)
				text_print(&name, " %.*s", (int)end - 8, line + 8);
			else if (strncmp(line, "option.", 7) == 0)
				text_print(&value, "--%.*s ", (int)end - 7, line + 7);
			else if (strncmp(line, "digest.", 7) == 0)
				text_print(&value, "%.*s ", (int)end - 7, line + 7);
			line += end + (line[end] == '\n');
		}
		side->facts++;
		fact->name = text_take(&name, "provenance", e);
		fact->value = text_take(&value, "provenance", e);
		if (!fact->name || !fact->value)
			return -1;
	}
	return 0;
}
