"""Times one peer on one workload and prints a line of JSON; `Benchmarks/run` starts it in the peers' environment.

A training step is: gradients to zero, energies (and forces), loss, gradients by all parameters, Adam. A call is
energies and forces of one batch without gradients by parameters.
"""

import argparse
import json
import statistics
import time
import warnings

warnings.filterwarnings("ignore")

import torch  # noqa: E402  (warnings of imports are silenced above)

import adapters  # noqa: E402
from geometry import Batch  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--mode", required=True, choices=["energy", "forces", "inference"])
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--radial-functions", type=int, default=20)
    parser.add_argument("--compile", action="store_true")
    return parser.parse_args()


def step_of(peer, inputs, batch, mode):
    """What is timed, without arguments."""
    parameters = [parameter for parameter in peer.module.parameters() if parameter.requires_grad]
    if mode == "inference":
        for parameter in parameters:
            parameter.requires_grad_(False)
        peer.module.eval()
        return lambda: peer.energy_and_forces(inputs, training=False)

    peer.module.train()
    # The rate is small so that random labels do not drive the parameters to infinity.
    optimizer = torch.optim.Adam(parameters, lr=1e-5)
    energies = torch.as_tensor(batch.energies, dtype=torch.float32)
    forces = torch.as_tensor(batch.forces, dtype=torch.float32)

    def step():
        optimizer.zero_grad()
        if mode == "energy":
            loss = (peer.energy(inputs) - energies).square().mean()
        else:
            energy, force = peer.energy_and_forces(inputs, training=True)
            loss = 0.01 * (energy - energies).square().mean() + 0.99 * (force - forces).square().mean()
        loss.backward()
        optimizer.step()

    return step


def timed(step, seconds):
    """Seconds of each step, for at least `seconds` and five steps, after the same share of warm-up."""
    begin = time.perf_counter()
    count = 0
    while count < 3 or time.perf_counter() - begin < seconds / 4:
        step()
        count += 1
    times = []
    begin = time.perf_counter()
    while len(times) < 5 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return times


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    batch = Batch(options.data, adapters.CUTOFF)
    peer = adapters.make(options.model, options.radial_functions)
    inputs = peer.prepare(batch)
    if options.compile:
        peer.network = torch.compile(peer.network)
    times = timed(step_of(peer, inputs, batch, options.mode), options.seconds)
    print(json.dumps({
        "median": statistics.median(times), "minimum": min(times), "maximum": max(times), "steps": len(times),
        "molecules": batch.molecules, "atoms": len(batch.numbers), "pairs": len(batch.first) // 2,
        "parameters": sum(parameter.numel() for parameter in peer.module.parameters()),
    }))


main()
