"""Makes Tests/Fixtures/Golden/optimizers.json: PyTorch's AdamW, ReduceLROnPlateau and clip_grad_norm_ in float64.

    pip install -r Tools/requirements.txt
    python Tools/make_optimizer_golden.py

Every input is in the file beside its result: gradients and the parameters after each step, metrics and the learning
rate after each of them, gradients before and after clipping.
"""

import json
from pathlib import Path

import numpy as np
import torch

OUTPUT = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "Golden" / "optimizers.json"
SEED = 11


def adamw(steps=20):
    """Seven parameters whose gradients span twelve orders of magnitude; one is always zero, one at first."""
    rng = np.random.default_rng(SEED)
    initial = [1.0, -2.0, 0.5, 0.0, -0.25, 3.0, 100.0]
    gradients = rng.normal(size=(steps, 7)) * [1.0, 1e-3, 1e-9, 1e3, 0.1, 1.0, 10.0]
    gradients[:, 5] = gradients[:5, 4] = 0.0
    options = dict(lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2)
    parameter = torch.tensor(initial, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.AdamW([parameter], **options)
    parameters = []
    for gradient in gradients:
        parameter.grad = torch.from_numpy(gradient.copy())
        optimizer.step()
        parameters.append(parameter.tolist())
    return {**options, "initial": initial, "gradients": gradients.tolist(), "parameters": parameters}


def plateau(metrics, mode="min", **options):
    """The learning rate after each metric, starting from 0.1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode=mode, **options)
    rates = []
    for metric in metrics:
        scheduler.step(metric)
        rates.append(optimizer.param_groups[0]["lr"])
    return {"mode": mode, "initial_lr": 0.1, **options, "metrics": metrics, "learning_rates": rates}


def plateaus():
    rng = np.random.default_rng(SEED)
    # Falls, stalls, falls by exactly 1/8 (no improvement where that is the absolute threshold), rises, and stalls.
    stalling = [2.0, 1.5, 1.25, 1.25, 1.25, 1.125, 1.0, 1.0, 0.999, 0.9985, 0.75, 0.625, 0.5, 0.75, 1.0]
    stalling += [0.5] * 8 + [0.375] + [0.375] * 6 + [0.125] + [0.25] * 9
    noisy = np.round(2.0 * np.exp(-np.arange(40) / 5) + 0.1 * np.abs(rng.normal(size=40)), 6).tolist()
    arguments = [
        dict(factor=0.5, patience=2, threshold=1e-2, threshold_mode="rel", cooldown=0, min_lr=0.0, eps=1e-8),
        dict(factor=0.1, patience=0, threshold=1e-4, threshold_mode="rel", cooldown=2, min_lr=1e-4, eps=1e-8),
        dict(factor=0.5, patience=1, threshold=0.125, threshold_mode="abs", cooldown=0, min_lr=5e-3, eps=1e-8),
        dict(factor=0.8, patience=1, threshold=0.0, threshold_mode="abs", cooldown=1, min_lr=0.0, eps=1e-2),
    ]
    cases = [plateau(metrics, **options) for metrics in (stalling, noisy) for options in arguments]
    # What must rise: the same upside down, but positive, since relative thresholds are of the best value.
    rising = [[4.0 - metric for metric in metrics] for metrics in (stalling, noisy)]
    return cases + [plateau(metrics, "max", **options) for metrics in rising for options in arguments]


def clipping():
    """Two gradients of joint norm 13 under two limits. PyTorch multiplies by min(1, limit / (norm + 1e-6))."""
    cases = []
    for limit in (6.5, 20.0):
        tensors = [torch.zeros(2, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)]
        gradients = [[3.0, -4.0], [12.0]]
        for tensor, gradient in zip(tensors, gradients):
            tensor.grad = torch.tensor(gradient, dtype=torch.float64)
        norm = torch.nn.utils.clip_grad_norm_(tensors, limit)
        clipped = [tensor.grad.tolist() for tensor in tensors]
        cases.append({"max_norm": limit, "gradients": gradients, "norm": float(norm), "clipped": clipped})
    return cases


if __name__ == "__main__":
    source = f"torch {torch.__version__.split('+')[0]}, float64"
    result = {"source": source, "made_by": "Tools/make_optimizer_golden.py", "adamw": adamw()}
    result |= {"reduce_lr_on_plateau": plateaus(), "clip_grad_norm": clipping()}
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(result, indent=2) + "\n")
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size} bytes")
