#!/usr/bin/env python3
"""Writes Tests/Fixtures/Files with the libraries whose files Apus must read.

    pip install numpy ase safetensors h5py zstandard
    python Tools/make_file_fixtures.py

The values follow simple rules, which the tests repeat.
"""
import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import h5py
import numpy as np
import zstandard
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from safetensors.numpy import save_file

FOLDER = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "Files"


def extended_xyz():
    water = Atoms("OH2", positions=[[0, 0, 0.119], [0, 0.763, -0.477], [0, -0.763, -0.477]])
    water.info.update(
        count=3, ratio=0.25, flag=True, name="water", title="a b", quote='say "hi"', digits="12", smiles="[H]O[H]",
        dipole=np.array([0.0, 0.0, 1.85]), cells=np.array([2, 3, 4]), flags=np.array([True, False]),
        matrix=np.array([[1.0, 2.0], [3.0, 4.5]]), table={"a": [1, None]}, missing=float("nan"))
    water.calc = SinglePointCalculator(water, energy=-76.4, forces=np.arange(9).reshape(3, 3) / 7)

    salt = Atoms("NaCl", positions=[[0, 0, 0], [0.5, 0.25, 2.8]], cell=[[4, 0, 0], [0.5, 5, 0], [0, 0, 6.25]],
                 pbc=[True, True, False])
    salt.set_array("layer", np.array([1, -2]))
    salt.set_array("frozen", np.array([True, False]))
    salt.set_array("label", np.array(["first", "second"]))
    salt.calc = SinglePointCalculator(salt, energy=-1e-7, stress=np.array([1, 2, 3, 4, 5, 6]) / 8)
    path = FOLDER / "ase.extxyz"
    write(path, [water, salt], format="extxyz")
    (FOLDER / "ase.extxyz.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    (FOLDER / "ase.extxyz.bz2").write_bytes(bz2.compress(path.read_bytes()))
    (FOLDER / "ase.extxyz.xz").write_bytes(lzma.compress(path.read_bytes()))
    zstd = zstandard.ZstdCompressor(level=19, write_checksum=True)
    (FOLDER / "ase.extxyz.zst").write_bytes(zstd.compress(path.read_bytes()))
    lines = "".join(f"line {k}\n" for k in range(30_000)).encode()
    # Without a checksum at the end, so that the library has output left when it has read everything.
    (FOLDER / "lines.txt.zst").write_bytes(zstandard.ZstdCompressor(level=19, write_checksum=False).compress(lines))
    write(FOLDER / "plain.xyz", water, format="xyz", comment="a plain file")


def numpy_arrays():
    cube = np.arange(24).reshape(2, 3, 4)
    arrays = {f"{kind}{size}": (cube - (0 if kind == "u" else 5)).astype(f"<{kind}{size}")
              for kind, sizes in (("f", (4, 8)), ("i", (1, 2, 4, 8)), ("u", (1, 2, 4, 8))) for size in sizes}
    arrays |= {f"big_{name}": array.astype(array.dtype.newbyteorder(">")) for name, array in arrays.items()}
    arrays |= {
        "fortran": np.asfortranarray(cube / 8), "logical": cube % 3 == 0, "scalar": np.float64(2.5),
        "empty": np.zeros((0, 3)), "bytes": np.array([b"H", b"He", b""]), "text": np.array(["H", "Hé", "日本"]),
        "big_text": np.array(["ab", "c"]).astype(">U2"), "one_text": np.array("single"),
        "large": np.array([2**64 - 1], dtype="u8"), "half": np.array([1.0], dtype="f2"),
        "complex": np.array([1j]), "records": np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    }
    archive(FOLDER / "stored.npz", arrays, zipfile.ZIP_STORED)
    archive(FOLDER / "deflated.npz", arrays, zipfile.ZIP_DEFLATED)
    limit, zipfile.ZIP64_LIMIT = zipfile.ZIP64_LIMIT, 0  # as if the archive were larger than 4 GiB
    archive(FOLDER / "zip64.npz", arrays, zipfile.ZIP_DEFLATED)
    zipfile.ZIP64_LIMIT = limit
    archive(FOLDER / "objects.npz", {"good": np.arange(3.0), "bad": np.array([None, "x"], dtype=object)},
            zipfile.ZIP_STORED)
    np.save(FOLDER / "fortran.npy", arrays["fortran"])
    for version in (1, 2, 3):
        with open(FOLDER / f"version{version}.npy", "wb") as file:
            np.lib.format.write_array(file, cube / 8, version=(version, 0))


def archive(path, arrays, method):
    """Like numpy.savez, with a fixed date, so that the file is the same each time."""
    with zipfile.ZipFile(path, "w", method) as file:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asanyarray(array), allow_pickle=True)
            entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = method
            with file.open(entry, "w", force_zip64=True) as target:
                target.write(buffer.getvalue())


def safetensors():
    grid = np.arange(6).reshape(2, 3)
    save_file({
        "b.f64": grid / 8, "a.f64": np.array(2.5), "f32": (grid / 4).astype("f4"), "i64": grid - 3,
        "i32": (grid - 3).astype("i4"), "u8": grid.astype("u1"), "i16": grid.astype("i2"), "bool": grid > 2,
        "f16": (grid / 2).astype("f2"), "empty": np.zeros((0, 3), "f4"),
    }, FOLDER / "types.safetensors", metadata={"text": 'ü "quoted"\n'})
    save_file({"weight": (grid / 4).astype("f4"), "bias": np.ones(2, "f4"), "scale": np.array([3.0])},
              FOLDER / "model.safetensors")


def archives():
    files = {"short.txt": b"one\n", f"{'folder/' * 20}long.txt": b"x" * 1000, "empty.txt": b""}
    for name, mode, layout in (("ustar.tar", "w", tarfile.USTAR_FORMAT), ("gnu.tar.bz2", "w:bz2", tarfile.GNU_FORMAT),
                               ("pax.tar.bz2", "w:bz2", tarfile.PAX_FORMAT)):
        with tarfile.open(FOLDER / name, mode, format=layout) as file:
            folder = tarfile.TarInfo("folder")
            folder.type = tarfile.DIRTYPE
            file.addfile(folder)
            for member, content in files.items():
                entry = tarfile.TarInfo(member)
                entry.size = len(content)
                file.addfile(entry, io.BytesIO(content))
    pax = bz2.decompress((FOLDER / "pax.tar.bz2").read_bytes())
    (FOLDER / "pax.tar.xz").write_bytes(lzma.compress(pax))
    (FOLDER / "pax.tar.zst").write_bytes(zstandard.ZstdCompressor().compress(pax))


def hdf5():
    cube = np.arange(24).reshape(2, 3, 4)
    with h5py.File(FOLDER / "types.h5", "w") as file:
        file.attrs["grouping"] = "by_formula"
        file.attrs["charge"] = -2.0
        file.attrs["old"] = np.bytes_("fixed")
        for kind in ("f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", ">f8", ">i4"):
            file[f"numbers/{kind}"] = (cube / 8 if "f" in kind else cube).astype(kind)
        file["numbers/f8"].attrs["u"] = "kilojoule_per_mole / nanometer"
        file.create_dataset("numbers/packed", data=cube / 8, chunks=(1, 2, 4), compression="gzip", shuffle=True)
        file["scalar"] = 2.5
        file["count"] = 7
        file["flags"] = cube > 11
        file["text"] = ["water", "Hé"]
        file["bytes"] = np.array([b"H", b"He", b""])
        file["one"] = "alone"
        file["empty"] = np.zeros((0, 3))
        file["pairs"] = np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])
        file["a group/inner"] = np.arange(3)
        file["dangling"] = h5py.SoftLink("/nowhere")
        file.create_dataset("huge", shape=(10**9, 10**6), dtype="f8", chunks=(1000, 1000))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    extended_xyz()
    numpy_arrays()
    safetensors()
    archives()
    hdf5()
