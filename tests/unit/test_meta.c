/* test_meta.c -- META and PROV to text and back, and the union of segments. */
#include "record/ndr.h"

#include <stdio.h>
#include <stdlib.h>

#include "tap.h"

static struct error e;

/* Decode; the error's text, or "" if all went well. */
static const char *decode(const char *text, struct ndr_meta *m)
{
	e = (struct error){0};
	*m = (struct ndr_meta){0};
	return ndr_meta_decode(m, text, strlen(text), "place", &e) == 0 ? "" : e.text;
}

static void canonical_text(void)
{
	static const char *want = "category.0=object\n"
	                          "category.1=part\n"
	                          "dataset.items=12\n"
	                          "future.key=a%25b\n"
	                          "label.1=0 cat%0Aflap\n"
	                          "label.10=1 paw = foot\n"
	                          "label.2=0 100%25\n"
	                          "layer.0.input=227 113\n"
	                          "layer.0.name=fire9/concat\n"
	                          "layer.0.offset=0.10000000000000001 -3\n"
	                          "layer.0.shape=512 13 14\n"
	                          "layer.0.size=7 7.5\n"
	                          "layer.0.stride=16 16\n"
	                          "layer.1.basis=rotation seed=1 alpha=0.5\n"
	                          "layer.1.input=0 0\n"
	                          "layer.1.name=fc\n"
	                          "layer.1.offset=0 0\n"
	                          "layer.1.shape=10 1 1\n"
	                          "layer.1.size=0 0\n"
	                          "layer.1.stride=0 0\n";
	struct ndr_meta m, copy;
	size_t length;
	char *text;

	is_str(decode(want, &m), "", "text is read");
	is_int((long long)m.items, 12, "items");
	is_int((long long)m.categories, 2, "categories");
	is_int((long long)m.labels, 11, "highest label + 1");
	is_str(m.label[1].name, "cat\nflap", "an escaped name");
	is_str(m.label[10].name, "paw = foot", "a name with =");
	is_str(m.label[2].name, "100%", "a name with %%");
	is_int(m.label[10].category, 1, "a label's category");
	ok(!m.label[9].name, "no such label");
	is_int(ndr_meta_find_layer(&m, "fc"), 1, "a layer by name");
	is_int(ndr_meta_find_layer(&m, "fc2"), -1, "no such layer");
	is_int(m.layer[0].units, 512, "units");
	is_int(m.layer[0].width, 14, "width");
	is_int(m.layer[0].input[1], 113, "input width");
	is_real(m.layer[0].offset[0], 0.1, 0, "offset y");
	is_real(m.layer[0].offset[1], -3, 0, "offset x");
	is_str(m.layer[1].basis, "rotation seed=1 alpha=0.5", "basis");
	ok(!m.layer[0].basis, "no basis");
	ok(ndr_meta_copy(&copy, &m, &e) == 0, "copied");
	ndr_meta_free(&m);
	text = ndr_meta_encode(&copy, &length, &e);
	is_str(text, want, "and written: the same text");
	is_int((long long)length, (long long)strlen(want), "its length");
	free(text);
	ndr_meta_free(&copy);
}

static void empty_meta(void)
{
	struct ndr_meta m;
	size_t length;
	char *text;

	is_str(decode("", &m), "", "no line at all");
	text = ndr_meta_encode(&m, &length, &e);
	is_str(text, "", "stays so");
	free(text);
	ndr_meta_free(&m);
}

static void refused(void)
{
	static const char *const texts[] = {
	        "dataset.items=5",                      /* no newline */
	        "dataset.items\n",                      /* no = */
	        "=5\n",                                 /* no key */
	        "\n",                                   /* no line */
	        "dataset.items=-5\n",                   /* no number */
	        "dataset.items=5 \n",                   /* more than a number */
	        "dataset.items=99999999999999999999\n", /* too large */
	        "b=1\na=2\n",                           /* out of order */
	        "a=1\na=2\n",                           /* twice */
	        "a=%4\n",                               /* half an escape */
	        "a=%00\n",                              /* a zero byte */
	        "category.1=x\n",                       /* category 0 is missing */
	        "category.5000=x\n"
	        "category.9=x\n",                        /* too many, out of order */
	        "category.0=x\nlabel.1=1 y\n",           /* category 1 is missing */
	        "category.0=x\nlabel.0=0 y\n",           /* label 0 */
	        "category.0=x\nlabel.1=0\n",             /* no name */
	        "category.0=x\nlabel.1=y\n",             /* no category */
	        "layer.0.name=x\n",                      /* no shape */
	        "layer.0.shape=1 1 1\n",                 /* no name */
	        "layer.0.name=x\nlayer.0.shape=1 0 1\n", /* zero height */
	        "layer.0.name=x\nlayer.0.shape=1 1\n",   /* two dimensions */
	        "layer.0.name=\nlayer.0.shape=1 1 1\n",  /* empty name */
	        "layer.0.name=x\nlayer.0.offset=0 nan\nlayer.0.shape=1 1 1\n",
	        "layer.1.name=x\nlayer.1.shape=1 1 1\n", /* layer 0 is missing */
	        "layer.0.name=x\nlayer.0.shape=1 1 1\n"
	        "layer.1.name=x\nlayer.1.shape=2 1 1\n", /* two of one name */
	};
	struct ndr_meta m;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		ok(*decode(texts[i], &m), "refused (%zu): %s", i, e.text);
		is_int(e.code, EXIT_MALFORMED, "as malformed");
		ndr_meta_free(&m);
	}
	m = (struct ndr_meta){0};
	e = (struct error){0};
	ok(ndr_meta_decode(&m, "a=\0\n", 4, "place", &e) < 0, "a zero byte");
	ndr_meta_free(&m);
}

static void layers_have_names_of_their_own(void)
{
	const struct ndr_layer layer = {.name = "fc", .units = 1, .height = 1, .width = 1};
	struct ndr_meta m = {0};

	e = (struct error){0};
	ok(ndr_meta_add_layer(&m, &layer, &e) == 0, "a layer");
	ok(ndr_meta_add_layer(&m, &layer, &e) < 0, "a second one of its name is refused");
	is_str(e.text, "the stream already has a layer fc", "and why");
	is_int(e.code, EXIT_MALFORMED, "as malformed");
	is_int((long long)m.layers, 1, "the first stays");
	ndr_meta_free(&m);
}

static void many_labels(void)
{
	struct ndr_meta m = {0}, back;
	size_t length;
	char *text, name[16];

	e = (struct error){0};
	ok(ndr_meta_add_category(&m, "c", &e) == 0, "a category");
	for (unsigned i = 1; i < NDR_LABELS && e.code == EXIT_OK; i++) {
		snprintf(name, sizeof name, "n%u", i);
		if (ndr_meta_set_label(&m, i, name, 0, &e) < 0)
			break;
	}
	text = ndr_meta_encode(&m, &length, &e);
	is_str(decode(text, &back), "", "every label number there is");
	is_str(back.label[NDR_LABELS - 1].name, "n65535", "the last of them");
	ok(ndr_meta_set_label(&m, NDR_LABELS, "x", 0, &e) < 0, "one more is refused");
	free(text);
	ndr_meta_free(&m);
	ndr_meta_free(&back);
}

/* Two shards' provenances united, and a merge on top: its parents are both leaves. */
static void provenance(void)
{
	struct ndr_provenance a = {0}, b = {0}, c = {0};
	const char *last;

	e = (struct error){0};
	ok(ndr_provenance_add(&a, "broden-cat", "1", "option.limit=3\n", &e) == 0 &&
	           ndr_provenance_add(&a, "cnn-forward", "1", "", &e) == 0 &&
	           ndr_provenance_add(&b, "broden-cat", "1", "option.limit=3\n", &e) == 0 &&
	           ndr_provenance_add(&b, "rotate-basis", "1", "", &e) == 0,
	   "two histories");
	is_str(a.text[0], b.text[0], "equal work is written equally");
	ok(strcmp(a.text[1], b.text[1]) != 0, "different work is not");
	ok(ndr_provenance_unite(&c, &a, &e) == 0 && ndr_provenance_unite(&c, &b, &e) == 0 &&
	           ndr_provenance_unite(&c, &a, &e) == 0,
	   "united");
	is_int((long long)c.count, 3, "nothing twice");
	ok(ndr_provenance_add(&c, "iou-score", "1", "", &e) == 0, "one more program");
	last = c.text[3];
	ok(!strstr(last, c.text[0] + 3), "an entry with children is no parent");
	ok(strncmp(last, "id=", 3) == 0 && strstr(last, "\nprogram=iou-score\nversion=1\n"),
	   "id, program, version");
	for (int i = 1; i < 3; i++) {
		char line[32];

		snprintf(line, sizeof line, "\nparent=%.8s\n", c.text[i] + 3);
		ok(strstr(last, line) != NULL, "leaf %d is a parent", i);
	}
	ndr_provenance_free(&a);
	ndr_provenance_free(&b);
	ndr_provenance_free(&c);
}

static void warnings_travel(void)
{
	struct ndr_provenance a = {0}, b = {0};
	struct ndr_warnings w;
	char *before;

	e = (struct error){0};
	ok(ndr_provenance_add(&a, "act-quantile", "1", "option.memory=3\n", &e) == 0 &&
	           ndr_provenance_warn(&a, "unit 3 is saturated", &e) == 0 &&
	           ndr_provenance_warn(&a, "100% odd\nname\x1b[1m", &e) == 0,
	   "warnings go into the last entry");
	before = strdup(a.text[0]);
	ok(ndr_provenance_warn(&a, "unit 3 is saturated", &e) == 0 &&
	           strcmp(before, a.text[0]) == 0,
	   "each once");
	is_str(a.text[0] + 12,
	       "program=act-quantile\nversion=1\noption.memory=3\n"
	       "warning=100%25 odd%0Aname%1B[1m\nwarning=unit 3 is saturated\n",
	       "as sorted lines, escaped");
	ok(ndr_provenance_add(&b, "act-quantile", "1", "option.memory=3\n", &e) == 0 &&
	           ndr_provenance_warn(&b, "100% odd\nname\x1b[1m", &e) == 0 &&
	           ndr_provenance_warn(&b, "unit 3 is saturated", &e) == 0,
	   "in another order");
	is_str(b.text[0], before, "the same entry, with the same id");
	ok(ndr_provenance_add(&b, "iou-score", "1", "", &e) == 0 &&
	           ndr_provenance_warn(&b, "few images", &e) == 0 &&
	           ndr_provenance_add(&b, "act-quantile", "2", "", &e) == 0 &&
	           ndr_provenance_warn(&b, "unit 3 is saturated", &e) == 0 &&
	           ndr_provenance_add(&b, "unit-label", "2", "", &e) == 0,
	   "later programs");
	for (int only = 0; only < 2; only++) {
		ok(ndr_provenance_warnings(&b, &w, &e) == 0 && w.count == 3,
		   "of all entries a set");
		is_str(w.warning[0].text, "100% odd\nname\x1b[1m", "as it was said");
		is_str(w.warning[1].program, "act-quantile", "by program");
		is_str(w.warning[2].text, "few images", "then by text");
		ndr_warnings_free(&w);
		ok(ndr_provenance_keep_warnings(&b, &e) == 0, "without provenance they stay");
	}
	is_int((long long)b.count, 3, "an entry for each that warned");
	is_str(b.text[1] + 12, "program=iou-score\nwarning=few images\n", "and nothing else");
	ndr_provenance_free(&a);
	ok(ndr_provenance_add(&a, "iou-score", "1", "", &e) == 0 &&
	           ndr_provenance_keep_warnings(&a, &e) == 0 && a.count == 0,
	   "who did not warn is forgotten");
	free(before);
	ndr_provenance_free(&a);
	ndr_provenance_free(&b);
}

static void unions(void)
{
	struct ndr_union u = {0};
	struct ndr_segment a = {.range = {.first = 10, .end = 20, .most = 10},
	                        .schema = 5,
	                        .items = 9},
	                   b = {.range = {.first = 0, .end = 10, .most = 8},
	                        .schema = 5,
	                        .items = 8,
	                        .flags = NDR_SUBSET},
	                   c = {.range = {.first = 19, .end = 30, .most = 1}, .schema = 5},
	                   d = {.range = {.first = 40, .end = 50, .most = 1},
	                        .schema = 5,
	                        .meta = {.items = 1}},
	                   f = {.range = {.first = 50,
	                                  .end = NDR_UNBOUNDED,
	                                  .most = NDR_UNBOUNDED},
	                        .schema = 5};

	e = (struct error){0};
	ok(ndr_union_add(&u, &a, "a", &e) == 0 && ndr_union_add(&u, &b, "b", &e) == 0,
	   "neighbours");
	ndr_union_end(&u, &a);
	ndr_union_end(&u, &b);
	ok(u.all.range.first == 0 && u.all.range.end == 20 && u.all.range.most == 18,
	   "the range covers both, the bounds add up");
	is_int(u.all.items, 17, "items add up");
	is_int(u.all.flags, NDR_SUBSET, "a subset stays one");
	ok(ndr_union_add(&u, &c, "c", &e) < 0, "an overlap is refused: %s", e.text);
	is_int(e.code, EXIT_MALFORMED, "as malformed");
	e = (struct error){0};
	ok(ndr_union_add(&u, &d, "d", &e) < 0, "another schema is refused: %s", e.text);
	e = (struct error){0};
	ok(ndr_union_add(&u, &f, "f", &e) == 0 && u.all.range.most == NDR_UNBOUNDED,
	   "unbounded stays so");
	ndr_union_free(&u);
}

int main(void)
{
	canonical_text();
	empty_meta();
	refused();
	layers_have_names_of_their_own();
	many_labels();
	provenance();
	warnings_travel();
	unions();
	return done();
}
