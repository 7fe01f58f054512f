/*
** tests/fuzz/replay.c - a fuzz target without a fuzzer: the inputs that are
** kept, each given once.
**
** usage: TARGET FILE...
*/
#include <stdio.h>
#include "tests/fuzz/fuzz.h"

enum { REPLAY_MOST = 1 << 20 };

int main(int argc, char **argv) {
  static uint8_t data[REPLAY_MOST];
  int i, passed = 0;

  for (i = 1; i < argc; i++) {
    FILE *f = fopen(argv[i], "rb");
    size_t n = f ? fread(data, 1, sizeof data, f) : 0;
    if (!f) {
      perror(argv[i]);
      return 1;
    }
    fclose(f);
    fprintf(stderr, "%s\n", argv[i]); /* the last one is to blame */
    LLVMFuzzerTestOneInput(data, n);
    passed++;
  }
  printf("%d passed, 0 failed\n", passed);
  return 0;
}
