/* caffe_weights.h -- .caffemodel files: the values of layers by their names. */
#ifndef MODEL_CAFFE_WEIGHTS_H
#define MODEL_CAFFE_WEIGHTS_H

#include "graph/graph.h"

struct caffe_weights;
struct caffe_stored; /* a layer in them */

/* Index the layers of the file, which stays mapped as long as the graph. */
struct caffe_weights *caffe_weights_open(struct graph *g, const char *path,
                                         struct error *e) CHECK_RESULT;
void caffe_weights_free(struct caffe_weights *w);
const char *caffe_weights_path(const struct caffe_weights *w);

/* The layer of that name, the last if there are several; or NULL. */
const struct caffe_stored *caffe_weights_find(const struct caffe_weights *w, const char *name);
/* How many blobs of values it has. */
int caffe_stored_count(const struct caffe_weights *w, const struct caffe_stored *s,
                       size_t *count, struct error *e) CHECK_RESULT;
/* Blob i, which is there; a shape that the file doesn't tell is the number of values. */
int caffe_stored_blob(const struct caffe_weights *w, const struct caffe_stored *s, size_t i,
                      struct literal *l, struct error *e) CHECK_RESULT;

#endif
