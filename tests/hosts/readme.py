# tests/hosts/readme.py README - what the README shows of a host is what ran:
# the lines between "README" and "end" of each file here, without their margin.
import os
import re
import sys
import textwrap

here = os.path.dirname(os.path.abspath(__file__))
readme = open(sys.argv[1], encoding="utf-8").read()
passed = failed = 0
for name in sorted(os.listdir(here)):
    if name.endswith((".py", ".pl", ".rb", ".tcl", ".php", ".go", ".js")) and name != "readme.py":
        text = open(os.path.join(here, name), encoding="utf-8").read()
        for part in re.findall(r"^\s*(?:#|//) README\n(.*?)^\s*(?:#|//) end$", text, re.S | re.M):
            if textwrap.dedent(part.replace("\t", "    ")).strip() in readme:
                passed += 1
            else:
                failed += 1
                print("not ok - README.md does not show what tests/hosts/%s does" % name)
print("%d passed, %d failed" % (passed, failed))
