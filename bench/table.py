"""Tables of what was measured."""

import math
import platform


def machine():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            for line in info:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def time_text(seconds):
    if math.isnan(seconds):
        return "-"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def ratio_text(value):
    return "-" if math.isnan(value) else f"{value:.2f}"


def of_hand(results):
    for result in results:
        if result["side"] == "hand":
            return result["seconds"]["derivative"]
    return math.nan


def rows(workload, results):
    hand = of_hand(results)
    for result in results:
        value, derivative = result["seconds"]["value"], result["seconds"]["derivative"]
        goal = f"{workload.goal:g}" if workload.goal and result["side"] == "gradc" else ""
        yield [workload.title, result["side"], time_text(derivative / workload.count), workload.unit,
               ratio_text(derivative / hand), goal, ratio_text(derivative / value), f"{100 * result['spread']:.0f}%",
               time_text(result["preparation"])]


HEADER = ["workload", "side", "time", "per", "of hand", "goal", "of its value", "spread", "preparation"]


def markdown(measured):
    lines = [f"{machine()}; medians, one core", "", "| " + " | ".join(HEADER) + " |", "|" + " --- |" * len(HEADER)]
    for workload, results in measured:
        lines += ["| " + " | ".join(row) + " |" for row in rows(workload, results)]
    return "\n".join(lines)


def without_nan(value):
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value


def as_json(measured):
    return {"machine": machine(),
            "workloads": [{"title": w.title, "model": w.model, "kind": w.kind, "sizes": w.sizes, "unit": w.unit,
                           "count": w.count, "goal": w.goal,
                           "results": [without_nan(result) for result in results]} for w, results in measured]}
