"""Python calls a model through ctypes: value and gradient from a shared library, without gradc.

    gradc emit --lang shared examples/rosenbrock.grad -o libmodel.so
    python3 call_ctypes.py ./libmodel.so
"""

import ctypes
import sys

model = ctypes.CDLL(sys.argv[1])
model.model_gradient.restype = ctypes.c_double
model.model_dimension.restype = model.model_workspace.restype = ctypes.c_size_t
n = model.model_dimension()
Point = ctypes.c_double * n  # an array of so many doubles
workspace = (ctypes.c_double * (model.model_workspace() + 1))()


def gradient(point):
    """Value and gradient at a list of numbers."""
    result = Point()
    value = model.model_gradient(Point(*point), result, workspace)
    return value, list(result)


point = [0.0] * n
for _ in range(20000):
    value, slope = gradient(point)
    point = [x - 0.001 * s for x, s in zip(point, slope)]
print(f"ctypes: {n} unknowns, value {value:.3f}, first {point[0]:.4f}")
