#!/usr/bin/env bash
# Writes Documentation/report.png, the top of the report of a run, as a browser shows it.
#
#     Tools/make_report_picture.sh runs/demo
#
# Needs Chromium, and Python with Pillow to make the picture small.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

page=$(cd "$1" && pwd)/report.html
picture=Documentation/report.png
"${CHROMIUM:-chromium}" --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1200,1560 \
    --screenshot="$picture" "file://$page"
python3 - "$picture" <<'END'
import sys

from PIL import Image

picture = Image.open(sys.argv[1]).convert("RGB")
picture.resize((900, 1170), Image.Resampling.LANCZOS).quantize(64).save(sys.argv[1], optimize=True)
END
