/* maps.h -- label maps of a set: files whose codes become entries of a table. */
#ifndef JOIN_MAPS_H
#define JOIN_MAPS_H

#include "image/image.h"
#include "join/source.h"

/* The codes of a set that have a name, each an entry from 1 on; 0 is unlabelled. */
struct join_entries {
	const struct join_source *source;
	const struct join_set *set;
	uint32_t *code; /* [count], in order: entry i + 1 */
	size_t count;
	uint16_t *of;         /* [65536] entries of codes below that */
	size_t first, layers; /* of the source's layers, those of the set */
	uint16_t *label;      /* [layers][count + 1]: what an entry is in a layer, or 0 */
};

/* label: what number a name has. */
int join_entries_new(struct join_entries *t, const struct join_source *source, size_t set,
                     const struct join_names *names, struct error *e) CHECK_RESULT;
void join_entries_free(struct join_entries *t);

/* Decode a label map, data[length], to entries; label_map_free() it.  path names it in
 * messages; EXIT_MALFORMED where it does not decode, is of another kind, or has a code that is
 * neither named nor void. */
int join_map_decode(const struct join_entries *t, const void *data, size_t length,
                    const char *path, struct label_map *map, struct error *e) CHECK_RESULT;

/* Draw the label map of an image of a set of JOIN_INSTANCES, by its path below the images'
 * directory: 1, or 0 if the JSON has no such image.  label_map_free() it. */
int join_map_draw(const struct join_entries *t, const char *path, struct label_map *map,
                  struct error *e) CHECK_RESULT;

#endif
