"""Makes NotoSansSC-chart.ttf, the font of the pictures, from Noto Sans SC.

    python3 subset.py noto-sans-sc-chinese-simplified-500-normal.woff

The source is weight 500 (Medium) of Noto Sans SC 2.004 with TrueType outlines,
as the npm package @fontsource/noto-sans-sc 5.3.0 has it under files/. The
picture's library reads no CFF outlines, which most packages of this font have.
It needs fontTools 4.38 or newer (Debian: python3-fonttools).

The characters are printable ASCII, some signs, and every Chinese character of
the sheets, the words and the Chinese documents of this repository; so a new word
rarely needs a new font. What a test misses: run this again and commit the file.
The licence is in OFL.txt; the copyright stays in the font's own name table.
"""
import glob
import os
import re
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
TEXTS = ["bot/card/zh-CN/*.card", "bot/card/words_zh.go", "docs/*.zh-CN.md", "README.zh-CN.md",
         "integrations/chart/chart_test.go"]
SIGNS = "·×–—‘’“”…↑↓、。《》「」【】（），：；！？％／～￥"

chars = set(map(chr, range(0x20, 0x7F))) | set(SIGNS)
for pattern in TEXTS:
    for path in glob.glob(os.path.join(ROOT, pattern)):
        with open(path, encoding="utf-8") as f:
            chars.update(re.findall(r"[\u3400-\u9fff]", f.read()))

options = subset.Options()
options.layout_features = []   # the library places characters one by one
options.hinting = False        # drawn at three times the size it is read
options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "vhea", "vmtx", "gasp", "prep", "GlyphOrder"]
options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 14]
options.notdef_outline = True
font = TTFont(sys.argv[1], recalcTimestamp=False)
have = font.getBestCmap()
missing = sorted(c for c in chars if ord(c) not in have)
if missing:
    print("not in the source:", "".join(missing))
subsetter = subset.Subsetter(options)
subsetter.populate(unicodes=[ord(c) for c in chars if ord(c) in have])
subsetter.subset(font)
font.flavor = None
out = os.path.join(HERE, "NotoSansSC-chart.ttf")
font.save(out)
print(len(chars) - len(missing), "characters,", os.path.getsize(out), "bytes")
