"""Makes Tests/Fixtures/Golden/activations.json: PyTorch's activation functions with two derivatives in float64.

    pip install -r Tools/requirements.txt
    python Tools/make_activation_golden.py

Points are on both sides of zero, at zero, and where functions are all but flat. Derivatives are PyTorch's own. Arguments
of CELU have few bits, since PyTorch rounds them to float32 in derivatives.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

OUTPUT = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "Golden" / "activations.json"
POINTS = [-12.0, -7.5, -4.25, -3.0, -2.0, -1.5, -1.0, -0.75, -0.5, -0.25, -0.0625, -0.0009765625]
POINTS += [0.0] + [-x for x in reversed(POINTS)]
# The name here, the argument, the function.
FUNCTIONS = [
    ("SiLU", None, F.silu),
    ("Tanh", None, torch.tanh),
    ("Sigmoid", None, torch.sigmoid),
    ("GeLU", None, F.gelu),
    ("ReLU", None, F.relu),
    ("LeakyReLU", None, F.leaky_relu),
    ("LeakyReLU", 0.3, lambda x: F.leaky_relu(x, 0.3)),
    ("ELU", None, F.elu),
    ("ELU", 1.75, lambda x: F.elu(x, 1.75)),
    ("CeLU", None, F.celu),
    ("CeLU", 0.375, lambda x: F.celu(x, 0.375)),
    ("CeLU", 2.5, lambda x: F.celu(x, 2.5)),
]


def derivatives(function):
    """Value, first and second derivative at all points; none where a function has no derivative left to take."""
    x = torch.tensor(POINTS, dtype=torch.float64, requires_grad=True)
    orders = [function(x)]
    for _ in range(2):
        last = orders[-1]
        grad = torch.autograd.grad(last.sum(), x, create_graph=True, allow_unused=True)[0] if last.requires_grad else None
        orders.append(torch.zeros_like(x) if grad is None else grad)
    return {key: order.tolist() for key, order in zip(("value", "first", "second"), orders)}


if __name__ == "__main__":
    functions = [{"name": n, **({} if a is None else {"argument": a}), **derivatives(f)} for n, a, f in FUNCTIONS]
    result = {"source": f"torch {torch.__version__.split('+')[0]}, float64", "made_by": "Tools/make_activation_golden.py"}
    result |= {"x": POINTS, "functions": functions}
    OUTPUT.write_text(json.dumps(result, indent=1) + "\n")
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size} bytes")
