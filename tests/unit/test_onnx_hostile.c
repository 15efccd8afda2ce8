/* test_onnx_hostile.c -- models cut at every byte, and with a bit of every byte flipped (with
 * NDPIPE_LONG in the environment: with every bit): read, planned and run (see
 * tests/fuzz/fuzz_onnx.c), which must neither crash nor fail without a reason. */
#include "../fuzz/fuzz_onnx.c"
#include "tap.h"

enum { MODEL_BYTES = 1 << 16 };

/* What tests/tiny-onnx writes; 0 bytes if it can't be run. */
static size_t make_model(const char *kind, uint8_t *model)
{
	char command[64];
	FILE *f;
	size_t n;

	snprintf(command, sizeof command, "tests/tiny-onnx %s", kind);
	f = popen(command, "r");
	n = f ? fread(model, 1, MODEL_BYTES, f) : 0;
	if (f)
		pclose(f);
	return n;
}

int main(void)
{
	static const char *const kinds[] = {"good", "open", "unpacked", "nameless"};
	static uint8_t model[MODEL_BYTES];
	const int step = tap_exhaustive(8, 1);
	size_t broken = 0;

	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		size_t n = make_model(kinds[k], model);
		if (!ok(n > 0, "model %s of %zu bytes", kinds[k], n))
			continue;
		/* Names, numbers and weights are longer than a byte: of each kind of field
		 * one in eight bits still meets every bit. */
		for (size_t i = 0; i < n; i++) {
			LLVMFuzzerTestOneInput(model, i);
			for (size_t bit = i % (size_t)step; bit < 8; bit += (size_t)step) {
				model[i] ^= (uint8_t)(1 << bit);
				LLVMFuzzerTestOneInput(model, n);
				model[i] ^= (uint8_t)(1 << bit);
				broken++;
			}
		}
		ok(broken >= n, "models of kind %s of %zu bytes, broken", kinds[k], n);
	}
	return done();
}
