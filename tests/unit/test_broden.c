/* test_broden.c -- Broden directories: choices, primary categories, cells. */
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broden/broden.h"

#include "tap.h"

static char directory[] = "/tmp/broden.XXXXXX";
static const char *const files[] = {"category.csv", "label.csv",    "c_color.csv",
                                    "c_part.csv",   "c_object.csv", "index.csv",
                                    "images/a.ppm", "images/b.pgm", "images"};

static void put(const char *name, const char *text, size_t length)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	f = fopen(path, "wb");
	if (!f || fwrite(text, 1, length, f) != length || fclose(f) != 0)
		abort();
}

#define PUT(name, text) put(name, text, sizeof(text) - 1)

static void make_directory(void)
{
	char path[PATH_MAX];

	if (!mkdtemp(directory))
		abort();
	snprintf(path, sizeof path, "%s/images", directory);
	if (mkdir(path, 0777) < 0)
		abort();
	PUT("category.csv", "name,first,last,count,frequency\r\n"
	                    "color,1,2,2,9\r\npart,1,9,3,9\r\nobject,3,9,3,9\r\n");
	PUT("label.csv", "number,name,category,frequency,coverage,syns\r\n"
	                 "1,red-c,color(3),3,1,\"scarlet,crimson\"\r\n"
	                 "2,\"sky, blue\",color(3),3,1,\r\n"
	                 "3,head,part(1);object(1),2,1,\r\n"
	                 "5,hand,part(1);object(1),2,1,\r\n"
	                 "9,wing,part(2);object(1),3,1,\r\n");
	PUT("c_color.csv",
	    "code,number,name,frequency,coverage\r\n1,1,red-c,3,1\r\n2,2,sky,3,1\r\n");
	PUT("c_part.csv", "code,number,name,frequency,coverage\r\n"
	                  "1,3,head,1,5.5\r\n2,5,hand,1,2.25\r\n3,9,wing,2,2\r\n");
	PUT("c_object.csv", "code,number,name,frequency,coverage\r\n"
	                    "1,3,head,1,5.25\r\n2,5,hand,1,2.25\r\n3,9,wing,2,10\r\n");
	PUT("index.csv", "image,split,ih,iw,sh,sw,object,part,color\r\n"
	                 "a.ppm,train,2,3,4,6,9;3,5,\r\n"
	                 "a.ppm,val,2,3,4,6,,,\r\n"
	                 "b.pgm,train,1,1,1,1,;0;,,2\r\n"
	                 "a.ppm,train,2,3,4,6,,3;0;;9,\r\n"
	                 "b.pgm,train,1,1,1,1,4,,\r\n"
	                 "../a.ppm,val,2,3,4,6,9,,\r\n"
	                 "a.ppm,val,3,2,4,6,9,,\r\n"
	                 "a.ppm,val,0,2,4,6,9,,\r\n");
	PUT("images/a.ppm", "P6 3 2 255\nabcdefghijklmnopqr");
	PUT("images/b.pgm", "P5 1 1 255\nz");
}

static void remove_directory(void)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", directory, files[i]);
		remove(path);
	}
	remove(directory);
}

/* The broden of a choice that must work. */
static struct broden *open_choice(const char *categories, const char *split, uint64_t limit)
{
	struct broden_choice choice = {categories, split, limit};
	struct error e = {0};
	struct broden *b = broden_open(directory, &choice, &e);

	ok(b, "open %s %s %d %s", categories ? categories : "all", split ? split : "all",
	   (int)limit, e.text);
	if (!b)
		abort();
	return b;
}

static int category_of(const struct ndr_meta *m, size_t label)
{
	return label < m->labels && m->label[label].name ? m->label[label].category : -1;
}

static void test_meta(void)
{
	struct broden *b = open_choice(NULL, NULL, 99);
	const struct ndr_meta *m = broden_meta(b);

	is_int(m->items, 8, "rows");
	is_int(m->categories, 3, "categories");
	is_str(m->category[2], "object", "in the order of category.csv");
	is_int(m->labels, 10, "labels up to number 9");
	is_str(m->label[2].name, "sky, blue", "name in quotes");
	ok(!m->label[4].name, "a number without a label");
	is_int(category_of(m, 3), 1, "the greater coverage");
	is_int(category_of(m, 9), 2, "the greater coverage");
	is_int(category_of(m, 5), 2, "a tie goes to the later category");
	is_int(broden_count(b, 0, 8), 7, "rows that make an item");
	is_int(broden_count(b, 1, 2), 0, "a row without labels");
	broden_close(b);

	b = open_choice("part,color", NULL, 99);
	m = broden_meta(b);
	is_int(m->categories, 2, "chosen categories");
	is_str(m->category[1], "part", "in the order of category.csv");
	is_int(category_of(m, 9), 1, "primary among the chosen");
	is_int(broden_count(b, 0, 8), 3, "rows with a label in them");
	broden_close(b);

	b = open_choice("color", NULL, 99);
	is_int(category_of(broden_meta(b), 3), -1, "a label of no chosen category");
	broden_close(b);

	b = open_choice(NULL, "val", 2);
	is_int(broden_meta(b)->items, 2, "the split first, then the limit");
	broden_close(b);
}

static void test_refused_choices(void)
{
	static const struct {
		struct broden_choice choice;
		const char *want;
	} cases[] = {
	        {{"part,colour", NULL, 9}, "category.csv: no category 'colour'"},
	        {{"", NULL, 9}, "category.csv: no category ''"},
	        {{NULL, "test", 9}, "index.csv: no row of split 'test'"},
	};
	struct error e;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		e = (struct error){0};
		ok(!broden_open(directory, &cases[i].choice, &e), "refused");
		is_str(strrchr(e.text, '/') + 1, cases[i].want, "reason");
		is_int(e.code, EXIT_USAGE, "exit code");
	}
	e = (struct error){0};
	ok(!broden_open("/nonexistent", &cases[0].choice, &e) && e.code == EXIT_SYSTEM, "%s",
	   e.text);
}

/* "group:layersxhxw=v,v,...;..." of an item's LABEL records. */
static const char *labels_of(const struct ndr_item *item, char out[static 500])
{
	char *p = out;

	*out = '\0';
	for (size_t i = 0; i < item->count; i++) {
		const struct ndr_record *r = &item->record[i];
		const uint16_t *v = r->data;

		if (r->type != NDR_LABEL)
			continue;
		p += sprintf(p, "%u:%ux%ux%u=", r->group, r->dims[0], r->dims[1], r->dims[2]);
		for (size_t k = 0; k < r->length / 2; k++)
			p += sprintf(p, "%s%u", k ? "," : "", v[k]);
		p += sprintf(p, ";");
	}
	return out;
}

static void test_items(void)
{
	static const struct broden_form all = {
	        .images = true, .labels = true, .max_label_pixels = 99};
	static const struct broden_form square = {.images = true,
	                                          .labels = true,
	                                          .crop = true,
	                                          .size = 5,
	                                          .max_label_pixels = 99};
	static const struct {
		unsigned row;
		const char *want;
	} bad[] = {
	        {4, "images/b.pgm: index.csv row 6: column object: 4 is no label"},
	        {5, "images/../a.ppm: index.csv row 7: name leads out of the directory"},
	        {6, "images/a.ppm: index.csv row 8: image is 3 x 2, the row says 2 x 3"},
	        {7, "images/a.ppm: index.csv row 9: ih '0' is not a size"},
	};
	struct broden *b = open_choice(NULL, NULL, 99);
	const struct ndr_record *image;
	struct ndr_item_info info;
	struct ndr_item item = {0};
	struct error e = {0};
	char text[500];
	struct broden_item found;

	ndr_item_clear(&item, 0);
	ok(broden_item(b, &all, &item, &found, &e) == 0, "an item %s", e.text);
	is_str(labels_of(&item, text), "1:1x1x1=5;2:2x1x1=9,3;", "labels by category");
	image = ndr_item_find(&item, NDR_IMAGE, NDR_ANY_GROUP);
	ok(image && image->length == 18 && memcmp(image->data, "abcdefghijklmnopqr", 18) == 0,
	   "its image");
	ok(ndr_item_info(&item, &info, &e) == 0 && info.image_height == 2 &&
	           info.image_width == 3 && info.label_height == 4 && info.label_width == 6,
	   "its sizes");
	is_str(info.name, "a.ppm", "its name");

	ndr_item_clear(&item, 1);
	ok(broden_item(b, &all, &item, &found, &e) == 0 && item.count == 0,
	   "a row without labels");
	ndr_item_clear(&item, 2);
	ok(broden_item(b, &all, &item, &found, &e) == 0, "label 0 and empty parts");
	is_str(labels_of(&item, text), "0:1x1x1=2;", "are not labels");
	ndr_item_clear(&item, 3);
	ok(broden_item(b, &all, &item, &found, &e) == 0, "several labels in a cell");
	is_str(labels_of(&item, text), "1:2x1x1=3,9;", "without label 0");

	ndr_item_clear(&item, 0);
	ok(broden_item(b, &square, &item, &found, &e) == 0 &&
	           ndr_item_info(&item, &info, &e) == 0,
	   "crop and size %s", e.text);
	ok(info.image_height == 5 && info.image_width == 5 && info.label_height == 4 &&
	           info.label_width == 4,
	   "a square of labels");
	ndr_item_clear(&item, 0);
	ok(broden_item(b, &(struct broden_form){.max_label_pixels = 24}, &item, &found, &e) ==
	                   0 &&
	           item.count == 1 && ndr_item_info(&item, &info, &e) == 0 &&
	           info.image_height == 0 && info.label_height == 4,
	   "neither image nor labels");

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		e = (struct error){0};
		ndr_item_clear(&item, bad[i].row);
		ok(broden_item(b, &all, &item, &found, &e) < 0, "a bad row");
		is_str(e.text + strlen(directory) + 1, bad[i].want, "reason");
		is_int(e.code, EXIT_MALFORMED, "exit code");
	}
	ndr_item_free(&item);
	broden_close(b);
}

int main(void)
{
	make_directory();
	test_meta();
	test_refused_choices();
	test_items();
	remove_directory();
	return done();
}
