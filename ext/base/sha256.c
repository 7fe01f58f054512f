/*
** ext/base/sha256.c - SHA-256 as FIPS 180-4 says, for a script's checksum.
**
** A CR before an LF is skipped while hashing, so the text is never copied and
** a checkout with other line ends has the same checksum.
*/
#include "ext/base/base.h"

struct sha {
  uint32_t h[8];           /* the hash so far (FIPS 180-4, 6.2.2)  */
  unsigned char block[64]; /* bytes not hashed yet                 */
  int fill;                /* how many of them                     */
  uint64_t bytes;          /* bytes given, all together            */
};

/* The first 32 bits of the fractions of the cube roots of 64 primes (4.2.2) */
static const uint32_t sha_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t sha_rotr(uint32_t x, int n) {
  return x >> n | x << (32 - n);
}

/* The message schedule (6.2.2, step 1). */
static void sha_schedule(const unsigned char *p, uint32_t w[64]) {
  int t;

  for (t = 0; t < 16; t++, p += 4)
    w[t] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           (uint32_t)p[3];
  for (; t < 64; t++) {
    uint32_t a = w[t - 15], b = w[t - 2];
    w[t] = (sha_rotr(b, 17) ^ sha_rotr(b, 19) ^ b >> 10) + w[t - 7] +
           (sha_rotr(a, 7) ^ sha_rotr(a, 18) ^ a >> 3) + w[t - 16];
  }
}

/* A round (6.2.2, step 3), for variables that are named on by one instead of
** moved: what was h is the next one's a. */
#define SHA_ROUND(a, b, c, d, e, f, g, h, t)                                   \
  h += (sha_rotr(e, 6) ^ sha_rotr(e, 11) ^ sha_rotr(e, 25)) +                  \
       (g ^ (e & (f ^ g))) + sha_k[t] + w[t];                                  \
  d += h;                                                                      \
  h += (sha_rotr(a, 2) ^ sha_rotr(a, 13) ^ sha_rotr(a, 22)) +                  \
       ((a & (b ^ c)) ^ (b & c))

/* One block (6.2.2, steps 2 to 4). */
static void sha_block(struct sha *s, const unsigned char *p) {
  uint32_t w[64], *v = s->h;
  uint32_t a = v[0], b = v[1], c = v[2], d = v[3];
  uint32_t e = v[4], f = v[5], g = v[6], h = v[7];
  int t;

  sha_schedule(p, w);
  for (t = 0; t < 64; t += 8) {
    SHA_ROUND(a, b, c, d, e, f, g, h, t);
    SHA_ROUND(h, a, b, c, d, e, f, g, t + 1);
    SHA_ROUND(g, h, a, b, c, d, e, f, t + 2);
    SHA_ROUND(f, g, h, a, b, c, d, e, t + 3);
    SHA_ROUND(e, f, g, h, a, b, c, d, t + 4);
    SHA_ROUND(d, e, f, g, h, a, b, c, t + 5);
    SHA_ROUND(c, d, e, f, g, h, a, b, t + 6);
    SHA_ROUND(b, c, d, e, f, g, h, a, t + 7);
  }
  v[0] += a, v[1] += b, v[2] += c, v[3] += d;
  v[4] += e, v[5] += f, v[6] += g, v[7] += h;
}

static void sha_add(struct sha *s, const char *p, int n) {
  const int size = (int)sizeof s->block;

  s->bytes += (uint64_t)n;
  while (n > 0) {
    int room = size - s->fill;
    int k = n < room ? n : room;
    if (k == size) {
      sha_block(s, (const unsigned char *)p);
    } else {
      memcpy(s->block + s->fill, p, (size_t)k);
      s->fill += k;
      if (s->fill == size) sha_block(s, s->block);
      s->fill %= size;
    }
    p += k;
    n -= k;
  }
}

/* Padding (5.1.1): a 1 bit, zeros, the length in bits as 64 bits. */
static void sha_end(struct sha *s) {
  uint64_t bits = s->bytes * 8;
  int i;

  s->block[s->fill++] = 0x80;
  if (s->fill > 56) {
    memset(s->block + s->fill, 0, (size_t)(64 - s->fill));
    sha_block(s, s->block);
    s->fill = 0;
  }
  memset(s->block + s->fill, 0, (size_t)(56 - s->fill));
  for (i = 0; i < 8; i++)
    s->block[56 + i] = (unsigned char)(bits >> 8 * (7 - i));
  sha_block(s, s->block);
}

char *mig_checksum(mig_cx *cx, mig_span text) {
  struct sha s = {.h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
  const char *from = text.n ? text.p : "", *end = from + text.n, *cr = from;
  char *hex;
  int i;

  if (cx->rc) return NULL;
  while (cr < end && (cr = memchr(cr, '\r', (size_t)(end - cr))) != NULL) {
    if (++cr == end || *cr != '\n') continue;
    sha_add(&s, from, (int)(cr - 1 - from));
    from = cr;
  }
  sha_add(&s, from, (int)(end - from));
  sha_end(&s);
  hex = mig_alloc(cx, 65);
  for (i = 0; hex && i < 64; i++)
    hex[i] = "0123456789abcdef"[s.h[i / 8] >> (28 - i % 8 * 4) & 15];
  return hex;
}
