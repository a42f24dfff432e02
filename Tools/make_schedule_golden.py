"""Makes Tests/Fixtures/Golden/schedules.json: PyTorch's optimisers and learning rate schedules in float64.

    pip install -r Tools/requirements.txt
    python Tools/make_schedule_golden.py

Every input is in the file beside its result: arguments, the learning rate (and momentum, where it is cycled) of every
step from the first on, gradients and the parameters after each step, gradients before and after clipping.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import torch
from torch.optim import lr_scheduler

OUTPUT = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "Golden" / "schedules.json"
SEED = 12


def sgd(rate):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate, momentum=0.9)


def follow(optimizer, scheduler, steps):
    """Learning rate and momentum of each of the steps."""
    rates, momenta = [], []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        momenta.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        scheduler.step()
    return rates, momenta


def schedule(name, steps, rate=0.1, warmup=None, **options):
    """The sequence of one schedule, after a linear warm-up if one is asked for."""
    optimizer = sgd(rate)
    if warmup is None:
        scheduler = getattr(lr_scheduler, name)(optimizer, **options)
    else:
        before = lr_scheduler.LinearLR(optimizer, end_factor=1.0, **warmup)
        after = getattr(lr_scheduler, name)(optimizer, **options)
        scheduler = lr_scheduler.SequentialLR(optimizer, [before, after], milestones=[warmup["total_iters"]])
    rates, momenta = follow(optimizer, scheduler, steps)
    result = {"name": name, "lr": rate, "options": options, "rates": rates}
    if warmup is not None:
        result["warmup"] = warmup
    if options.get("cycle_momentum"):
        result["momenta"] = momenta
    return result


def schedules():
    short = dict(start_factor=0.25, total_iters=4)
    cycled = dict(cycle_momentum=True, base_momentum=0.85, max_momentum=0.95)
    return [
        schedule("CosineAnnealingLR", 25, T_max=10, eta_min=0.0),
        schedule("CosineAnnealingLR", 12, T_max=7, eta_min=1e-3),
        schedule("CosineAnnealingLR", 16, warmup=short, T_max=12, eta_min=1e-3),
        schedule("CosineAnnealingWarmRestarts", 23, T_0=5, T_mult=1, eta_min=1e-3),
        schedule("CosineAnnealingWarmRestarts", 40, T_0=3, T_mult=2, eta_min=0.0),
        schedule("CosineAnnealingWarmRestarts", 20, warmup=short, T_0=4, T_mult=3, eta_min=0.0),
        schedule("OneCycleLR", 30, max_lr=0.2, total_steps=30, pct_start=0.3, anneal_strategy="cos", div_factor=25.0,
                 final_div_factor=1e4, three_phase=False, **cycled),
        schedule("OneCycleLR", 17, max_lr=0.1, total_steps=17, pct_start=0.25, anneal_strategy="linear", div_factor=10.0,
                 final_div_factor=100.0, three_phase=False, **cycled),
        schedule("OneCycleLR", 24, max_lr=0.1, total_steps=24, pct_start=0.4, anneal_strategy="cos", div_factor=4.0,
                 final_div_factor=50.0, three_phase=True, cycle_momentum=True, base_momentum=0.8, max_momentum=0.9),
        schedule("OneCycleLR", 16, warmup=short, max_lr=0.2, total_steps=12, pct_start=0.3, anneal_strategy="cos",
                 div_factor=25.0, final_div_factor=1e4, three_phase=False, cycle_momentum=False),
        schedule("CyclicLR", 40, base_lr=0.01, max_lr=0.2, step_size_up=5, step_size_down=8, mode="triangular", gamma=1.0,
                 cycle_momentum=True, base_momentum=0.8, max_momentum=0.9),
        schedule("CyclicLR", 40, base_lr=0.01, max_lr=0.2, step_size_up=6, step_size_down=6, mode="triangular2",
                 gamma=1.0, cycle_momentum=True, base_momentum=0.8, max_momentum=0.9),
        schedule("CyclicLR", 40, base_lr=0.01, max_lr=0.2, step_size_up=7, step_size_down=3, mode="exp_range",
                 gamma=0.95, cycle_momentum=True, base_momentum=0.8, max_momentum=0.9),
        schedule("ExponentialLR", 20, gamma=0.9),
        schedule("ExponentialLR", 12, warmup=dict(start_factor=1 / 3, total_iters=5), gamma=0.5),
    ]


def optimized(name, initial, gradients, **options):
    """The parameters after each step."""
    parameter = torch.tensor(initial, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([parameter], **options)
    parameters = []
    for gradient in gradients:
        parameter.grad = torch.from_numpy(gradient.copy())
        optimizer.step()
        parameters.append(parameter.tolist())
    return {"name": name, "options": options, "parameters": parameters}


def optimizers(steps=12):
    """Gradients shrink, so that the largest second moment is not the present one; one is always zero."""
    rng = np.random.default_rng(SEED)
    initial = [1.0, -2.0, 0.5, 0.0, 100.0]
    gradients = rng.normal(size=(steps, 5)) * [1.0, 1e-3, 1e2, 0.1, 10.0] * 0.7 ** np.arange(steps)[:, None]
    gradients[:, 3] = 0.0
    adam = dict(lr=1e-2, betas=(0.9, 0.9), eps=1e-8, weight_decay=1e-2)
    descent = dict(lr=1e-2, weight_decay=1e-2)
    runs = [
        optimized("AdamW", initial, gradients, **adam, amsgrad=True),
        optimized("Adam", initial, gradients, **adam, amsgrad=False),
        optimized("Adam", initial, gradients, **adam, amsgrad=True),
        optimized("SGD", initial, gradients, **descent, momentum=0.0, nesterov=False),
        optimized("SGD", initial, gradients, **descent, momentum=0.9, nesterov=False),
        optimized("SGD", initial, gradients, **descent, momentum=0.8, nesterov=True),
    ]
    return {"initial": initial, "gradients": gradients.tolist(), "runs": runs}


def averaging(epochs=12, first=4, rate=0.1):
    """Rates and averages from the end of epoch `first` on, in the way of PyTorch's example of AveragedModel and SWALR."""
    rng = np.random.default_rng(SEED)
    initial, gradients = rng.normal(size=3), rng.normal(size=(epochs, 3))
    runs = []
    for annealing, strategy in [(5, "cos"), (4, "linear"), (0, "cos")]:
        module = torch.nn.Module()
        module.w = torch.nn.Parameter(torch.from_numpy(initial.copy()))
        optimizer = torch.optim.SGD([module.w], lr=rate)
        before = lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
        average, rates, averages = torch.optim.swa_utils.AveragedModel(module), [], []
        after = None
        for epoch in range(1, epochs + 1):
            rates.append(optimizer.param_groups[0]["lr"])
            module.w.grad = torch.from_numpy(gradients[epoch - 1].copy())
            optimizer.step()
            if epoch >= first:
                average.update_parameters(module)
                after = after or torch.optim.swa_utils.SWALR(
                    optimizer, swa_lr=0.02, anneal_epochs=annealing, anneal_strategy=strategy)
                after.step()
                averages.append(average.module.w.tolist())
            else:
                before.step()
        runs.append({"annealing": annealing, "strategy": strategy, "rates": rates, "averages": averages})
    return {"initial": initial.tolist(), "gradients": gradients.tolist(), "first": first, "lr": rate, "swa_lr": 0.02,
            "gamma": 0.9, "runs": runs}


def clipping():
    parameter = torch.zeros(5, dtype=torch.float64)
    gradient = [0.5, -3.0, 2.0, -0.125, 1.5]
    parameter.grad = torch.tensor(gradient, dtype=torch.float64)
    torch.nn.utils.clip_grad_value_([parameter], 1.5)
    return {"clip_value": 1.5, "gradient": gradient, "clipped": parameter.grad.tolist()}


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # SequentialLR warns of its own use of epochs
    source = f"torch {torch.__version__.split('+')[0]}, float64"
    result = {"source": source, "made_by": "Tools/make_schedule_golden.py", "schedules": schedules()}
    result |= {"optimizers": optimizers(), "clip_grad_value": clipping(), "averaging": averaging()}
    OUTPUT.write_text(json.dumps(result, indent=1) + "\n")
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size} bytes")
