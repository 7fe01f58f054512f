/*
** tests/bench/plot.c - cost against rows as an SVG: no script, no font of its
** own, colours that a reader's theme chooses.
*/
#define _POSIX_C_SOURCE 200809L
#include "measure.h"
#include <math.h>
#include <sys/utsname.h>

/* The picture, and the plot within. */
enum { WIDTH = 760, HEIGHT = 470, LEFT = 78, TOP = 46, RIGHT = 560, LOW = 390 };

typedef struct axes {
  double x0, x1, y0, y1; /* powers of ten */
} axes;

static double at_x(const axes *a, double rows) {
  return LEFT + (log10(rows) - a->x0) / (a->x1 - a->x0) * (RIGHT - LEFT);
}

static double at_y(const axes *a, double ms) {
  return LOW - (log10(ms) - a->y0) / (a->y1 - a->y0) * (LOW - TOP);
}

static axes fit(const plot_line *lines, int n, const int *rows, int points) {
  axes a = {log10(rows[0]), log10(rows[points - 1]), 9, -9};
  int i, k;

  if (a.x1 <= a.x0) a.x1 = a.x0 + 1;
  for (i = 0; i < n; i++)
    for (k = 0; k < points; k++) {
      if (lines[i].ms[k] <= 0) continue;
      a.y0 = fmin(a.y0, floor(log10(lines[i].ms[k])));
      a.y1 = fmax(a.y1, ceil(log10(lines[i].ms[k])));
    }
  return a;
}

static void put_style(FILE *f) {
  fputs("<style>\n"
        "text{font:12px sans-serif;fill:#24292f}\n"
        ".h{font-size:15px;font-weight:bold}.s{font-size:11px;fill:#57606a}\n"
        ".g{stroke:#d0d7de}path{fill:none;stroke-width:2}\n"
        ".o{stroke:#0969da;stroke-width:3.5}.l{stroke:#6e7781;"
        "stroke-dasharray:5 4}\n"
        ".p0{stroke:#bc4c00}.p1{stroke:#1a7f37}.p2{stroke:#8250df}"
        ".p3{stroke:#cf222e}.p4{stroke:#9a6700}\n"
        "@media(prefers-color-scheme:dark){text{fill:#e6edf3}"
        ".s{fill:#8b949e}.g{stroke:#30363d}\n"
        ".o{stroke:#58a6ff}.l{stroke:#8b949e}.p0{stroke:#f0883e}"
        ".p1{stroke:#3fb950}.p2{stroke:#bc8cff}.p3{stroke:#ff7b72}"
        ".p4{stroke:#d29922}}\n"
        "</style>\n",
        f);
}

static void put_axes(FILE *f, const axes *a, const int *rows, int points) {
  double y, x = LEFT;
  int i;

  for (y = a->y0; y <= a->y1; y++) {
    double ms = pow(10, y), at = at_y(a, ms);
    fprintf(f,
            "<path class='g' style='stroke-width:1' d='M%d %.1fH%d'/>"
            "<text x='%d' y='%.1f' text-anchor='end'>%g %s</text>\n",
            LEFT, at, RIGHT, LEFT - 8, at + 4, ms < 1000 ? ms : ms / 1000,
            ms < 1000 ? "ms" : "s");
  }
  for (i = 0; i < points; i++) {
    char *text = rows_text(rows[i]);
    x = at_x(a, rows[i]);
    fprintf(f,
            "<path class='g' style='stroke-width:1' d='M%.1f %dV%d'/>"
            "<text x='%.1f' y='%d' text-anchor='middle'>%s</text>\n",
            x, TOP, LOW, x, LOW + 18, text);
    sqlite3_free(text);
  }
  fprintf(f,
          "<text x='%d' y='%d' text-anchor='middle'>rows of the table"
          "</text>\n<text transform='translate(14 %d) rotate(-90)'"
          " text-anchor='middle'>time of the change, with its commit"
          "</text>\n",
          (LEFT + RIGHT) / 2, LOW + 37, (TOP + LOW) / 2);
}

static const char *class_of(const plot_line *l) {
  static char name[8];

  snprintf(name, sizeof name, "p%d", l->kind);
  return l->kind == PLOT_OURS ? "o" : l->kind == PLOT_LEAST ? "l" : name;
}

/* Where each line ends, moved apart so that the names can be read. */
static void place_names(const axes *a, const plot_line *lines, int n,
                        int points, double *y) {
  enum { GAP = 15 };
  int order[32], i, k, last;

  for (i = 0; i < n; i++) {
    for (last = points - 1; last > 0 && lines[i].ms[last] <= 0;) last--;
    y[i] = at_y(a, lines[i].ms[last]);
    for (k = i; k > 0 && y[order[k - 1]] > y[i]; k--) order[k] = order[k - 1];
    order[k] = i;
  }
  for (i = 1; i < n; i++)
    if (y[order[i]] < y[order[i - 1]] + GAP)
      y[order[i]] = y[order[i - 1]] + GAP;
  for (i = n - 1, last = LOW; i >= 0 && y[order[i]] > last; i--, last -= GAP)
    y[order[i]] = last;
}

static void put_line(FILE *f, const axes *a, const plot_line *l,
                     const int *rows, int points, double name_y) {
  const char *class = class_of(l);
  double x = 0, y = 0;
  int i, n = 0;

  fprintf(f, "<path class='%s' d='", class);
  for (i = 0; i < points; i++) {
    if (l->ms[i] <= 0) continue;
    x = at_x(a, rows[i]);
    y = at_y(a, l->ms[i]);
    fprintf(f, "%s%.1f %.1f", n++ ? "L" : "M", x, y);
  }
  fprintf(f, "'><title>%s:", l->name);
  for (i = 0; i < points; i++)
    if (l->ms[i] > 0) fprintf(f, " %.3g ms", l->ms[i]);
  fprintf(f,
          "</title></path>\n<path class='%s' style='stroke-width:1' "
          "d='M%.1f %.1fL%d %.1f'/><text x='%d' y='%.1f'>%s</text>\n",
          class, x, y, RIGHT + 16, name_y, RIGHT + 20, name_y + 4, l->name);
}

/* The processor's name, where the system tells. */
static void machine(char *text, size_t size) {
  FILE *f = fopen("/proc/cpuinfo", "r");
  char line[256], *colon;
  struct utsname u;

  snprintf(text, size, "%s", uname(&u) ? "?" : u.machine);
  while (f && fgets(line, sizeof line, f)) {
    colon = strchr(line, ':');
    if (strncmp(line, "model name", 10) || !colon) continue;
    line[strcspn(line, "\n&<")] = 0;
    snprintf(text, size, "%s", colon + 2);
    break;
  }
  if (f) fclose(f);
}

void plot(const char *path, const plot_line *lines, int n, const int *rows,
          int points) {
  axes a = fit(lines, n, rows, points);
  FILE *f = fopen(path, "w");
  char cpu[128], day[32];
  double name_y[32];
  time_t t = time(NULL);
  int i;

  if (!f) die(path, "cannot be written");
  machine(cpu, sizeof cpu);
  strftime(day, sizeof day, "%Y-%m-%d", gmtime(&t));
  fprintf(f,
          "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' "
          "width='%d' height='%d' role='img'>\n"
          "<title>Time to alter a table, by its rows</title>\n",
          WIDTH, HEIGHT, WIDTH, HEIGHT);
  put_style(f);
  fprintf(f,
          "<text class='h' x='%d' y='24'>Altering a table of 12 columns"
          " and 4 indexes</text>\n",
          LEFT);
  put_axes(f, &a, rows, points);
  place_names(&a, lines, n, points, name_y);
  for (i = 0; i < n; i++) put_line(f, &a, &lines[i], rows, points, name_y[i]);
  fprintf(f,
          "<text class='s' x='%d' y='%d'>A type converted, where no other"
          " change is named. Dashed: the least that it could cost. Less is"
          " better.</text>\n<text class='s' x='%d' y='%d'>%s, SQLite %s, %s;"
          " by make bench</text>\n</svg>\n",
          LEFT, LOW + 58, LEFT, LOW + 73, day, sqlite3_libversion(), cpu);
  if (fclose(f)) die(path, "cannot be written");
}
