/* test_onnx_hostile.c -- models with every bit flipped and cut at every byte: read,
 * planned and run (see tests/fuzz/fuzz_onnx.c), which must neither crash nor fail
 * without a reason. */
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
	size_t i, k, n;
	int bit;

	for (k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		n = make_model(kinds[k], model);
		if (!ok(n > 0, "model %s of %zu bytes", kinds[k], n))
			continue;
		for (i = 0; i < n; i++) {
			LLVMFuzzerTestOneInput(model, i);
			for (bit = 0; bit < 8; bit++) {
				model[i] ^= (uint8_t)(1 << bit);
				LLVMFuzzerTestOneInput(model, n);
				model[i] ^= (uint8_t)(1 << bit);
			}
		}
		ok(true, "%zu broken models of kind %s", 9 * n, kinds[k]);
	}
	return done();
}
