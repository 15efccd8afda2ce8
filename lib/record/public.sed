# public.sed -- from a header of lib/record, or lib/base/error.h, to the one that is installed.
/^\/\* ---- Segments that belong together/,/^\/\* ---- Writing/{/Writing/!d}
/^\/\* Record a fault unless/,/^#define CHECK_RESULT/{/^#define/!d}
s/struct error/struct ndr_error/g
s/enum exit_code/enum ndr_code/g
s/EXIT_\(OK\|SYSTEM\|USAGE\|MALFORMED\|TRUNCATED\)/NDR_\1/g
s/\bCHECK_RESULT/NDR_CHECK_RESULT/g
s/\b\(RECORD\|BASE\)_\([A-Z]*_H\)/NDPIPE_\2/
s,"\(base\|record\)/\([a-z]*\.h\)",<ndpipe/\2>,
s,(see base/,(see ndpipe/,
s,see summary\.h,see ndpipe/summary.h,
