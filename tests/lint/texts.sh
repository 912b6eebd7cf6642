#!/bin/bash
# Texts for people stand in the catalogues of texts/, not in C: no string of what ships is Chinese, and none is
# made a pair of languages in passing.
. "$(dirname "$0")/lib.bash"

mapfile -t files < <(c_files | grep -E '^(services|gateway)/')
((${#files[@]})) || exit 0
python3 - "${files[@]}" <<'IN' | report "Texts in C that belong into a catalogue (texts/):"
import re, sys
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
PAIR = re.compile(r'text_(?:pair|choose)\s*\([^;()]*"')
HAN = re.compile(r'[\u3400-\u9fff\uf900-\ufaff]')
for name in sys.argv[1:]:
    text = open(name, encoding="utf-8").read()
    for token in TOKEN.finditer(text):
        if token[0][0] == '"' and HAN.search(token[0]):
            print(f"{name}:{text.count(chr(10), 0, token.start()) + 1}: {token[0]}")
    for pair in PAIR.finditer(text):
        print(f"{name}:{text.count(chr(10), 0, pair.start()) + 1}: {pair[0]}")
IN
exit $bad
