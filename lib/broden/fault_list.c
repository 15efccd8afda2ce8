/* fault_list.c -- see fault_list.h. */
#include "broden/fault_list.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/file.h"

enum { AT_ONCE = 256 };

/* On one line, whatever names hold. */
static void put_plain(struct text *t, const char *s)
{
	for (; *s; s++)
		text_byte(t, iscntrl((unsigned char)*s) ? '?' : *s);
}

static void put_line(struct text *t, const struct broden_fault *f)
{
	put_plain(t, f->file);
	if (f->row)
		text_print(t, ": %srow %llu", f->of_index ? "index.csv " : "",
		           (unsigned long long)f->row);
	text_string(t, f->kind == BRODEN_REMARK ? ": remark: " : ": ");
	put_plain(t, f->reason);
	text_byte(t, '\n');
}

static void put_row(struct table *t, const struct broden_fault *f)
{
	table_text(t, broden_fault_names[f->kind]);
	table_text(t, f->file);
	if (f->row)
		table_count(t, f->row);
	else
		table_none(t);
	table_text(t, f->reason);
}

static int put_out(struct broden_fault_list *l, struct error *e)
{
	const size_t n = l->lines.length;
	char *text;
	int status;

	l->waiting = 0;
	if (l->json)
		return table_flush(&l->table, l->fd, l->name, e);
	text = text_take(&l->lines, "a list of faults", e);
	status = text ? file_write(l->fd, l->name, text, n, e) : -1;
	free(text);
	return status;
}

void broden_fault_list_begin(struct broden_fault_list *l, bool json, int fd, const char *name)
{
	static const char *const column[] = {"kind", "file", "row", "reason"};

	*l = (struct broden_fault_list){.fd = fd, .name = name, .json = json};
	if (json)
		table_begin(&l->table, TABLE_JSON, column, sizeof column / sizeof *column);
}

int broden_fault_list_add(struct broden_fault_list *l, const struct broden_fault *f,
                          struct error *e)
{
	if (l->json)
		put_row(&l->table, f);
	else
		put_line(&l->lines, f);
	return ++l->waiting < AT_ONCE ? 0 : put_out(l, e);
}

int broden_fault_list_end(struct broden_fault_list *l, struct error *e)
{
	if (l->waiting && put_out(l, e) < 0)
		return -1;
	return l->json ? table_end(&l->table, l->fd, l->name, e) : 0;
}

void broden_fault_list_free(struct broden_fault_list *l)
{
	table_free(&l->table);
	text_free(&l->lines);
}
