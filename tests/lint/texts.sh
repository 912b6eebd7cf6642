#!/bin/bash
# Texts for people stand in the catalogues of texts/, not in C: no string of what ships is Chinese.
. "$(dirname "$0")/lib.bash"

mapfile -t files < <(c_files | grep -E '^(services|gateway)/')
((${#files[@]})) || exit 0
python3 - "${files[@]}" <<'IN' | report "Chinese in C; it belongs into a catalogue (texts/):"
import re, sys
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
HAN = re.compile(r'[\u3400-\u9fff\uf900-\ufaff]')
for name in sys.argv[1:]:
    text = open(name, encoding="utf-8").read()
    for token in TOKEN.finditer(text):
        if token[0][0] == '"' and HAN.search(token[0]):
            print(f"{name}:{text.count(chr(10), 0, token.start()) + 1}: {token[0]}")
IN
exit $bad
