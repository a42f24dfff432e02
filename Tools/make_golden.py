"""Makes Tests/Fixtures/Golden/{schnet,painn}-*.safetensors: SchNetPack's energies, forces and weight gradients.

    pip install -r Tools/requirements.txt
    python Tools/make_golden.py

Each file holds one potential and one batch of small systems, cut from the example data set:
  param/*, buffer/*       weights and constants under SchNetPack's names; linear weights are [out, in]
  in/Z R batch sizes      atomic numbers, positions (Å), system of each atom, atoms of each system
  in/idx_i idx_j          directed pairs within the cutoff; i receives, r_ij = R[j] - R[i]
  target/energy forces    random numbers
  out/energy forces       per system; forces = -dE/dR. Energies are in the network's own unit.
  loss_ef, grad_ef/*      0.01 mean over systems (E - E')^2 + 0.99 mean over atoms and axes (F - F')^2, d loss / d param
  loss_e, grad_e/*        mean over systems (E - E')^2, d loss / d param
Everything is computed in float64. The weights are float32 numbers, so a float32 model takes them over unrounded.
Before a file is written, its forces and gradients are compared with central differences.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import schnetpack as spk
import torch
from ase import Atoms
from ase.io import read
from safetensors.torch import save
from schnetpack.nn import CosineCutoff, GaussianRBF

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "Examples" / "small-molecules" / "small-molecules.extxyz"
OUTPUT = ROOT / "Tests" / "Fixtures" / "Golden"
SEED = 7

# name: (representation, features, interactions, radial functions, cutoff in Å)
CASES = {
    "schnet-16x2": (spk.representation.SchNet, 16, 2, 12, 5.0),
    "painn-16x2": (spk.representation.PaiNN, 16, 2, 12, 5.0),
    "schnet-20x3": (spk.representation.SchNet, 20, 3, 7, 4.0),
    "painn-20x1": (spk.representation.PaiNN, 20, 1, 7, 4.0),
}
FORMULAS = {
    "rbf": "exp(-(d - offset)^2 / (2 width^2)), offsets evenly spaced from 0 to the cutoff, width their spacing",
    "cutoff_fn": "(1 + cos(pi d / cutoff)) / 2, zero from the cutoff on",
    "output": "Linear(F, F/2), silu, Linear(F/2, 1), summed over the atoms of a system",
    "loss_ef": "0.01 mean (E - E')^2 + 0.99 mean (F - F')^2",
    "loss_e": "mean (E - E')^2",
}
ACTIVATION = {"schnet": "softplus(x) - ln 2 in the interactions, silu in the output", "painn": "silu"}


def systems(cutoff):
    """Name and atoms of each system: three molecules, and three that stress the edges of a neighbour list."""
    frames = read(EXAMPLE, ":")
    water, methanol, acetamide = (
        [frame for frame in frames if frame.info["name"] == name][40] for name in ("water", "methanol", "acetamide")
    )

    def dimer(distance):
        return Atoms(np.tile(water.numbers, 2), np.concatenate([water.positions, water.positions + [distance, 0, 0]]))

    return {
        "methanol": methanol,
        "water": water,
        "carbon atom, no pairs": Atoms("C", [(0, 0, 0)]),
        "acetamide": acetamide,
        "the same water twice, 12 angstrom apart": dimer(12.0),
        "the same water twice, 0.1 angstrom less than the cutoff apart": dimer(cutoff - 0.1),
    }


def batch(cutoff, rng):
    molecules = list(systems(cutoff).values())
    sizes = [len(molecule) for molecule in molecules]
    first = np.cumsum([0, *sizes[:-1]])
    pairs = [np.argwhere(m.get_all_distances() + 1e9 * np.eye(len(m)) < cutoff) + s for m, s in zip(molecules, first)]
    idx_i, idx_j = np.concatenate(pairs).T
    arrays = {
        "in/Z": np.concatenate([molecule.numbers for molecule in molecules]),
        "in/R": np.concatenate([molecule.positions for molecule in molecules]),
        "in/batch": np.repeat(np.arange(len(sizes)), sizes),
        "in/sizes": np.array(sizes),
        "in/idx_i": idx_i,
        "in/idx_j": idx_j,
        "target/energy": rng.normal(size=len(sizes)),
        "target/forces": rng.normal(size=(sum(sizes), 3)),
    }
    return {key: torch.from_numpy(np.ascontiguousarray(array)) for key, array in arrays.items()}


def potential(representation, features, interactions, radial, cutoff):
    torch.manual_seed(SEED)
    basis, envelope = GaussianRBF(n_rbf=radial, cutoff=cutoff), CosineCutoff(cutoff)
    model = spk.model.NeuralNetworkPotential(
        representation(features, interactions, radial_basis=basis, cutoff_fn=envelope),
        input_modules=[spk.atomistic.PairwiseDistances()],
        output_modules=[spk.atomistic.Atomwise(features, output_key="energy"), spk.atomistic.Forces()],
    )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):  # SchNetPack starts them at zero, which would hide a forgotten bias
                parameter.normal_(std=0.1)
    return model.double().train()  # in evaluation mode the forces would not be differentiable


def predict(model, data, positions=None):
    inputs = {
        "_atomic_numbers": data["in/Z"],
        "_positions": (data["in/R"] if positions is None else positions).clone(),
        "_idx_i": data["in/idx_i"],
        "_idx_j": data["in/idx_j"],
        "_idx_m": data["in/batch"],
        "_n_atoms": data["in/sizes"],
        "_offsets": torch.zeros(len(data["in/idx_i"]), 3, dtype=torch.float64),
    }
    result = model(inputs)
    return result["energy"], result["forces"]


def losses(model, data):
    energy, forces = predict(model, data)
    energy_loss = (energy - data["target/energy"]).square().mean()
    return {"ef": 0.01 * energy_loss + 0.99 * (forces - data["target/forces"]).square().mean(), "e": energy_loss}


def check(model, data, out, names, rng, step=1e-5):
    """Stops if forces or gradients differ from central differences, or a system without pairs feels a force."""
    energy, forces = out["out/energy"], out["out/forces"]
    numerical = torch.zeros_like(forces)
    for index in np.ndindex(*forces.shape):
        shift = torch.zeros_like(forces)
        shift[index] = step
        ahead, behind = (predict(model, data, data["in/R"] + sign * shift)[0].sum() for sign in (1, -1))
        numerical[index] = ((behind - ahead) / (2 * step)).detach()
    force_error = float((numerical - forces).abs().max() / forces.abs().max())
    assert force_error < 1e-8, force_error

    gradient_error = 0.0
    for kind in ("ef", "e"):
        for name, parameter in model.named_parameters():
            gradient, flat = out[f"grad_{kind}/{name}"].flatten(), parameter.data.view(-1)
            for k in {int(gradient.abs().argmax()), int(rng.integers(len(flat)))}:
                kept, values = float(flat[k]), []
                for sign in (1, -1):
                    flat[k] = kept + sign * step
                    values.append(float(losses(model, data)[kind].detach()))
                flat[k] = kept
                error = abs((values[0] - values[1]) / (2 * step) - float(gradient[k]))
                gradient_error = max(gradient_error, error / max(float(gradient.abs().max()), 1e-3))
    assert gradient_error < 1e-6, gradient_error

    water, alone, far = (next(i for i, n in enumerate(names) if t in n) for t in ("water", "carbon", "12 angstrom"))
    near = far + 1
    assert float(forces[data["in/batch"] == alone].abs().max()) == 0
    assert abs(float(energy[far] - 2 * energy[water])) < 1e-12
    pairs = torch.bincount(data["in/batch"][data["in/idx_i"]], minlength=len(names))
    assert pairs[far] == 12 and 12 < pairs[near] < 30, "the near dimer should straddle the cutoff"
    return force_error, gradient_error


def write(path, tensors, metadata):
    """Writes a safetensors file whose metadata are sorted: the library's own order changes from run to run."""
    raw = save({key: tensor.contiguous() for key, tensor in tensors.items()}, metadata)
    end = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:end])
    header["__metadata__"] = dict(sorted(metadata.items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode().ljust(end - 8)
    assert len(text) == end - 8
    path.write_bytes(raw[:8] + text + raw[end:])


def main():
    torch.set_num_threads(1)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name, case in CASES.items():
        kind, (_, features, interactions, radial, cutoff) = name.split("-")[0], case
        rng = np.random.default_rng(SEED)
        data, model, names = batch(cutoff, rng), potential(*case), list(systems(cutoff))
        energy, forces = predict(model, data)
        out = {"out/energy": energy.detach(), "out/forces": forces.detach()}
        parameters = dict(model.named_parameters())
        for which, loss in losses(model, data).items():
            out[f"loss_{which}"] = loss.detach().reshape(1)
            for key, gradient in zip(parameters, torch.autograd.grad(loss, parameters.values(), retain_graph=True)):
                out[f"grad_{which}/{key}"] = gradient
        force_error, gradient_error = check(model, data, out, names, rng)

        tensors = data | out | {f"param/{key}": p.detach() for key, p in parameters.items()}
        tensors |= {f"buffer/{key}": buffer for key, buffer in model.named_buffers()}
        versions = {package: version(package) for package in ("schnetpack", "torch", "numpy", "ase")}
        facts = dict(F=features, layers=interactions, n_rbf=radial, cutoff=cutoff, seed=SEED, systems=names)
        facts |= FORMULAS | {"activation": ACTIVATION[kind], "source": f"schnetpack {versions['schnetpack']}"}
        facts |= {"versions": versions, "made_by": "Tools/make_golden.py"}
        path = OUTPUT / f"{name}.safetensors"
        write(path, tensors, {key: json.dumps(fact) for key, fact in facts.items()})
        print(f"{path.name}: {path.stat().st_size} bytes, {len(data['in/idx_i'])} pairs, energies {energy.tolist()}")
        print(f"  relative error against differences: forces {force_error:.1e}, gradients {gradient_error:.1e}")


if __name__ == "__main__":
    main()
