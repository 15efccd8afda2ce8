/* caffe_fields.h -- which fields the messages of a description may have.
 *
 * Nothing is passed over because it is not known.  A field of a message is read; or it is
 * known to matter in training only, or to how a value is computed and not which; or it is
 * an error with its line.  Where the last could surprise, a note says so (graph_note). */
#ifndef MODEL_CAFFE_FIELDS_H
#define MODEL_CAFFE_FIELDS_H

#include "model/caffe_nodes.h"

/* Names with a space between them; "" for none. */
struct caffe_fields {
	const char *read;
	const char *idle; /* known to change no value when the network is used */
};

/* Look at all fields of message m (NULL: absent).  of names the message in an error. */
int caffe_fields_check(const struct caffe *c, const struct prototxt_field *m,
                       const struct caffe_fields *known, const char *of,
                       struct error *e) CHECK_RESULT;

/* The description itself, its state, and the shapes of its old inputs. */
int caffe_fields_check_net(const struct caffe *c, struct error *e) CHECK_RESULT;

/* A NetStateRule: include or exclude. */
int caffe_fields_check_rule(const struct caffe *c, const struct prototxt_field *rule,
                            struct error *e) CHECK_RESULT;

/* What a layer of that type has beside the fields of all layers: a message of parameters
 * (NULL: none) with these fields. */
int caffe_fields_check_layer(const struct caffe *c, const struct prototxt_field *layer,
                             const char *type, const char *parameters,
                             const struct caffe_fields *known, struct error *e) CHECK_RESULT;

/* A layer that has nothing to do when the network is used: only what it would do to images
 * is worth a note. */
int caffe_fields_note_data(const struct caffe *c, const struct prototxt_field *layer,
                           struct error *e) CHECK_RESULT;

#endif
