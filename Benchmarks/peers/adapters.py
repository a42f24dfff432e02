"""The peers behind one interface: `energy(batch)` and `energy_and_forces(batch, training)` of prepared batches.

Pair lists are made beforehand, outside the measured time, except by TorchANI, which always finds pairs itself.
"""

import os

import torch

CUTOFF = 5.0


def tensor(array, kind=None):
    return torch.as_tensor(array, dtype=kind)


class Peer:
    """A model whose forces come from automatic differentiation of its energies."""

    def energy(self, inputs):
        return self.network(inputs).view(-1)

    def energy_and_forces(self, inputs, training):
        positions = inputs["positions"].requires_grad_(True)
        energy = self.energy(inputs)
        gradient, = torch.autograd.grad(energy.sum(), positions, create_graph=training)
        return energy, -gradient.view(-1, 3)


class SchNetPack(Peer):
    """SchNet and PaiNN of SchNetPack, with the sizes that Apus is measured with."""

    def __init__(self, potential, radial_functions):
        import schnetpack
        from schnetpack.nn import CosineCutoff, GaussianRBF

        kind = {"schnet": schnetpack.representation.SchNet, "painn": schnetpack.representation.PaiNN}[potential]
        representation = kind(
            n_atom_basis=128, n_interactions=3, radial_basis=GaussianRBF(n_rbf=radial_functions, cutoff=CUTOFF),
            cutoff_fn=CosineCutoff(CUTOFF))
        readout = schnetpack.atomistic.Atomwise(n_in=128, output_key="energy")

        def potential_with(outputs):
            return schnetpack.model.NeuralNetworkPotential(
                representation=representation, input_modules=[schnetpack.atomistic.PairwiseDistances()],
                output_modules=outputs)

        self.module = potential_with([readout, schnetpack.atomistic.Forces()])
        self.network = self.energies = potential_with([readout])

    def prepare(self, batch):
        return {
            "_atomic_numbers": tensor(batch.numbers), "_positions": tensor(batch.positions, torch.float32),
            "_idx_i": tensor(batch.first), "_idx_j": tensor(batch.second), "_idx_m": tensor(batch.molecule_of_atom),
            "_n_atoms": tensor(batch.sizes), "_offsets": torch.zeros(len(batch.first), 3),
        }

    def energy(self, inputs):
        return self.network(dict(inputs))["energy"].view(-1)

    def energy_and_forces(self, inputs, training):
        if self.network is not self.energies:
            return Peer.energy_and_forces(self, {**inputs, "positions": inputs["_positions"]}, training)
        result = self.module({**inputs, "_positions": inputs["_positions"].detach()})
        return result["energy"].view(-1), result["forces"]


class TorchANI(Peer):
    """One network of ANI-2x's ensemble, untrained."""

    def __init__(self):
        from torchani.arch import Assembler
        from torchani.utils import SYMBOLS_2X

        assembler = Assembler(periodic_table_index=True)
        assembler.set_symbols(SYMBOLS_2X)
        assembler.set_global_cutoff_fn("cosine")
        assembler.set_aev_computer(radial="ani2x", angular="ani2x", strategy="pyaev")
        assembler.set_atomic_networks(ctor="ani2x")
        # The one search that takes several molecules.
        assembler.set_neighborlist("all_pairs")
        assembler.set_zeros_as_self_energies()
        self.module = self.network = assembler.assemble(1).requires_grad_(True)

    def prepare(self, batch):
        size = int(batch.sizes[0])
        return {
            "numbers": tensor(batch.numbers).view(-1, size),
            "positions": tensor(batch.positions, torch.float32).view(-1, size, 3),
        }

    def energy(self, inputs):
        return self.network((inputs["numbers"], inputs["positions"])).energies.view(-1)


class GivenPairs(torch.nn.Module):
    """Takes the place of TorchMD-NET's pair search: the same outputs from a list made beforehand."""

    def forward(self, positions, batch, box=None):
        vectors = positions[self.pairs[0]] - positions[self.pairs[1]]
        # An atom is its own neighbour too; the gradient of a length of zero must not be asked for.
        apart = self.pairs[0] != self.pairs[1]
        lengths = torch.where(apart, torch.where(apart[:, None], vectors, torch.ones(3)).norm(dim=1), 0)
        return self.pairs, lengths, vectors


class TensorNet(Peer):
    """TensorNet of TorchMD-NET with its usual sizes: 128 features, 2 layers, 32 radial functions."""

    def __init__(self):
        from torchmdnet.models.model import create_model

        self.module = self.network = create_model({
            "model": "tensornet", "precision": 32, "embedding_dimension": 128, "num_layers": 2, "num_rbf": 32,
            "rbf_type": "expnorm", "trainable_rbf": False, "activation": "silu", "cutoff_lower": 0.0,
            "cutoff_upper": CUTOFF, "max_z": 100, "max_num_neighbors": 64, "equivariance_invariance_group": "O(3)",
            "static_shapes": False, "derivative": False, "atom_filter": -1, "prior_model": None,
            "output_model": "Scalar", "reduce_op": "sum",
        })
        self.given = self.module.representation_model.distance = GivenPairs()

    def prepare(self, batch):
        atoms = torch.arange(len(batch.numbers))
        pairs = torch.stack([torch.cat([tensor(batch.first), atoms]), torch.cat([tensor(batch.second), atoms])])
        self.given.pairs = pairs[:, torch.argsort(pairs[0], stable=True)]
        return {
            "numbers": tensor(batch.numbers), "positions": tensor(batch.positions, torch.float32),
            "molecules": tensor(batch.molecule_of_atom), "count": batch.molecules,
        }

    def energy(self, inputs):
        return self.network(
            inputs["numbers"], inputs["positions"], inputs["molecules"], num_systems=inputs["count"])[0].view(-1)


class MACE(Peer):
    """MACE with 64 invariant channels, spherical harmonics up to l = 3, correlation 3 and 2 layers."""

    ELEMENTS = [1, 6, 7, 8]

    def __init__(self):
        # The constants that e3nn 0.4 ships are pickled objects, which newer versions of PyTorch refuse otherwise.
        os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"
        import numpy
        from e3nn import o3
        from mace import modules

        block = modules.interaction_classes["RealAgnosticResidualInteractionBlock"]
        self.module = self.network = modules.ScaleShiftMACE(
            r_max=CUTOFF, num_bessel=8, num_polynomial_cutoff=5, max_ell=3, interaction_cls=block,
            interaction_cls_first=block, num_interactions=2, num_elements=4, hidden_irreps=o3.Irreps("64x0e"),
            MLP_irreps=o3.Irreps("16x0e"), atomic_energies=numpy.zeros(4), avg_num_neighbors=15.0,
            atomic_numbers=self.ELEMENTS, correlation=3, gate=torch.nn.functional.silu, atomic_inter_scale=1.0,
            atomic_inter_shift=0.0).to(torch.float32)

    def prepare(self, batch):
        kinds = tensor([self.ELEMENTS.index(number) for number in batch.numbers])
        pairs = len(batch.first)
        return {
            "positions": tensor(batch.positions, torch.float32), "batch": tensor(batch.molecule_of_atom),
            "node_attrs": torch.nn.functional.one_hot(kinds, 4).to(torch.float32),
            "edge_index": torch.stack([tensor(batch.second), tensor(batch.first)]),
            "shifts": torch.zeros(pairs, 3), "unit_shifts": torch.zeros(pairs, 3),
            "cell": torch.zeros(3 * batch.molecules, 3),
            "ptr": torch.cat([torch.zeros(1, dtype=torch.int64), tensor(batch.sizes).cumsum(0)]),
        }

    def energy(self, inputs):
        return self.network(dict(inputs), training=True, compute_force=False)["energy"]

    def energy_and_forces(self, inputs, training):
        result = self.network(
            {**inputs, "positions": inputs["positions"].detach()}, training=training, compute_force=True)
        return result["energy"], result["forces"]


def make(model, radial_functions=20):
    """An untrained model with reproducible parameters."""
    torch.manual_seed(1)
    if model in ("schnet", "painn"):
        return SchNetPack(model, radial_functions)
    return {"ani2x": TorchANI, "tensornet": TensorNet, "mace": MACE}[model]()
