#!/usr/bin/env python3
"""Writes Tests/Fixtures/Files/tensorboard.events with TensorBoard's own record writer and messages.

    pip install tensorboard
    python Tools/make_tensorboard_golden.py

The events follow simple rules, which TensorBoardWriterTests repeats: it must write the same bytes.
"""
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_STRING
from tensorboard.summary.writer.record_writer import RecordWriter

PATH = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "Files" / "tensorboard.events"
TEXT = "    lr = 0.001\n    unit = \"eV/Å\"\n" + 20 * "    # longer than 127 bytes\n"

text = Summary.Value(
    tag="configuration",
    tensor=TensorProto(
        dtype=DT_STRING, string_val=[TEXT.encode()],
        tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)])),
    metadata=SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text")))
scalars = [
    Summary.Value(tag="val/per_atom_force/rmse [eV/Å]", simple_value=0.1),
    Summary.Value(tag="zero", simple_value=0),
    Summary.Value(tag="unknown", simple_value=float("nan")),
]
# Of the values -1, 0, 0, 2, 3 in four bins.
histogram = HistogramProto(
    min=-1, max=3, num=5, sum=4, sum_squares=14, bucket_limit=[0, 1, 2, 3], bucket=[1, 2, 0, 2])

events = [
    Event(wall_time=1.5, file_version="brain.Event:2"),
    Event(wall_time=2.5, session_log=SessionLog(status=SessionLog.START)),
    Event(wall_time=3.5, summary=Summary(value=[text])),
    Event(wall_time=4.5, step=1, summary=Summary(value=scalars)),
    Event(wall_time=5.5, step=300, summary=Summary(value=[Summary.Value(tag="parameters/weight", histo=histogram)])),
]
with PATH.open("wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
print(f"{PATH}: {PATH.stat().st_size} bytes")
