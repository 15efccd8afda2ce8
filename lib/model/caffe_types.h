/* caffe_types.h -- names of layer types. */
#ifndef MODEL_CAFFE_TYPES_H
#define MODEL_CAFFE_TYPES_H

#include "model/prototxt.h"

/* Is it of a type that does nothing when the network is used: data, loss, accuracy? */
bool caffe_is_idle(const char *type);

/* The type of a layer; NULL with e set. */
const char *caffe_type(const struct prototxt *p, const struct prototxt_field *layer,
                       struct error *e) CHECK_RESULT;

#endif
