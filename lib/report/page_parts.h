/* page_parts.h -- what the files of a page share, and its parts that have one of their own. */
#ifndef REPORT_PAGE_PARTS_H
#define REPORT_PAGE_PARTS_H

#include "report/palette.h"
#include "report/report.h"

struct page {
	struct text *t;
	const struct report *r;
	const struct report_side *side; /* at work */
	char id;                        /* its letter: 'u' or 'v' */
};

static inline void put(const struct page *p, const char *s)
{
	text_string(p->t, s);
}

static inline size_t palette_of(const struct page *p, size_t category)
{
	return (size_t)palette_find(p->side->result.category[category]);
}

/* Where among a unit's images it is, in words. */
void put_place(const struct page *p, const struct report_example *x, size_t number);

/* An overlay as a variable of a style: browsers look at it only where it is shown. */
void put_overlay(const struct page *p, char name, const struct picture *png);

/* The cards of a side's units: by descending score, ties in order, as in the result table. */
int page_units(const struct page *p, struct error *e) CHECK_RESULT;

/* What the script knows. */
int page_data(struct page *p, struct error *e) CHECK_RESULT;

#endif
