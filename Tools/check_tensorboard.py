#!/usr/bin/env python3
"""Reads the event files of a run folder with TensorBoard's own reader and compares them with the tables beside them.

    pip install tensorboard
    python Tools/check_tensorboard.py runs/demo

Every number of metrics.csv must be in the events, rounded to float32, and in metrics.jsonl, exactly; the events hold
no other curves. The text must be the configuration. There is a histogram of each parameter tensor and, of as many numbers,
of its gradient; those of errors have the root mean squares and the largest errors of the table. Pictures must be whole
PNG files. Prints what was compared; ends with 1 at a difference.
"""
import csv
import json
import math
import struct
import sys
import zlib
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

folder = Path(sys.argv[1])
differences = []


def compare(name, found, expected):
    if found != expected and not (isinstance(found, float) and math.isnan(found) and math.isnan(expected)):
        differences.append(f"{name}: {found!r}, but expected {expected!r}")


def float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


with (folder / "metrics.csv").open(newline="") as file:
    rows = [{name: float(cell) for name, cell in row.items() if cell} for row in csv.DictReader(file)]
objects = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
compare("metrics.jsonl, finite numbers", objects,
        [{name: value if math.isfinite(value) else None for name, value in row.items()} for row in rows])

events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
events.Reload()
tags = events.Tags()
columns = {name for row in rows for name in row} - {"epoch"}
compare("names of curves", set(tags["scalars"]), columns)
compared = 0
for name in sorted(columns & set(tags["scalars"])):
    points = {point.step: point.value for point in events.Scalars(name)}
    expected = {int(row["epoch"]): float32(row[name]) for row in rows if name in row}
    compare(f"epochs of {name}", sorted(points), sorted(expected))
    for epoch in points.keys() & expected.keys():
        compare(f"{name}, epoch {epoch}", points[epoch], expected[epoch])
        compared += 1

pictures = sorted(name for name in tags["tensors"] if name.startswith("report/"))
compare("texts", sorted(tags["tensors"]), sorted(["configuration"] + pictures))
# TensorBoard forgets curves of earlier runs in the folder, but not their texts; the last one counts.
for tensor in events.Tensors("configuration")[-1:]:
    lines = tensor.tensor_proto.string_val[0].decode().removesuffix("    \n").split("\n")
    compare("configuration", "".join(line.removeprefix("    ") + "\n" for line in lines).strip(),
            (folder / "config.toml").read_text().strip())

counts = {}
for name in tags["histograms"]:
    histograms = events.Histograms(name)
    compare(f"epochs of {name}", [histogram.step for histogram in histograms], [int(row["epoch"]) for row in rows])
    for histogram in histograms:
        value = histogram.histogram_value
        compare(f"{name}, sum of bins", sum(value.bucket), value.num)
        compare(f"{name}, end of bins", value.bucket_limit[-1], value.max)
    group, _, rest = name.partition("/")
    counts[group] = counts.get(group, 0) + int(histograms[-1].histogram_value.num)
    if group == "gradients":
        compare(f"numbers of {name}", histograms[-1].histogram_value.num,
                events.Histograms(f"parameters/{rest}")[-1].histogram_value.num)
    if group != "errors":
        continue
    quantity, _, unit = rest.partition(" ")
    for histogram, row in zip(histograms, rows):
        value = histogram.histogram_value
        for kind, number in [("rmse", math.sqrt(value.sum_squares / value.num)), ("max", max(value.max, -value.min))]:
            expected = row[f"val/{quantity}/{kind} {unit}".strip()]
            # Energies are divided by the number of atoms before or after they are subtracted.
            if abs(number - expected) > 1e-9 * expected:
                differences.append(f"{name}, {kind}: {number}, but expected {expected}")

for name in pictures:
    compare(f"{name}, plugin", events.SummaryMetadata(name).plugin_data.plugin_name, "images")
    width, height, data = events.Tensors(name)[-1].tensor_proto.string_val
    size, chunks = (int(width), int(height)), {}
    compare(f"{name}, signature", data[:8], b"\x89PNG\r\n\x1a\n")
    position = 8
    while position < len(data):
        length, = struct.unpack(">I", data[position:position + 4])
        chunk = data[position + 4:position + 8 + length]
        compare(f"{name}, checksum", struct.unpack(">I", data[position + 8 + length:position + 12 + length])[0],
                zlib.crc32(chunk))
        chunks[chunk[:4]] = chunk[4:]
        position += length + 12
    compare(f"{name}, parts", list(chunks), [b"IHDR", b"PLTE", b"IDAT", b"IEND"])
    compare(f"{name}, size", struct.unpack(">II", chunks[b"IHDR"][:8]), size)
    compare(f"{name}, bytes", len(zlib.decompress(chunks[b"IDAT"])), (size[0] + 1) * size[1])

print(f"{len(rows)} epochs, {len(columns)} curves, {compared} values, {len(tags['histograms'])} histograms "
      f"of {', '.join(f'{count} {group}' for group, count in counts.items())}, {len(pictures)} pictures, "
      f"{len(differences)} differences")
for difference in differences[:20]:
    print(difference, file=sys.stderr)
sys.exit(1 if differences else 0)
